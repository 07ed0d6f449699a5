/** How a long-running command ends: by a signal, cleanly, or by its own failure. */
import { constants } from 'node:os';
import type { ProcessLimits } from '../config/limits';
import { EXIT, ExitError } from '../lib/exit';

const MIB = 1024 * 1024;
/** How much of the clients that went is still counted at the next look: half of them after three minutes. */
const STILL_COUNTED = 0.999;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What runs until it is told to stop. */
export interface Running {
  /** Resolves with what ended it, when it was not `close`. */
  readonly failed: Promise<ExitError>;
  /** How many clients have a connection each: ZeroMQ's queues and buffers take memory for every one. */
  readonly clients?: () => number;
  close(): Promise<void>;
}

/**
 * Waits for a signal or a failure; a second signal while closing is not waited for. One that takes more memory than it
 * may is not closed: what it still wanted to say may be what it cannot hold.
 * @returns the exit status: 128 + the signal's number
 * @throws ExitError the failure
 */
export async function untilSignal(running: Running, limits: ProcessLimits): Promise<number> {
  const signal = new Promise<(typeof SIGNALS)[number]>((resolve) => {
    for (const name of SIGNALS) process.once(name, () => resolve(name));
  });
  const ending = await Promise.race([signal, running.failed, tooMuchMemory(limits, running.clients)]);
  if (typeof ending !== 'string') throw ending;
  await running.close();
  return 128 + constants.signals[ending];
}

/** Resolves when this process takes more memory than it may, outside of JavaScript's. */
function tooMuchMemory(
  { nativeBytes, clientBytes, memoryCheckMs }: ProcessLimits,
  clients: () => number = () => 0,
): Promise<ExitError> {
  return new Promise((resolve) => {
    // What the connections of clients took that went is given back late, if at all: they are still counted for a while.
    let counted = 0;
    setInterval(() => {
      counted = Math.max(clients(), counted * STILL_COUNTED);
      const native = nativeMemory();
      if (native <= nativeBytes + clientBytes * counted) return;
      const megabytes = Math.round(native / MIB);
      const words = `ZeroMQ takes ${megabytes} MiB, more than anybody can mean: it ends, to be started again`;
      resolve(new ExitError(EXIT.memory, words));
    }, memoryCheckMs).unref();
  });
}

/** Bytes; 0 when they cannot be seen now, as connections have all the files that this process may open. */
function nativeMemory(): number {
  try {
    const { rss, heapTotal, external } = process.memoryUsage();
    return rss - heapTotal - external;
  } catch {
    return 0;
  }
}
