/**
 * `npm run bench:window`: types on a window while far more is said in its room than anybody reads, and prints how long a
 * key press waits, how often it draws, and what it keeps in memory. Cluster, clients and window are real.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from '@lydell/node-pty';
import { Command } from 'commander';
import { MAX_LINES_SCROLLED } from '../src/client/window/room-lines';
import { BenchCluster } from './cluster';
import { endWith, progress } from './command';
import { Load } from './load';
import { Pacer } from './pacer';
import { type PhaseReport, SignalReader } from './window/signals';
import { FIRST_SIZE, Typist } from './window/typist';

const PROGRAM = path.join(__dirname, 'window', 'program.ts');
/** A key press that waits longer is felt. */
const TARGET_MS = 50;
/** What a draw ends with. */
const DRAWN = '\u001b[?25h';
/** As much of the past as a window keeps, and as much again, is said before. */
const EARLIER = 2 * MAX_LINES_SCROLLED;
const FILL_WINDOW = 256;
const LOOK_MS = 20;
/** Both hear all that is said in the room, as the window does. */
const POSTERS = 2;
const SIZE = 70;

interface Row extends PhaseReport {
  readonly drawsPerSec: number;
  /** Between two key presses as they were typed, milliseconds: no less can be seen between the handled ones. */
  readonly longestTypedMs: number;
}

const COLUMNS_OF_ROW = [
  ['phase', 16],
  ['messagesPerSec', 16],
  ['keys', 7],
  ['longestGapMs', 14],
  ['p99GapMs', 10],
  ['longestTypedMs', 16],
  ['drawsPerSec', 13],
  ['heapMb', 8],
  ['residentMb', 12],
] as const;
const HEAD = `${COLUMNS_OF_ROW.map(([name, width]) => name.padStart(width)).join('')}\n`;

const flags = new Command('bench:window')
  .description('Types on a chat window while messages pour in, and measures how long a key press waits.')
  .option('--seconds <n>', 'seconds of each phase', Number, 10)
  .option('--rate <n>', 'messages a second', Number, 5000)
  .option('--json', 'one JSON object a line')
  .parse()
  .opts<{ seconds: number; rate: number; json?: boolean }>();

endWith(run());

async function run(): Promise<void> {
  const cluster = await BenchCluster.start({ servers: 3, storage: 'disk' });
  try {
    const load = await Load.online(cluster.client, { clients: POSTERS, size: SIZE, rooms: 1, name: 'window' });
    await fill(load);
    await report(cluster, load);
    load.dispose();
  } finally {
    await cluster.stop();
  }
}

/** Says what is paged back to later. */
async function fill(load: Load): Promise<void> {
  progress('what is paged back to');
  load.start(FILL_WINDOW);
  while (load.posted < EARLIER) await sleep(LOOK_MS);
  await load.finish();
}

async function report(cluster: BenchCluster, load: Load): Promise<void> {
  const rows: Row[] = [];
  if (!flags.json) process.stdout.write(HEAD);
  await measure(cluster, load, (row) => {
    rows.push(row);
    process.stdout.write(`${flags.json ? JSON.stringify(row) : showRow(row)}\n`);
  });
  const longest = Math.max(...rows.map(({ longestGapMs }) => longestGapMs));
  if (!flags.json) process.stdout.write(`longest gap of all: ${longest} ms (wanted: under ${TARGET_MS})\n`);
}

function measure(cluster: BenchCluster, load: Load, onRow: (row: Row) => void): Promise<void> {
  const [room = ''] = load.told.rooms;
  const pty = spawn(
    process.execPath,
    ['--expose-gc', '-r', 'ts-node/register/transpile-only', PROGRAM, cluster.config.file, room, String(flags.seconds)],
    { ...FIRST_SIZE, env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' } },
  );
  const typist = new Typist(pty);
  const signals = new SignalReader();
  const drawn = { draws: 0, from: 0, perSec: 0 };
  let pacer: Pacer | undefined;
  let ended = false;
  const tail: string[] = [];
  const rest = () => {
    typist.stop();
    pacer?.stop();
  };
  pty.onData((piece) => {
    drawn.draws += piece.split(DRAWN).length - 1;
    tail.push(piece);
    if (tail.length > 20) tail.shift();
    for (const signal of signals.read(piece)) {
      switch (signal.type) {
        case 'phase':
          progress(signal.phase);
          [drawn.draws, drawn.from] = [0, performance.now()];
          typist.start(signal.typing);
          if (signal.typing !== 'back') pacer = new Pacer(load.posters, flags.rate);
          break;
        case 'rest':
          rest();
          drawn.perSec = Math.round((drawn.draws * 1000) / (performance.now() - drawn.from));
          load.reset();
          break;
        case 'report':
          progress('');
          onRow({
            ...signal.report,
            drawsPerSec: drawn.perSec,
            longestTypedMs: Number(typist.longestMs.toFixed(1)),
          });
          break;
        case 'end':
          ended = true;
      }
    }
  });
  return new Promise((resolve, reject) => {
    pty.onExit(({ exitCode }) => {
      rest();
      if (ended) resolve();
      else reject(new Error(`the window ended with ${exitCode}: ${tail.join('').slice(-500)}`));
    });
  });
}

function showRow(row: Row): string {
  return COLUMNS_OF_ROW.map(([name, width]) => String(row[name]).padStart(width)).join('');
}
