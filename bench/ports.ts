/** Ports for a cluster of a test's or a benchmark's own. */
import { createServer } from 'node:net';

/** Below those that outgoing connections get: one of them could take a server's port before the server does. */
const FIRST = 20_000;
const SPAN = 12_000;

/** The first of `count` free ports in a row on the loopback address. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = FIRST + Math.floor(Math.random() * SPAN);
    const free = await Promise.all(Array.from({ length: count }, (_, offset) => isFree(first + offset)));
    if (free.every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
