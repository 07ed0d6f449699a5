/** A cluster of its own for a measurement: real processes, fresh data folders, gone at the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { init } from '../src/cli/init';
import { type ClusterReport, look } from '../src/cli/status';
import { loadConfig } from '../src/config/load';
import type { ClusterConfig } from '../src/config/schema';
import { seededRandom } from '../src/lib/prng';
import type { Transport } from '../src/transport/transport';
import { createZeroMqTransport } from '../src/transport/zeromq';

const BIN = path.resolve(__dirname, '../src/bin.js');
const START_MS = 60_000;

export interface ClusterSettings {
  readonly servers: number;
  readonly storage: 'disk' | 'memory';
}

export class BenchCluster {
  private readonly children = new Map<string, ChildProcess>();
  readonly transport: Transport;

  private constructor(
    private readonly folder: string,
    readonly config: ClusterConfig,
  ) {
    this.transport = createZeroMqTransport({ limits: config.limits.transport, random: seededRandom(1) });
  }

  /** Starts all processes and waits until clients are served. */
  static async start({ servers, storage }: ClusterSettings): Promise<BenchCluster> {
    const folder = mkdtempSync(path.join(tmpdir(), 'synod-bench-'));
    await init({ servers, basePort: await freePorts(2 + 2 * servers), out: folder, storage });
    const cluster = new BenchCluster(folder, loadConfig(path.join(folder, 'cluster.json')));
    cluster.spawn('balancer', ['balancer']);
    for (const { id } of cluster.config.servers) cluster.startServer(id);
    await cluster.until(
      ({ leader, balancer, servers: all }) =>
        leader !== 0 &&
        balancer.phase === 'serving' &&
        all.every(({ state }) => state === 'leader' || state === 'follower'),
    );
    return cluster;
  }

  startServer(id: number): void {
    this.spawn(`server ${id}`, ['server', '--id', String(id)]);
  }

  /** Ends a server as a power cut would; returns at once. */
  kill(id: number): void {
    this.children.get(`server ${id}`)?.kill('SIGKILL');
  }

  status(): Promise<ClusterReport> {
    return look(this.config, this.transport);
  }

  /** Asks for the status until it is as wanted. */
  async until(wanted: (report: ClusterReport) => boolean): Promise<ClusterReport> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      const report = await this.status();
      if (wanted(report)) return report;
      if (performance.now() > deadline) throw new Error(`the cluster did not come to be: ${JSON.stringify(report)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    const ended = [...this.children.values()].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of this.children.values()) if (!child.kill('SIGKILL')) child.emit('exit');
    await Promise.all(ended);
    await this.transport.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private spawn(name: string, args: readonly string[]): void {
    const env = { ...process.env, SYNOD_SUPERVISED: '1', SYNOD_LOG: 'error' };
    const child = spawn(process.execPath, [BIN, ...args, '--config', this.config.file], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env,
    });
    this.children.set(name, child);
  }
}

async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 30_000);
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
