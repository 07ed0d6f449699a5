/**
 * `synod supervise -- …`: the respawning parent. Under foreman the end of any process is the end of all; so each entry
 * of the Procfile runs under one of these, and a server that is killed comes back while the others go on.
 *
 * The child is in a process group of its own, so that Ctrl-C in a terminal reaches this process only, which passes it
 * on once. A channel leads from the child to here: when it closes, this process is gone, however it ended, and the
 * child ends too.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { EXIT } from '../lib/exit';
import { RestartPause } from './restart-pause';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];
/** Statuses after which starting again would change nothing. */
const FINAL: readonly number[] = [EXIT.ok, EXIT.usage, EXIT.config];
/** Set for a supervised child. */
const SUPERVISED = 'SYNOD_SUPERVISED';
/** Set by node-foreman for what it runs. */
const UNDER_FOREMAN = 'FOREMAN_WORKER_NAME';
/**
 * Signals within this time are one wish, milliseconds: the terminal sends its own to all, and node-foreman passes on
 * what the terminal has sent already. A child ends at once by a second signal.
 */
const SAME_WISH_MS = 1000;
/** How long a child may take to end, milliseconds; then it is killed. */
const END_WITHIN_MS = 10_000;
/** How often a process under foreman looks whether foreman is still there, milliseconds. */
const LOOK_FOR_PARENT_MS = 500;

/**
 * The C library makes a heap for each of several threads otherwise, and gives little of them back: 25 MB of a server that
 * has read many pages. (Of glibc; others pass over it.)
 */
const HEAPS = { MALLOC_ARENA_MAX: '2' };
/**
 * Node takes 16 MB for each half of its young objects by default; with 4 a busy server is 30 MB smaller and as quick. And
 * it collects the old ones whenever they have grown by a third, what was received among them: in a process as small as
 * these that is every half second, for a third of all it does. With 150 percent it takes 12 MB more, and a twentieth.
 * Both can only be set when the process starts.
 */
const NODE_FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=150'];

/** A program and its arguments. */
export type CommandLine = readonly [program: string, ...args: string[]];

/**
 * Runs a synod command, again when it crashes, until it ends for good or a signal ends it.
 * @param args the command and its options
 * @param commandLine what is run for them
 * @returns the child's last exit status
 */
export function supervise(args: readonly string[], commandLine: CommandLine = synod(args)): Promise<number> {
  return new Promise((resolve) => {
    new Supervisor(args.join(' '), commandLine, resolve).start();
  });
}

class Supervisor {
  private readonly pause = new RestartPause();
  private readonly parent = process.ppid;
  private child: ChildProcess | undefined;
  private restart: NodeJS.Timeout | undefined;
  private lookForParent: NodeJS.Timeout | undefined;
  private kill: NodeJS.Timeout | undefined;
  private wishedAtMs: number | undefined;

  constructor(
    private readonly name: string,
    private readonly commandLine: CommandLine,
    private readonly onEnd: (status: number) => void,
  ) {}

  start(): void {
    exitWithParent();
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
    // Foreman that is killed passes nothing on: its processes would stay behind and hold their ports.
    if (process.env[UNDER_FOREMAN] !== undefined) {
      this.lookForParent = setInterval(() => {
        if (process.ppid !== this.parent) this.onSignal('SIGTERM');
      }, LOOK_FOR_PARENT_MS);
    }
    this.startChild();
  }

  private startChild(): void {
    const startedAtMs = performance.now();
    const child = spawnBound(this.commandLine, 'inherit');
    this.child = child;
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      process.stderr.write(`synod supervise: cannot start ${this.commandLine[0]}: ${error.message}\n`);
      this.end(EXIT.system);
    });
    child.once('exit', (code, signal) => this.onExit(code, signal, performance.now() - startedAtMs));
  }

  private onExit(code: number | null, signal: NodeJS.Signals | null, ranMs: number): void {
    this.child = undefined;
    const status = signal ? 128 + constants.signals[signal] : (code ?? EXIT.failure);
    if (this.wishedAtMs !== undefined || FINAL.includes(status)) return this.end(status);
    const pauseMs = this.pause.after(ranMs);
    process.stderr.write(`synod supervise: ${this.name}: ended with ${signal ?? code}; again in ${pauseMs} ms\n`);
    this.restart = setTimeout(() => this.startChild(), pauseMs);
  }

  private readonly onSignal = (signal: Signal): void => {
    const nowMs = performance.now();
    if (this.wishedAtMs !== undefined && nowMs - this.wishedAtMs < SAME_WISH_MS) return;
    this.wishedAtMs = nowMs;
    if (!this.child) return this.end(128 + constants.signals[signal]);
    this.child.kill(signal);
    this.kill ??= setTimeout(() => this.child?.kill('SIGKILL'), END_WITHIN_MS);
  };

  private end(status: number): void {
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
    clearTimeout(this.restart);
    clearTimeout(this.kill);
    clearInterval(this.lookForParent);
    this.onEnd(status);
  }
}

/** A command of this very program; the same file starts it from the source and from what was built. */
export function synod(args: readonly string[]): CommandLine {
  return [process.execPath, ...NODE_FLAGS, path.resolve(__dirname, '../../src/bin.js'), ...args];
}

/**
 * Starts a process that ends when this one does, however this one ends, if it calls `exitWithParent`. It is in a process
 * group of its own.
 * @param output where its standard output and error go: a file descriptor, or this process's own
 */
export function spawnBound([program, ...args]: CommandLine, output: number | 'inherit'): ChildProcess {
  return spawn(program, args, {
    stdio: ['ignore', output, output, 'ipc'],
    env: childEnv(),
    detached: true,
  });
}

/** The environment of a process that ends with this one; what is set already stays. */
export function childEnv(): NodeJS.ProcessEnv {
  return { ...HEAPS, ...process.env, [SUPERVISED]: '1' };
}

/** Called by commands that run until they are told to stop: none outlives the process that started it. */
export function exitWithParent(): void {
  if (process.env[SUPERVISED] === undefined) return;
  delete process.env[SUPERVISED];
  const endCleanly = () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), END_WITHIN_MS).unref();
  };
  // It may be gone already: starting takes a while.
  if (process.connected) process.once('disconnect', endCleanly);
  else endCleanly();
}
