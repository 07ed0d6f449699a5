/** The processes of a peer's cluster, and a folder of their own for what they keep. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMsOf } from '../cpu';

const START_MS = 120_000;
const LOOK_MS = 200;

export class PeerNodes {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'synod-peer-'));
  private readonly servers: ChildProcess[] = [];
  /** How to start each of them again. */
  private readonly starting: (() => ChildProcess)[] = [];
  private readonly helpers: ChildProcess[] = [];
  /** Which of the processes ended by itself, and its last word. */
  private failure: Error | undefined;

  /** A folder in that of the cluster. */
  folderOf(name: string): string {
    const folder = path.join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Starts a server. */
  start(name: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): void {
    const start = () => this.spawn(name, command, env);
    this.starting.push(start);
    this.servers.push(start());
  }

  /** Ends a server, counted from 0, as a power cut would; returns at once. */
  kill(node: number): void {
    const server = this.servers[node] as ChildProcess;
    server.removeAllListeners('exit');
    server.kill('SIGKILL');
  }

  /** Starts one again that was killed. */
  restart(node: number): void {
    this.servers[node] = (this.starting[node] as () => ChildProcess)();
  }

  /** Starts what servers need and what does not count as one. */
  startHelper(name: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): void {
    this.helpers.push(this.spawn(name, command, env));
  }

  /** What the servers have used of the processors so far, milliseconds. @throws when a process ended */
  cpuMs(): number {
    if (this.failure) throw this.failure;
    return this.servers.reduce((sum, { pid }) => sum + cpuMsOf(pid as number), 0);
  }

  /** Tries again and again, until it succeeds. @throws its last error, or why a process ended */
  async until<T>(attempt: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (this.failure) throw this.failure;
        if (performance.now() > deadline) throw error;
      }
      await sleep(LOOK_MS);
    }
  }

  async stop(): Promise<void> {
    const running = [...this.servers, ...this.helpers].filter(isRunning);
    const ended = running.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(ended);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private spawn(name: string, command: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    const file = path.join(this.folder, `${name}.log`);
    const output = openSync(file, 'a');
    // However this process ends: the kernel ends them with it.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
      stdio: ['ignore', output, output],
      env: { ...process.env, ...env },
      cwd: this.folder,
    });
    closeSync(output);
    const fail = (how: string) => {
      this.failure ??= new Error(`${name} ended (${how}): ${lastLine(file)}`);
    };
    child.once('error', ({ message }) => fail(message));
    child.once('exit', (status, signal) => fail(String(signal ?? status)));
    return child;
  }
}

function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

function lastLine(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').pop() ?? '';
}
