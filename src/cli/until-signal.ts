/** How a long-running command ends: by a signal, cleanly, or by its own failure. */
import { constants } from 'node:os';
import type { ExitError } from '../lib/exit';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What runs until it is told to stop. */
export interface Running {
  /** Resolves with what ended it, when it was not `close`. */
  readonly failed: Promise<ExitError>;
  close(): Promise<void>;
}

/**
 * Waits for a signal or a failure; a second signal while closing is not waited for.
 * @returns the exit status: 128 + the signal's number
 * @throws ExitError the failure
 */
export async function untilSignal(running: Running): Promise<number> {
  const signal = new Promise<(typeof SIGNALS)[number]>((resolve) => {
    for (const name of SIGNALS) process.once(name, () => resolve(name));
  });
  const ending = await Promise.race([signal, running.failed]);
  if (typeof ending !== 'string') throw ending;
  await running.close();
  return 128 + constants.signals[ending];
}
