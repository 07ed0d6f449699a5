/** `synod demo`: a private cluster of three on this host, and a chat window on it, until the window is closed. */
import type { ChildProcess } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultLimits } from '../config/limits';
import { EXIT, ExitError } from '../lib/exit';
import { type ChatFlags, chat, wishesOf } from './chat';
import { makeDemoFolder, removeDeadDemos } from './demo-folder';
import { init } from './init';
import { spawnBound, synod } from './supervise';

/** Servers of the demo's cluster: any one of them may be killed. */
const SERVERS = 3;
/** The balancer's two addresses, and two of each server. */
const PORTS = 2 + 2 * SERVERS;
/** Below those that Linux gives to outgoing connections: one of the cluster's own could take a server's port. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
const PORT_TRIES = 50;

/** @returns the exit status of the chat */
export async function demo(flags: Omit<ChatFlags, 'config' | 'connect'>): Promise<number> {
  // It has a cluster and keys of its own.
  for (const variable of ['SYNOD_KEY', 'SYNOD_KEYS', 'SYNOD_CONFIG']) delete process.env[variable];
  // Before anything is started that a wrong flag would leave to be ended.
  wishesOf(flags, defaultLimits());
  await removeDeadDemos(tmpdir());
  const folder = await makeDemoFolder(tmpdir());
  const children: ChildProcess[] = [];
  try {
    await init({ servers: SERVERS, basePort: await freePorts(), out: folder });
    const config = path.join(folder, 'cluster.json');
    const log = await open(path.join(folder, 'cluster.log'), 'a');
    const run = (...args: string[]) =>
      children.push(spawnBound(synod(['supervise', '--', ...args, '--config', config]), log.fd));
    run('balancer');
    for (let id = 1; id <= SERVERS; id += 1) run('server', '--id', String(id));
    await log.close();
    return await chat({ ...flags, config }, { greeting: greetingOf(folder), isFleeting: true });
  } finally {
    await Promise.all(children.map(ended));
    await rm(folder, { recursive: true, force: true });
  }
}

/** Each command fits in a row of the window at 80 columns, so that it can be copied. */
export function greetingOf(folder: string): readonly string[] {
  return [
    `A cluster of three runs for this window, until it is closed. Its log: ${folder}/cluster.log`,
    'In another terminal, in this folder:',
    `npx synod chat -c ${folder}`,
    `npx synod status -c ${folder}`,
    'Then kill -9 the pid of a server, and go on talking.',
  ];
}

/** Ends a child and waits for it. */
function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

/** The first of as many free ports in a row as the demo needs. @throws ExitError when none are found */
async function freePorts(): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries += 1) {
    const first = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    const free = await Promise.all(Array.from({ length: PORTS }, (_, offset) => isFree(first + offset)));
    if (free.every(Boolean)) return first;
  }
  throw new ExitError(
    EXIT.system,
    `no ${PORTS} free ports in a row on 127.0.0.1 between ${FIRST_PORT} and ${LAST_PORT}`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
