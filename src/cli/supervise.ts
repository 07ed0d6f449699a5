/**
 * `synod supervise -- …`: the respawning parent. Under foreman the end of any process is the end of all; so each entry
 * of the Procfile runs under one of these, and a server that is killed comes back while the others go on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { EXIT } from '../lib/exit';

/** The first pause before a restart, milliseconds; it doubles up to the last. */
const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 5000;
/** A child that ran this long was well: the next pause is the first again. */
const WELL_AFTER_MS = 10_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Set for a supervised child: it ends when the parent's end of its channel closes. */
const SUPERVISED = 'SYNOD_SUPERVISED';
/** Statuses after which starting again would change nothing. */
const FINAL: readonly number[] = [EXIT.ok, EXIT.usage, EXIT.config];

/** The command to run: a test puts another one in its place. */
export type SpawnChild = () => ChildProcess;

/**
 * Runs a synod command until it ends for good, or a signal ends it.
 * @param args the command and its options
 * @returns the child's last exit status
 */
export function supervise(args: readonly string[], spawnChild: SpawnChild = () => spawnSynod(args)): Promise<number> {
  return new Promise((resolve) => {
    let child: ChildProcess | undefined;
    let timer: NodeJS.Timeout | undefined;
    let pauseMs = FIRST_PAUSE_MS;
    let stopping: (typeof SIGNALS)[number] | undefined;
    const end = (status: number) => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      resolve(status);
    };
    const start = () => {
      const startedAt = performance.now();
      child = spawnChild();
      child.once('error', (error) => {
        process.stderr.write(`synod supervise: cannot start ${args.join(' ')}: ${error.message}\n`);
        end(EXIT.system);
      });
      child.once('exit', (code, signal) => {
        child = undefined;
        const status = statusOf(code, signal);
        if (stopping || FINAL.includes(status)) return end(status);
        if (performance.now() - startedAt >= WELL_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
        process.stderr.write(
          `synod supervise: ${args.slice(0, 1)} ended with ${signal ?? code}; again in ${pauseMs} ms\n`,
        );
        timer = setTimeout(start, pauseMs);
        pauseMs = Math.min(2 * pauseMs, LAST_PAUSE_MS);
      });
    };
    const onSignal = (signal: (typeof SIGNALS)[number]) => {
      stopping = signal;
      clearTimeout(timer);
      // In a terminal Ctrl-C reaches the child as well; a second signal of the same kind does it no harm.
      if (child) child.kill(signal);
      else end(128 + constants.signals[signal]);
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
    start();
  });
}

/** The child has a channel to this process; when it closes, this process is gone, however it ended. */
function spawnSynod(args: readonly string[]): ChildProcess {
  const bin = path.resolve(__dirname, '../../src/bin.js');
  return spawn(process.execPath, [bin, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [SUPERVISED]: '1' },
  });
}

/** Called by commands that run until they are told to stop: none outlives the parent that supervises it. */
export function exitWithParent(): void {
  if (process.env[SUPERVISED] === undefined || !process.channel) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

function statusOf(code: number | null, signal: NodeJS.Signals | null): number {
  return signal ? 128 + constants.signals[signal] : (code ?? EXIT.failure);
}
