/** One server of three that talks to nobody but the test, which answers for its peers and moves its clock and disk. */

import { gathered } from '../../src/chat/commands';
import { eventsOf } from '../../src/chat/event-runs';
import type { ChatEvent } from '../../src/chat/events';
import { OPEN_TO_ALL } from '../../src/chat/people';
import { ChatState } from '../../src/chat/state';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, limitsOf } from '../../src/config/limits';
import { seededRandom } from '../../src/lib/prng';
import type { PaxosMessage } from '../../src/paxos/messages';
import { ServerCore } from '../../src/server/core';
import type { ServerEffect } from '../../src/server/effects';
import type { ServerLimits } from '../../src/server/limits';
import { NOTHING_STORED, type StoredServer } from '../../src/server/stored';
import { decodeBatch, encodeBatch, encodeEntry, encodeGroup } from '../../src/wire/codec-batch';
import type { RestoreMessage } from '../../src/wire/peer';
import { chainUp } from '../history/events';
import { Store } from '../history/store';
import { personKey, sessionId } from '../people';
import { say } from './harness';

export const LIMITS = limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS);
export const BALLOT = { counter: 1, server: 2 };
const TIME = 1_700_000_000_000;

type Persist = Extract<ServerEffect, { readonly type: 'persist' }>;
type Asked = Extract<ServerEffect, { readonly type: 'ask' }>;

export const STATE = { promised: BALLOT, committed: 0, incarnation: 1, standing: 'voter', vector: [1, 1, 1] } as const;
/** A voter that has nothing yet. */
export const VOTER: StoredServer = { ...NOTHING_STORED, log: { state: STATE, first: 0, accepted: [] } };

/** The rounds in which somebody joins and says something, a line in each. */
export function roundsOf(lines: number, text = (seq: number) => `line ${seq}`): readonly Uint8Array[] {
  const session = sessionId(1);
  const open = {
    type: 'open',
    session,
    key: personKey(1),
    nick: 'alice',
    reclaim: false,
    server: 2,
    attachment: 'x',
    resume: false,
    position: 0,
  } as const;
  const entries = [encodeEntry({ type: 'birth', id: '0123456789abcdef' }), encodeEntry(open)];
  entries.push(
    encodeGroup({
      type: 'group',
      session,
      firstSeq: 1,
      settled: 0,
      commands: gathered([{ type: 'join', room: 'lobby' }]),
    }),
  );
  for (let seq = 2; seq <= lines + 1; seq += 1) {
    entries.push(
      encodeGroup({ type: 'group', session, firstSeq: seq, settled: 0, commands: gathered([say(text(seq))]) }),
    );
  }
  return entries.map((entry, at) => encodeBatch(TIME + at, [entry]));
}

/** The chat after these rounds, and what all of them bring about. */
export function played(rounds: readonly Uint8Array[]): { chat: ChatState; events: readonly ChatEvent[] } {
  const chat = new ChatState();
  const events = rounds.flatMap((value, round) => {
    if (value.length === 0) return [];
    const batch = decodeBatch(value);
    if ('bad' in batch) throw new Error(batch.bad);
    return eventsOf(chat.apply(round, batch).runs);
  });
  chainUp(events, chat.birth);
  return { chat, events };
}

export class SoloServer {
  nowMs = 1000;
  /** Whether writes wait. */
  held = false;
  readonly store = new Store();
  readonly asked: Asked[] = [];
  readonly writing: Persist[] = [];
  readonly written: Persist['write'][] = [];
  readonly logs: string[] = [];
  readonly core: ServerCore;

  constructor(options: { readonly stored?: StoredServer; readonly limits?: Partial<ServerLimits> } = {}) {
    const clock = { monotonicMs: () => this.nowMs, wallMs: () => TIME + this.nowMs };
    const limits = { ...LIMITS, server: { ...LIMITS.server, ...options.limits } };
    const randomBytes = (count: number) => new Uint8Array(count);
    const self = {
      randomBytes,
      balancerKey: () => '',
      access: OPEN_TO_ALL,
      id: 1,
      cluster: 'test',
      servers: [1, 2, 3],
      instance: '1',
      pid: 1,
    };
    this.core = new ServerCore({ ...self, clock, random: seededRandom(1), limits }, options.stored ?? VOTER);
    this.perform(this.core.start());
    this.perform(this.core.onLink(2, 'up'));
  }

  answer(message: PaxosMessage | RestoreMessage, from = 2): void {
    this.perform(this.core.onPeer(from, this.core.birth, message));
  }

  /** Rounds as a peer gives them that has all of them from `first` on. */
  values(rounds: readonly Uint8Array[], from: number, to: number, { first = 0, peer = 2 } = {}): void {
    const values = rounds.slice(from, to).map((value, at) => ({ round: from + at, ballot: BALLOT, value }));
    this.answer({ type: 'Values', from, values, committed: rounds.length, first }, peer);
  }

  pass(ms: number): void {
    for (const end = this.nowMs + ms; this.nowMs < end; this.nowMs += 10) this.perform(this.core.tick());
  }

  /** What waits is written. */
  release(): void {
    this.held = false;
    this.flush();
  }

  private perform(effects: readonly ServerEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'persist') this.writing.push(effect);
      if (effect.type === 'ask') this.asked.push(effect);
      if (effect.type === 'log') this.logs.push(effect.text);
      if (effect.type === 'stop') throw new Error(effect.reason);
    }
    this.flush();
  }

  private flush(): void {
    while (!this.held) {
      const next = this.writing.shift();
      if (!next) return;
      this.written.push(next.write);
      this.store.put([...(next.write.puts ?? []), ...(next.write.bulk ?? [])]);
      this.store.remove(next.write.deletes ?? []);
      this.perform(this.core.onDurable(next.then));
    }
  }
}
