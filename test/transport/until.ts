/** Waiting for what a test expects: on a condition, never on a fixed time. */
import { createServer } from 'node:net';

/** Generous: a test that waits this long has failed. */
const PATIENCE_MS = 20_000;

/** Resolves once the condition holds. @throws Error when it never does */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** An address on this host that nobody has bound. */
export function freeAddress(): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === 'object') resolve(`tcp://127.0.0.1:${address.port}`);
        else reject(new Error('no address'));
      });
    });
  });
}

export const bytes = (text: string): Uint8Array => Buffer.from(text);
export const text = (frame: Uint8Array | undefined): string => Buffer.from(frame ?? []).toString();
