import { type Cancel, type Machine, thisMachine } from './machine';

/** Resolves when the promise has settled, or after `timeoutMs`, whichever is first. */
export async function settledWithin(
  timeoutMs: number,
  promise: Promise<void>,
  { timers }: Pick<Machine, 'timers'> = thisMachine,
): Promise<void> {
  let cancel: Cancel = () => {};
  const timeout = new Promise<void>((resolve) => {
    cancel = timers.after(timeoutMs, resolve);
  });
  await Promise.race([promise, timeout]);
  cancel();
}
