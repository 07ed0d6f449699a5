/** A cluster of its own for a measurement: real processes, fresh data folders, gone at the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { init } from '../src/cli/init';
import { statusKeys } from '../src/cli/security';
import { type ClusterReport, look, type ServerReport } from '../src/cli/status';
import { childEnv, synod } from '../src/cli/supervise';
import { DEFAULT_LIMITS } from '../src/config/limits';
import { loadConfig } from '../src/config/load';
import type { ClusterConfig } from '../src/config/schema';
import { seededRandom } from '../src/lib/prng';
import { keyText, type Signer } from '../src/lib/signer';
import type { Transport } from '../src/transport/transport';
import { createZeroMqTransport } from '../src/transport/zeromq';
import { clientsOf, type NewClient } from './client';
import { cpuMsOf } from './cpu';
import { residentMbOf } from './memory';
import { freePorts } from './ports';
import { newSigner } from './signer';

const START_MS = 300_000;
/** Between two looks at the status, unless the looking itself would disturb. */
const LOOK_MS = 50;

export interface ClusterSettings {
  readonly servers: number;
  readonly storage: 'disk' | 'memory';
  /** Of the longest post, when that is longer than usual. */
  readonly textBytes?: number;
}

export class BenchCluster {
  private readonly children = new Map<string, ChildProcess>();
  private readonly transport: Transport;
  /** A client in this process, of somebody who is not limited. */
  readonly client: NewClient;
  /** Which of the processes ended by itself. */
  private failure: string | undefined;
  private onBroken: (error: Error) => void = () => {};
  /** Rejects when one does. */
  readonly broken = new Promise<never>((_, reject) => {
    this.onBroken = reject;
  });

  private constructor(
    private readonly folder: string,
    readonly config: ClusterConfig,
    signer: Signer,
  ) {
    const { security } = statusKeys(config, {}, () => {});
    this.transport = createZeroMqTransport({ limits: config.limits.transport, random: seededRandom(1), security });
    this.client = clientsOf(config, this.transport, () => signer);
    this.broken.catch(() => {}); // Not everybody waits for it.
  }

  /** Starts all processes and waits until clients are served. */
  static async start(settings: ClusterSettings): Promise<BenchCluster> {
    const cluster = await BenchCluster.create(settings);
    await cluster.startAll();
    return cluster;
  }

  /** Only the configuration; nothing runs yet. */
  static async create({ servers, storage, textBytes = 0 }: ClusterSettings): Promise<BenchCluster> {
    const folder = mkdtempSync(path.join(tmpdir(), 'synod-bench-'));
    const signer = newSigner();
    const operator = keyText(signer.key);
    await init({ servers, basePort: await freePorts(2 + 2 * servers), out: folder, storage, operator });
    const file = path.join(folder, 'cluster.json');
    const limits = { textBytes: Math.max(DEFAULT_LIMITS.textBytes, textBytes) };
    const written = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...written, people: { unlimited: [operator] }, limits }));
    return new BenchCluster(folder, loadConfig(file), signer);
  }

  async startAll(): Promise<void> {
    this.spawn('balancer', ['balancer']);
    for (const { id } of this.config.servers) this.startServer(id);
    await this.until(
      ({ leader, balancer, servers: all }) =>
        leader !== 0 &&
        balancer.phase === 'serving' &&
        all.every(({ state }) => state === 'leader' || state === 'follower'),
    );
  }

  startServer(id: number): void {
    this.spawn(`server ${id}`, ['server', '--id', String(id)]);
  }

  /** Ends a server as a power cut would; returns at once. */
  kill(id: number): void {
    this.children.get(`server ${id}`)?.kill('SIGKILL');
  }

  /** Stops a server in the middle of what it does, or has it go on; returns at once. */
  signal(id: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.children.get(`server ${id}`)?.kill(signal);
  }

  /** What is on the disk of a server is gone. It must not run. */
  wipe(id: number): void {
    rmSync(this.dataDir(id), { recursive: true, force: true });
  }

  dataDir(id: number): string {
    return this.config.servers.find((server) => server.id === id)?.dataDir ?? '';
  }

  /** Ends a server, as a power cut would unless another signal is named, and waits until it is gone. */
  async end(id: number, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const name = `server ${id}`;
    const child = this.children.get(name);
    if (!child) return;
    this.children.delete(name);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** What the balancer and the servers have used of the processors so far, milliseconds. */
  cpuMs(): { readonly balancer: number; readonly servers: number } {
    const servers = this.config.servers.reduce((sum, { id }) => sum + cpuMsOf(this.pidOf(`server ${id}`)), 0);
    return { balancer: cpuMsOf(this.pidOf('balancer')), servers };
  }

  /** Resident memory of the balancer. */
  balancerMb(): number {
    return residentMbOf(this.pidOf('balancer'));
  }

  /** The same of the balancer and all servers. */
  totalMb(): number {
    return this.config.servers.reduce(
      (sum, { id }) => sum + residentMbOf(this.pidOf(`server ${id}`)),
      this.balancerMb(),
    );
  }

  /** How many ballots there have been: as many more later are as many elections. */
  async ballots(): Promise<number> {
    const { servers } = await this.status();
    return Math.max(...servers.map((server) => ('ballot' in server ? Number.parseInt(server.ballot, 10) : 0)));
  }

  status(): Promise<ClusterReport> {
    return look(this.config, this.transport);
  }

  /** Asks for the status until it is as wanted. */
  async until(wanted: (report: ClusterReport) => boolean, lookMs = LOOK_MS): Promise<ClusterReport> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      const report = await this.status();
      if (this.failure) throw new Error(this.failure);
      if (wanted(report)) return report;
      if (performance.now() > deadline) throw new Error(`the cluster did not come to be: ${JSON.stringify(report)}`);
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  }

  /** Until every server has the same state. @returns which */
  async untilEqual(): Promise<string> {
    const { servers } = await this.until((report) => {
      return report.servers.every((server) => 'pid' in server) && new Set(report.servers.map(stateOf)).size === 1;
    });
    return stateOf(servers[0] as ServerReport);
  }

  async stop(): Promise<void> {
    const running = [...this.children.values()].filter(({ exitCode, signalCode }) => exitCode === null && !signalCode);
    const ended = running.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(ended);
    await this.transport.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private pidOf(name: string): number {
    return this.children.get(name)?.pid ?? 0;
  }

  private spawn(name: string, args: readonly string[]): void {
    const env = { ...childEnv(), SYNOD_LOG: 'error' };
    const [program, ...rest] = synod([...args, '--config', this.config.file]);
    const child = spawn(program, rest, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env,
    });
    child.once('exit', (status) => {
      if (!status || this.children.get(name) !== child) return;
      this.failure = `${name} ended with ${status}`;
      this.onBroken(new Error(this.failure));
    });
    this.children.set(name, child);
  }
}

function stateOf(server: ServerReport): string {
  return 'pid' in server ? `position ${server.position}, digest ${server.digest}` : server.state;
}
