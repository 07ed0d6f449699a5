/** A whole cluster in this process, on real sockets that lose on purpose what is published. */
import { type RunningBalancer, runBalancer } from '../../src/balancer/process';
import { OPEN_TO_ALL } from '../../src/chat/people';
import { type ClusterReport, look } from '../../src/cli/status';
import type { ClientEvent } from '../../src/client/events';
import { Client } from '../../src/client/shell';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, limitsOf } from '../../src/config/limits';
import type { ClusterConfig } from '../../src/config/schema';
import { createLogger } from '../../src/lib/log';
import { thisMachine } from '../../src/lib/machine';
import { seededRandom } from '../../src/lib/prng';
import { type RunningServer, runServer } from '../../src/server/process';
import { MemoryStorage } from '../../src/storage/memory';
import type { Storage } from '../../src/storage/storage';
import type { Transport } from '../../src/transport/transport';
import { person } from '../people';
import { createTestTransport } from '../transport/limits';
import { type LossPolicy, type LossyTransport, lossyTransport } from '../transport/lossy';
import { freeAddress } from '../transport/until';

const PATIENCE_MS = 60_000;

export class LocalCluster {
  readonly log = createLogger('test', 'error', (line) => process.stderr.write(line));
  private readonly servers: RunningServer[] = [];
  private readonly clients: Client[] = [];
  private balancer: RunningBalancer | undefined;
  readonly transports: LossyTransport[] = [];
  private readonly clientTransport: Transport = createTestTransport();

  private constructor(readonly config: ClusterConfig) {}

  static async start(
    size: number,
    policy: (server: number) => LossPolicy,
    storageOf: (server: number) => Storage = () => new MemoryStorage(),
  ): Promise<LocalCluster> {
    const addresses = await Promise.all(Array.from({ length: 2 + 2 * size }, () => freeAddress()));
    const next = () => addresses.pop() as string;
    const config: ClusterConfig = {
      file: 'test',
      cluster: 'test',
      servers: Array.from({ length: size }, (_, index) => ({ id: index + 1, pub: next(), rep: next(), dataDir: '' })),
      balancer: { clients: next(), servers: next() },
      storage: 'memory',
      keys: '',
      access: OPEN_TO_ALL,
      timeouts: DEFAULT_TIMEOUTS,
      limits: limitsOf(DEFAULT_TIMEOUTS, { ...DEFAULT_LIMITS, postsPerSecond: 1_000_000, postBurst: 1_000_000 }),
    };
    const cluster = new LocalCluster(config);
    const { log } = cluster;
    cluster.balancer = await runBalancer({ config, transport: createTestTransport(), machine: thisMachine, log });
    for (const { id } of config.servers) {
      const transport = lossyTransport(createTestTransport(), policy(id));
      cluster.transports.push(transport);
      const random = seededRandom(id);
      const storage = storageOf(id);
      cluster.servers.push(await runServer({ config, id, storage, transport, machine: thisMachine, random, log }));
    }
    return cluster;
  }

  client(nick: string, onEvent: (event: ClientEvent) => void): Client {
    const client = new Client({
      endpoint: this.config.balancer.clients,
      cluster: 'test',
      nick,
      signer: person(this.clients.length),
      reclaim: false,
      history: 0,
      limits: this.config.limits.client,
      transport: this.clientTransport,
      machine: thisMachine,
      onEvent,
    });
    this.clients.push(client);
    return client;
  }

  /** Asks for the status until it is as wanted. */
  async until(what: string, wanted: (report: ClusterReport) => boolean): Promise<ClusterReport> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const report = await look(this.config, this.clientTransport);
      if (wanted(report)) return report;
      if (performance.now() > deadline) throw new Error(`never came to be: ${what}\n${JSON.stringify(report)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.dispose();
    await Promise.all(this.servers.map((server) => server.close()));
    await this.balancer?.close();
    await this.clientTransport.close();
  }
}
