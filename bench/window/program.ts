/**
 * The window that is measured: the real one, on a real client of a real cluster. It runs on a terminal, and tells in
 * signals what is to be typed and said, and what it saw.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { statusKeys } from '../../src/cli/security';
import type { ClientEvent } from '../../src/client/events';
import type { Client } from '../../src/client/shell';
import { showWindow } from '../../src/client/ui/window';
import { MAX_LINES_SCROLLED } from '../../src/client/window/room-lines';
import { loadConfig } from '../../src/config/load';
import { seededRandom } from '../../src/lib/prng';
import { createZeroMqTransport } from '../../src/transport/zeromq';
import { clientsOf } from '../client';
import { quantile } from '../figures';
import { residentMbOf } from '../memory';
import { newSigner } from '../signer';
import { encodeSignal, type Signal, type Typing } from './signals';

const [file = '', room = '', seconds = '10'] = process.argv.slice(2);
const LOOK_MS = 5;
/** After each phase: what is on its way arrives. */
const SETTLE_MS = 500;
/** Earlier lines that are asked for on joining, as `synod chat` does. */
const HISTORY = 100;

/** What came to the window so far. */
const seen = { messages: 0, earlierLines: 0, isOnline: false };
const handled: number[] = [];

function watch(event: ClientEvent): void {
  if (event.type === 'message') seen.messages += 1;
  if (event.type === 'history') seen.earlierLines += event.lines.length;
  if (event.type === 'status') seen.isOnline = event.state === 'online';
}

async function run(): Promise<void> {
  const config = loadConfig(file);
  const { security } = statusKeys(config, {}, () => {});
  const transport = createZeroMqTransport({ limits: config.limits.transport, random: seededRandom(2), security });
  let client: Client | undefined;
  const shown = showWindow({
    nick: 'alice',
    room,
    greeting: [],
    wallMs: () => Date.now(),
    prefer: (preferences) => preferences,
    keepDrafts: () => '',
    logsIn: (logs) => logs,
    connect: (onEvent, ready) => {
      const newClient = clientsOf(config, transport, newSigner, { trusting: false, history: HISTORY, ready });
      client = newClient('alice', (event) => {
        watch(event);
        onEvent(event);
      });
      return client;
    },
  });
  // After the window's own listener: by then it has handled what was typed.
  process.stdin.on('data', () => handled.push(performance.now()));
  while (!seen.isOnline) await sleep(LOOK_MS);
  await sleep(SETTLE_MS);
  await phase('open room', 'lines', forSeconds);
  await phase('as long again', 'lines', forSeconds);
  await phase('paging back', 'back', untilBack);
  await phase('scrolled back', 'pages', forSeconds);
  await phase('resizes', 'resizes', forSeconds);
  tell({ type: 'end' });
  client?.close();
  process.exitCode = await shown;
  await transport.close();
}

async function phase(name: string, typing: Typing, until: () => Promise<unknown>): Promise<void> {
  tell({ type: 'phase', phase: name, typing });
  const startedAt = performance.now();
  const { messages } = seen;
  handled.length = 0;
  await until();
  const elapsed = (performance.now() - startedAt) / 1000;
  const messagesPerSec = Math.round((seen.messages - messages) / elapsed);
  const gaps = handled.slice(1).map((at, key) => at - (handled[key] as number));
  const keys = handled.length;
  const sorted = gaps.sort((a, b) => a - b);
  tell({ type: 'rest' });
  await sleep(SETTLE_MS);
  global.gc?.();
  tell({
    type: 'report',
    report: {
      phase: name,
      messagesPerSec,
      keys,
      longestGapMs: rounded(quantile(sorted, 1)),
      p99GapMs: rounded(quantile(sorted, 0.99)),
      earlierLines: seen.earlierLines,
      heapMb: rounded(process.memoryUsage().heapUsed / 1e6),
      residentMb: rounded(residentMbOf(process.pid)),
    },
  });
}

function forSeconds(): Promise<unknown> {
  return sleep(Number(seconds) * 1000);
}

/** As many lines are there as a window keeps. */
async function untilBack(): Promise<void> {
  while (seen.earlierLines < MAX_LINES_SCROLLED) await sleep(LOOK_MS);
}

function tell(signal: Signal): void {
  process.stdout.write(encodeSignal(signal));
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}

void run();
