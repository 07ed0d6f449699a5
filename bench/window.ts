/**
 * `npm run bench:window`: types on a window while far more is said than anybody reads, and prints how long a key press
 * waits, how often it draws, and what it keeps in memory.
 */
import path from 'node:path';
import { spawn } from '@lydell/node-pty';
import { Command } from 'commander';
import { endWith, progress } from './command';
import { type PhaseReport, SignalReader } from './window/signals';
import { FIRST_SIZE, Typist } from './window/typist';

const PROGRAM = path.join(__dirname, 'window', 'program.ts');
/** A key press that waits longer is felt. */
const TARGET_MS = 50;
/** What a draw ends with. */
const DRAWN = '\u001b[?25h';

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
  const rows: Row[] = [];
  if (!flags.json) process.stdout.write(HEAD);
  await measure((row) => {
    rows.push(row);
    process.stdout.write(`${flags.json ? JSON.stringify(row) : showRow(row)}\n`);
  });
  const longest = Math.max(...rows.map(({ longestGapMs }) => longestGapMs));
  if (!flags.json) process.stdout.write(`longest gap of all: ${longest} ms (wanted: under ${TARGET_MS})\n`);
}

function measure(onRow: (row: Row) => void): Promise<void> {
  const pty = spawn(
    process.execPath,
    ['--expose-gc', '-r', 'ts-node/register/transpile-only', PROGRAM, String(flags.seconds), String(flags.rate)],
    { ...FIRST_SIZE, env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' } },
  );
  const typist = new Typist(pty);
  const signals = new SignalReader();
  let draws = 0;
  let startedAt = 0;
  let ended = false;
  const tail: string[] = [];
  pty.onData((piece) => {
    draws += piece.split(DRAWN).length - 1;
    tail.push(piece);
    if (tail.length > 20) tail.shift();
    for (const signal of signals.read(piece)) {
      if (signal.type === 'phase') {
        progress(signal.phase);
        [draws, startedAt] = [0, performance.now()];
        typist.start(signal.typing);
      } else if (signal.type === 'report') {
        typist.stop();
        progress('');
        const drawsPerSec = Math.round((draws * 1000) / (performance.now() - startedAt));
        onRow({ ...signal.report, drawsPerSec, longestTypedMs: Number(typist.longestMs.toFixed(1)) });
      } else ended = true;
    }
  });
  return new Promise((resolve, reject) => {
    pty.onExit(({ exitCode }) => {
      typist.stop();
      if (ended) resolve();
      else reject(new Error(`the window ended with ${exitCode}: ${tail.join('').slice(-500)}`));
    });
  });
}

function showRow(row: Row): string {
  return COLUMNS_OF_ROW.map(([name, width]) => String(row[name]).padStart(width)).join('');
}
