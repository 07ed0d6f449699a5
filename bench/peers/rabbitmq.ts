/**
 * RabbitMQ with publisher confirms: a quorum queue, and where all is read, a fanout exchange with one such queue for each
 * reader, since what is taken from a queue is gone. Or a stream, which all read.
 */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib';
import { freePorts } from '../ports';
import type { PeerNodes } from './nodes';
import { NODES, type Peer, type PeerClient, type PeerCluster, type PeerSettings } from './peer';

type QueueType = 'quorum' | 'stream';

const COMMON = { program: 'rabbitmq-server', debianPackage: 'rabbitmq-server', library: 'amqplib' };

export const rabbitQuorum: Peer = {
  ...COMMON,
  name: 'RabbitMQ quorum queue',
  durable: true,
  start: (nodes, program, settings) => startRabbit(nodes, program, settings, 'quorum'),
};

/** It leaves it to the system when what it wrote reaches the disk. */
export const rabbitStream: Peer = {
  ...COMMON,
  name: 'RabbitMQ stream',
  durable: false,
  start: (nodes, program, settings) => startRabbit(nodes, program, settings, 'stream'),
};

const EXCHANGE = 'bench';
const NODE_NAMES: readonly string[] = Array.from({ length: NODES }, (_, id) => `bench-${id}@localhost`);
/** To the first node. */
const LIST_QUEUES = `--node ${NODE_NAMES[0]} --silent --formatter json list_queues leader online`.split(' ');
/** Where Debian has the scripts themselves: those on the PATH go on as another user, and with /var/lib/rabbitmq. */
const SCRIPTS = '/usr/lib/rabbitmq/bin';
/** Of a stream's reader, messages that are sent and not yet confirmed. */
const PREFETCH = 1000;

async function startRabbit(nodes: PeerNodes, program: string, settings: PeerSettings, type: QueueType) {
  const { connect } = await import('amqplib');
  const scripts = existsSync(path.join(SCRIPTS, 'rabbitmq-server')) ? SCRIPTS : path.dirname(program);
  const basePort = await freePorts(1 + 2 * NODES);
  const connectTo = (node: number) => connect(`amqp://guest:guest@127.0.0.1:${clientPort(basePort, node % NODES)}`);
  const shared = { HOME: nodes.folder, ERL_EPMD_PORT: String(basePort) };
  // Otherwise the first node starts one that outlives it.
  nodes.startHelper('epmd', ['epmd', '-port', String(basePort), '-address', '127.0.0.1'], shared);
  for (const [id, name] of NODE_NAMES.entries()) {
    const env = { ...shared, ...environmentOf(name, clientPort(basePort, id), nodes.folderOf(name)) };
    nodes.start(name, [path.join(scripts, 'rabbitmq-server')], env);
    // It serves once it has joined those before it.
    await (await nodes.until(() => connectTo(id))).close();
  }
  const queues = settings.deliver && type === 'quorum' ? settings.clients : 1;
  for (let queue = 0; queue < queues; queue += 1) {
    await declare(await connectTo(queue), queueName(queue), type);
  }
  const control = controlOf(path.join(scripts, 'rabbitmqctl'), shared);
  const leader = async () => leaderOf(await control(LIST_QUEUES));
  await nodes.until(leader);
  return {
    version: (await control(['version'])).trim(),
    leader,
    connect: async (client, node) => {
      const connection = await connectTo(node);
      const channel = await connection.createConfirmChannel();
      const queue = { name: queueName(client % queues), type };
      return new RabbitClient(connection, channel, queue, Buffer.alloc(settings.size, 'x'));
    },
  } satisfies PeerCluster;
}

function clientPort(basePort: number, node: number): number {
  return basePort + 1 + 2 * node;
}

function queueName(queue: number): string {
  return `${EXCHANGE}-${queue}`;
}

/** Nothing of what the machine has configured for its own. */
function environmentOf(name: string, port: number, folder: string): NodeJS.ProcessEnv {
  const file = (base: string, text: string) => {
    writeFileSync(path.join(folder, base), text);
    return path.join(folder, base);
  };
  const known = NODE_NAMES.map((each, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${each}\n`);
  return {
    RABBITMQ_NODENAME: name,
    RABBITMQ_DIST_PORT: String(port + 1),
    RABBITMQ_MNESIA_BASE: path.join(folder, 'data'),
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_CONF_ENV_FILE: file('rabbitmq-env.conf', ''),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins', '[].\n'),
    RABBITMQ_ADVANCED_CONFIG_FILE: file('advanced.config', '[].\n'),
    RABBITMQ_CONFIG_FILE: file('rabbitmq.conf', `listeners.tcp.1 = 127.0.0.1:${port}\n${known.join('')}`),
    // The script becomes the server, and does not wait for it as its child.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-noinput -kernel inet_dist_use_interface {127,0,0,1}',
  };
}

/** Its leader is on the node of this connection. */
async function declare(connection: ChannelModel, queue: string, type: QueueType): Promise<void> {
  const channel = await connection.createChannel();
  await channel.assertExchange(EXCHANGE, 'fanout');
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': type } });
  await channel.bindQueue(queue, EXCHANGE, '');
  await connection.close();
}

/** Asks the cluster with its own command. */
function controlOf(program: string, shared: NodeJS.ProcessEnv): (command: readonly string[]) => Promise<string> {
  const env = { ...process.env, ...shared };
  return async (command) => (await promisify(execFile)(program, command, { env })).stdout;
}

/** Of the first queue. @throws while a queue is not on all nodes */
function leaderOf(listed: string): number {
  const queues: readonly { readonly leader: string; readonly online: readonly string[] }[] = JSON.parse(listed);
  const leader = NODE_NAMES.indexOf(queues[0]?.leader ?? '');
  if (leader < 0 || !queues.every(({ online }) => online.length === NODES))
    throw new Error(`not on all nodes: ${listed}`);
  return leader;
}

class RabbitClient implements PeerClient {
  /** Why posts under way fail: they themselves are told only that the channel is closed. */
  private failure: Error | undefined;

  constructor(
    private readonly connection: ChannelModel,
    private readonly channel: ConfirmChannel,
    /** What it reads. */
    private readonly queue: { readonly name: string; readonly type: QueueType },
    private readonly text: Buffer,
  ) {
    const onFailure = (error: Error) => {
      this.failure ??= error;
    };
    connection.on('error', onFailure);
    channel.on('error', onFailure);
  }

  get isOpen(): boolean {
    return !this.failure;
  }

  post(onDone: (error?: Error) => void): void {
    this.channel.publish(EXCHANGE, '', this.text, { persistent: true }, (error) => {
      // A channel that was opened while nobody led refuses all posts, then and later: it is of no more use.
      if (error) this.failure ??= error;
      onDone(error ? this.failure : undefined);
    });
  }

  async read(onPosts: (count: number) => void): Promise<void> {
    const { channel, queue } = this;
    if (queue.type === 'quorum') {
      await channel.consume(queue.name, () => onPosts(1), { noAck: true });
      return;
    }
    await channel.prefetch(PREFETCH);
    let read = 0;
    const onMessage = (message: ConsumeMessage | null) => {
      onPosts(1);
      read += 1;
      if (message && read % (PREFETCH / 2) === 0) channel.ack(message, true);
    };
    await channel.consume(queue.name, onMessage, { arguments: { 'x-stream-offset': 'next' } });
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}
