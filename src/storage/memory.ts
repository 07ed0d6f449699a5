/** Storage that keeps nothing: as fast as memory is. A server that uses it comes back without its memory. */
import { invariant } from '../lib/assert';
import type { DurableWrite, HardState, StoredState } from '../paxos/effects';
import type { AcceptedValue } from '../paxos/messages';
import type { Storage } from './storage';

/** Holds what is written as long as the object lives, so that it can be read again; a new one is empty. */
export class MemoryStorage implements Storage {
  private state: HardState | undefined;
  private readonly accepted = new Map<number, AcceptedValue>();

  /** @param keepsValues false in a server, which has every value in its log already and never reads it here again */
  constructor(private readonly keepsValues = true) {}

  async load(): Promise<StoredState | undefined> {
    if (!this.state) return undefined;
    return { state: this.state, accepted: [...this.accepted.values()].sort((a, b) => a.round - b.round) };
  }

  async write(writes: readonly DurableWrite[]): Promise<void> {
    for (const { state, accepted } of writes) {
      this.state = state ?? this.state;
      if (!this.keepsValues) continue;
      for (const value of accepted ?? []) this.accepted.set(value.round, value);
    }
    invariant(this.state, 'nothing is accepted before there is a state');
  }

  async close(): Promise<void> {}
}
