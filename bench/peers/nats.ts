/** NATS JetStream: one stream with three replicas in files, a subject for each client; whoever reads has an ordered consumer. */
import { execFileSync } from 'node:child_process';
import type { JetStreamClient, NatsConnection } from 'nats';
import { freePorts } from '../ports';
import type { PeerNodes } from './nodes';
import { NODES, type Peer, type PeerClient, type PeerCluster, type PeerSettings } from './peer';

/** It writes to files at once and syncs them every two minutes (`sync_interval`). */
export const nats: Peer = {
  name: 'NATS JetStream R3',
  program: 'nats-server',
  debianPackage: 'nats-server',
  library: 'nats',
  durable: false,
  start: startNats,
};

const STREAM = 'bench';

async function startNats(nodes: PeerNodes, program: string, { size }: PeerSettings): Promise<PeerCluster> {
  const { connect } = await import('nats');
  const basePort = await freePorts(2 * NODES);
  const ids = Array.from({ length: NODES }, (_, index) => index);
  const name = (id: number) => `nats-${id}`;
  const route = (id: number) => `nats://127.0.0.1:${basePort + 2 * id + 1}`;
  for (const id of ids) {
    nodes.start(name(id), [
      program,
      ...['--name', name(id), '--addr', '127.0.0.1', '--port', String(basePort + 2 * id)],
      ...['--jetstream', '--store_dir', nodes.folderOf(name(id))],
      ...['--cluster_name', 'bench', '--cluster', route(id), '--routes', ids.map(route).join(',')],
    ]);
  }
  const connectTo = (id: number) => connect({ servers: `127.0.0.1:${basePort + 2 * id}`, reconnect: false });
  const first = async <T>(ask: (connection: NatsConnection) => Promise<T>) => {
    const connection = await connectTo(0);
    return ask(connection).finally(() => connection.close());
  };
  const leader = async () => ids.map(name).indexOf(await first(leaderOf));
  await nodes.until(() => first(createStream));
  await nodes.until(leader);
  const [, version = ''] = /v(\d\S*)/.exec(execFileSync(program, ['--version']).toString()) ?? [];
  return {
    version,
    leader,
    connect: async (client, node) => {
      return new NatsClient(await connectTo(node), `${STREAM}.${client}`, Buffer.alloc(size, 'x'));
    },
  };
}

async function createStream(connection: NatsConnection): Promise<void> {
  const { RetentionPolicy, StorageType } = await import('nats');
  const { streams } = await connection.jetstreamManager();
  await streams.add({
    name: STREAM,
    subjects: [`${STREAM}.>`],
    num_replicas: NODES,
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
  });
}

/** @returns the name of the node @throws while a replica is not there, or behind */
async function leaderOf(connection: NatsConnection): Promise<string> {
  const { streams } = await connection.jetstreamManager();
  const { cluster } = await streams.info(STREAM);
  const following = cluster?.replicas?.filter(({ current, offline }) => current && !offline) ?? [];
  if (!cluster?.leader || following.length !== NODES - 1) throw new Error('the stream is not on all nodes of NATS');
  return cluster.leader;
}

class NatsClient implements PeerClient {
  private readonly stream: JetStreamClient;

  constructor(
    private readonly connection: NatsConnection,
    private readonly subject: string,
    private readonly text: Buffer,
  ) {
    this.stream = connection.jetstream();
  }

  get isOpen(): boolean {
    return !this.connection.isClosed();
  }

  post(onDone: (error?: Error) => void): void {
    this.stream.publish(this.subject, this.text).then(() => onDone(), onDone);
  }

  async read(onPosts: (count: number) => void): Promise<void> {
    const { consumerOpts } = await import('nats');
    const options = consumerOpts().orderedConsumer().deliverNew();
    options.callback((_, message) => {
      if (message) onPosts(1);
    });
    await this.stream.subscribe(`${STREAM}.>`, options);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
