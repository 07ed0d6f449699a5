/** A real cluster for the end-to-end tests: processes on free ports, data in a temporary folder, all gone at the end. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts } from '../../bench/ports';
import { childEnv } from '../../src/cli/supervise';
import { JsonClient } from './json-client';

export const BIN = path.resolve(__dirname, '../../src/bin.js');

/** Between two looks at the status: each takes a process of its own. */
const LOOK_MS = 100;

/** Generous: what a test waits for comes as an event; this is only the bound at which it is given up. */
export const PATIENCE_MS = 60_000;

const FAULTY_DISK = path.resolve(__dirname, 'faulty-disk.js');

/** The disk of one server. */
export class FaultyDisk {
  constructor(readonly file: string) {
    this.does('well');
  }

  /** From the next write on: `well`, `slow MILLISECONDS` or `fail TEXT`. */
  does(what: string): void {
    // As a whole: the server may look at any moment.
    writeFileSync(`${this.file}.next`, what);
    renameSync(`${this.file}.next`, this.file);
  }

  /** Writes so far. */
  get syncs(): number {
    const file = `${this.file}.syncs`;
    return existsSync(file) ? statSync(file).size : 0;
  }
}

export interface ServerReport {
  readonly id: number;
  readonly state: string;
  readonly ballot: string;
  readonly pid: number;
  readonly birth: string;
  readonly committed: number;
  readonly applied: number;
  readonly clients: number;
  readonly digest: string;
  readonly position: number;
}

export interface StatusReport {
  readonly leader: number;
  readonly servers: readonly ServerReport[];
  readonly balancer: {
    readonly phase: string;
    readonly clients: number;
    readonly pid: number;
    readonly connected: readonly number[];
  };
}

/** What the tests change of a configuration, and look up in it. */
interface Configuration extends Record<string, unknown> {
  people: { operators: readonly string[]; unlimited?: readonly string[]; listed?: readonly string[] };
}

export interface ClusterSettings {
  readonly servers?: number;
  readonly storage?: 'disk' | 'memory';
  /** Without keys. */
  readonly insecure?: boolean;
  /** Each process under one that starts it again. */
  readonly supervised?: boolean;
  /** Whether its clients post as fast as others may, not as fast as they can. */
  readonly limited?: boolean;
}

