/** Nothing grows without a bound: what waits in the queues of a server, and how much may at most. */
import { invariant } from '../../src/lib/assert';
import type { Opened, Watched } from './checks';
import { Violation } from './trace';

interface Bound {
  readonly what: string;
  readonly value: number;
  readonly most: number;
}

/** @returns how many bounds were looked at */
export function checkBounds({ id, core, shell }: Watched): number {
  const { parts, reads } = core as unknown as Opened;
  const { limits } = parts.options;
  const { pendingBytesOfAll, historyWriteBytes, waitingBytes, readings } = limits.server;
  const pending = parts.pending as unknown as { readonly bytesOfAll: number };
  const bounds: readonly Bound[] = [
    { what: 'bytes of commands that wait', value: pending.bytesOfAll, most: pendingBytesOfAll },
    {
      what: 'characters of what happened that wait',
      value: parts.history.waiting,
      // A window of rounds may be committed at once.
      most: historyWriteBytes + limits.paxos.windowRounds * limits.paxos.batchBytes,
    },
    // One that was found to be stuck is about to end.
    {
      what: 'bytes that wait for the disk',
      value: shell.commit.failed ? 0 : shell.commit.bytes - shell.commit.largest,
      most: waitingBytes,
    },
    { what: 'readings', value: reads.running + reads.waiting.length, most: readings },
  ];
  for (const { what, value, most } of bounds) {
    // What is looked into here may have got another name.
    invariant(Number.isFinite(value), `there are no ${what} to look at`);
    if (value > most) throw new Violation('bounded', `server ${id} has ${value} ${what}, at most ${most}`);
  }
  return bounds.length;
}
