/**
 * What it costs at least: the bare sockets of this topology, with posts of the same size, the same encryption and syncs, and
 * nothing else. Measured beside the product, in the same run on the same machine. (docs/PERFORMANCE.md says what the product
 * does beyond it.)
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { curveKeyPair, Dealer } from 'zeromq';
import { defaultLimits } from '../src/config/limits';
import type { KeyPair } from '../src/transport/security';
import {
  ACKNOWLEDGED,
  address,
  BOTH,
  type CeilingPart,
  connectingOptions,
  DELIVERED,
  HELLO,
  listen,
  POSTS,
  postBytes,
} from './ceiling-parts';
import { cpuMsOf } from './cpu';
import { freePorts } from './ports';
import { steady } from './steady';
import type { Figures, WorkloadSettings } from './workloads';

export interface CeilingSettings extends WorkloadSettings {
  readonly servers: number;
  readonly storage: 'disk' | 'memory';
}

/** Measures as the product is measured. */
export async function ceiling(settings: CeilingSettings): Promise<Figures> {
  const parts = await CeilingCluster.start(settings);
  try {
    const clients = Array.from({ length: settings.clients }, () => new CeilingClient(parts, settings));
    await Promise.all(clients.map((client) => client.online));
    for (const client of clients) client.post(settings.window);
    const seen = await steady(
      {
        reset: () => {
          for (const client of clients) client.reset();
        },
        latenciesMs: () => clients.flatMap((client) => client.latenciesMs),
        deliveries: () => clients.reduce((sum, client) => sum + client.deliveries, 0),
        serverCpuMs: () => parts.serverCpuMs(),
      },
      { ...settings, progress: (text) => settings.progress(`ceiling: ${text}`) },
    );
    for (const client of clients) client.close();
    return {
      ceilingPostsPerSec: seen.postsPerSec,
      ceilingP50Ms: seen.p50Ms,
      ceilingP99Ms: seen.p99Ms,
      ...(isShared(settings) && { ceilingDeliveriesPerSec: seen.deliveriesPerSec }),
      ceilingServerCpuSecPer100k: seen.serverCpuSecPer100k,
    };
  } finally {
    parts.stop();
  }
}

/** They share a room: committed posts are sent to all of them, not only acknowledged to whoever posted them. */
function isShared({ rooms, clients }: CeilingSettings): boolean {
  return rooms < clients;
}

class CeilingCluster {
  private readonly children: ChildProcess[] = [];
  /** One of its parts ended by itself. */
  private failure: Error | undefined;
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'synod-ceiling-'));

  private constructor(
    private readonly settings: CeilingSettings,
    readonly basePort: number,
    readonly keys: KeyPair,
  ) {}

  static async start(settings: CeilingSettings): Promise<CeilingCluster> {
    const cluster = new CeilingCluster(settings, await freePorts(2 + 2 * settings.servers), curveKeyPair());
    const balancer = cluster.fork('balancer', 0);
    const ready = new Promise((resolve, reject) => {
      balancer.once('message', resolve);
      for (let id = 1; id <= settings.servers; id += 1) cluster.fork('server', id);
      for (const child of cluster.children) {
        child.once('exit', () => {
          cluster.failure = new Error('a part of the ceiling ended');
          reject(cluster.failure);
        });
      }
    });
    await ready.catch((error) => {
      cluster.stop();
      throw error;
    });
    return cluster;
  }

  /** What the servers have used of the processors so far, milliseconds. @throws when a part ended */
  serverCpuMs(): number {
    if (this.failure) throw this.failure;
    return this.children.slice(1).reduce((sum, { pid }) => sum + cpuMsOf(pid as number), 0);
  }

  stop(): void {
    for (const child of this.children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private fork(role: CeilingPart['role'], id: number): ChildProcess {
    const { servers, storage } = this.settings;
    const deliver = isShared(this.settings);
    const { pipelineRounds, batchBytes } = defaultLimits().paxos;
    const child = fork(path.join(__dirname, 'ceiling-parts.ts'), {
      execArgv: ['-r', 'ts-node/register/transpile-only'],
    });
    const file = storage === 'disk' ? path.join(this.folder, `log-${id}`) : undefined;
    const { basePort, keys } = this;
    child.send({ role, id, servers, basePort, keys, file, pipelineRounds, batchBytes, deliver } satisfies CeilingPart);
    this.children.push(child);
    return child;
  }
}

/** A client that keeps its window full. */
class CeilingClient {
  latenciesMs: number[] = [];
  deliveries = 0;
  readonly online: Promise<void>;
  private readonly dealer: Dealer;
  /** When each of the posts under way was sent, oldest first. */
  private sentAt: number[] = [];
  private oldest = 0;
  private readonly route = Buffer.from([POSTS, 0, 0, 0, 0]);

  constructor(
    { basePort, keys }: CeilingCluster,
    private readonly settings: CeilingSettings,
  ) {
    this.dealer = new Dealer({ ...connectingOptions(keys), ...BOTH });
    this.dealer.connect(address(basePort, 0));
    void this.dealer.send([Buffer.from([HELLO, 0, 0, 0, 0]), Buffer.alloc(4)]);
    this.online = new Promise((resolve) => {
      void listen(this.dealer, ([route, payload]) => {
        if (route?.[0] === HELLO) resolve();
        else if (route?.[0] === ACKNOWLEDGED && payload) this.onAcknowledged(payload);
        else if (route?.[0] === DELIVERED && payload) this.deliveries += postBytes(payload) / settings.size;
      });
    });
  }

  post(count: number): void {
    const now = performance.now();
    for (let post = 0; post < count; post += 1) this.sentAt.push(now);
    void this.dealer.send([this.route, Buffer.alloc(count * this.settings.size, 'x')]);
  }

  reset(): void {
    this.latenciesMs = [];
    this.deliveries = 0;
  }

  close(): void {
    this.dealer.close();
  }

  private onAcknowledged(payload: Buffer): void {
    if (this.dealer.closed) return; // What was read before is handed over still.
    const count = payload.readUInt32BE(0) / this.settings.size;
    const now = performance.now();
    for (let post = 0; post < count; post += 1)
      this.latenciesMs.push(now - (this.sentAt[this.oldest + post] as number));
    this.oldest += count;
    if (this.oldest > 10_000) {
      this.sentAt = this.sentAt.slice(this.oldest);
      this.oldest = 0;
    }
    // A burst is taken to its end, also where the last measurement ended in the middle of it.
    if (!this.dealer.closed) this.post(count);
  }
}