export class Cluster {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'synod-e2e-'));
  readonly config = path.join(this.folder, 'cluster.json');
  private readonly running = new Map<string, ChildProcess>();
  private readonly clients: JsonClient[] = [];
  private readonly disks = new Map<number, FaultyDisk>();
  /** What each process wrote to standard error, for a failing test to show. */
  readonly logs = new Map<string, string>();

  private constructor(private readonly settings: ClusterSettings) {}

  /** Writes a configuration on free ports; starts nothing. */
  static async create(settings: ClusterSettings = {}): Promise<Cluster> {
    const cluster = new Cluster(settings);
    const servers = settings.servers ?? 3;
    const basePort = await freePorts(2 + 2 * servers);
    await synod(['init', '--servers', String(servers), '--base-port', String(basePort), '--out', cluster.folder]);
    if (!settings.limited) cluster.configure(({ people }) => Object.assign(people, { unlimited: people.operators }));
    return cluster;
  }

  /** Starts the balancer and all servers, and waits until a leader is there and clients are served. */
  static async start(settings: ClusterSettings = {}): Promise<Cluster> {
    const cluster = await Cluster.create(settings);
    cluster.startAll();
    await cluster.untilServing();
    return cluster;
  }

  get serverIds(): number[] {
    return Array.from({ length: this.settings.servers ?? 3 }, (_, index) => index + 1);
  }

  private get security(): readonly string[] {
    return this.settings.insecure ? ['--insecure'] : [];
  }

  startAll(): void {
    this.startBalancer();
    for (const id of this.serverIds) this.startServer(id);
  }

  startBalancer(): void {
    this.spawn('balancer', ['balancer', '--config', this.config, ...this.security]);
  }

  /** @param config another file than the cluster's */
  startServer(id: number, config = this.config): void {
    const storage = this.settings.storage ? ['--storage', this.settings.storage] : [];
    const disk = this.disks.get(id);
    this.spawn(`server ${id}`, ['server', '--config', config, '--id', String(id), ...storage, ...this.security], disk);
  }

  /** From its next start on the server has a disk that does as it is told. */
  faultyDisk(id: number): FaultyDisk {
    const disk = this.disks.get(id) ?? new FaultyDisk(path.join(this.folder, `disk-${id}`));
    this.disks.set(id, disk);
    return disk;
  }

  /** Sends a signal to `balancer` or `server N`; waits for its end unless it is only stopped or continued. */
  async signal(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.running.get(name);
    if (!child) throw new Error(`${name} does not run`);
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
      child.kill(signal);
      return;
    }
    const ended = this.ended(name);
    child.kill(signal);
    await ended;
  }

  /** The exit status, or the signal, with which a process ends. */
  ended(name: string): Promise<number | NodeJS.Signals> {
    const child = this.running.get(name);
    if (!child) throw new Error(`${name} does not run`);
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(endOf(child));
    return new Promise((resolve) => child.once('exit', () => resolve(endOf(child))));
  }

  /** What a data folder holds is gone. The server must not run. */
  wipe(id: number): void {
    const { servers } = JSON.parse(readFileSync(this.config, 'utf8')) as { servers: { id: number; dataDir: string }[] };
    const server = servers.find((candidate) => candidate.id === id);
    if (!server) throw new Error(`no server ${id}`);
    rmSync(path.resolve(this.folder, server.dataDir), { recursive: true, force: true });
  }

  /** Changes the configuration file. */
  configure(change: (config: Configuration) => void): void {
    const config = JSON.parse(readFileSync(this.config, 'utf8')) as Configuration;
    change(config);
    writeFileSync(this.config, JSON.stringify(config, null, 2));
  }

  /** The key of whoever made it. */
  get operator(): string {
    const { people } = JSON.parse(readFileSync(this.config, 'utf8')) as Configuration;
    return people.operators[0] ?? '';
  }

  client(nick: string, ...flags: string[]): JsonClient {
    const client = new JsonClient(this.config, nick, [...flags, ...this.security]);
    this.clients.push(client);
    return client;
  }

  async status(): Promise<StatusReport> {
    const { stdout } = await synod(['status', '--config', this.config, '--json', ...this.security]);
    return JSON.parse(stdout) as StatusReport;
  }

  /** Asks for the status until it is as wanted. */
  async until(wanted: (status: StatusReport) => boolean, what: string): Promise<StatusReport> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const status = await this.status();
      if (wanted(status)) return status;
      if (Date.now() > deadline) {
        throw new Error(`never came to be: ${what}\n${JSON.stringify(status)}\n${this.showLogs()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  untilServing(): Promise<StatusReport> {
    return this.until(({ leader, balancer }) => leader !== 0 && balancer.phase === 'serving', 'a serving cluster');
  }

  /** Until every server holds and has applied the same. */
  untilEqual(): Promise<StatusReport> {
    return this.until(
      ({ servers }) =>
        servers.every((server) => server.digest !== undefined) &&
        new Set(servers.map((server) => `${server.position} ${server.digest}`)).size === 1,
      'equal servers',
    );
  }

  /** Until a process has written something to its log. */
  async untilLogged(name: string, text: RegExp): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!text.test(this.logs.get(name) ?? '')) {
      if (Date.now() > deadline) throw new Error(`${name} never said ${text}\n${this.showLogs()}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  showLogs(): string {
    return [...this.logs].map(([name, text]) => `--- ${name}\n${text.slice(-3000)}`).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.kill()));
    for (const child of this.running.values()) child.kill(this.settings.supervised ? 'SIGTERM' : 'SIGKILL');
    await Promise.all([...this.running.keys()].map((name) => this.ended(name)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private spawn(name: string, args: readonly string[], disk?: FaultyDisk): void {
    // With a channel to this process, so that it ends with it however the test ends.
    const env = { ...childEnv(), ...(disk && { FAULTY_DISK_FILE: disk.file }) };
    const before = disk ? ['--require', FAULTY_DISK] : [];
    const supervise = this.settings.supervised ? ['supervise', '--'] : [];
    const child = spawn(process.execPath, [...before, BIN, ...supervise, ...args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env,
    });
    this.running.set(name, child);
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => this.logs.set(name, (this.logs.get(name) ?? '') + text));
  }
}

function endOf(child: ChildProcess): number | NodeJS.Signals {
  return child.signalCode ?? child.exitCode ?? 0;
}

/** What a command printed and how it ended; never rejects. */
export function synod(
  args: readonly string[],
  input = '',
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ stdout: string; stderr: string; status: number }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [BIN, ...args], { env }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, status: error ? Number(error.code ?? 1) : 0 });
    });
    child.stdin?.end(input);
  });
}
