/** Somebody who has the address of a part of the cluster, but not its key, and lies to all who come. */
import * as zmq from 'zeromq';
import type { ClusterConfig } from '../../src/config/schema';
import { readMonitor } from '../../src/transport/monitor';
import type { KeyPair } from '../../src/transport/security';
import { createPeerCodec } from '../../src/wire/codec-peer';
import { encodeToClient, encodeToServer } from '../../src/wire/frames';

const BETWEEN_LIES_MS = 10;
const NOTHING = Buffer.alloc(0);
/** A ballot that nobody has come to yet: whoever takes it from its server follows that. */
const counter = 1_000_000;

interface Stall {
  readonly socket: zmq.Publisher | zmq.Reply | zmq.Router;
  readonly address: string;
}

export class Impostor {
  /** Connections so far, by address. */
  readonly met = new Map<string, number>();
  /** Connections that came through the handshake. */
  admitted = 0;
  /** Messages that somebody sent here. */
  heard = 0;
  private lying: NodeJS.Timeout | undefined;
  private readonly ended: Promise<void>[] = [];

  private constructor(private readonly stalls: readonly Stall[]) {}

  /** At the addresses of a server. @param keys undefined: in the clear */
  static async ofServer(config: ClusterConfig, id: number, keys: KeyPair | undefined): Promise<Impostor> {
    const server = config.servers.find((one) => one.id === id);
    if (!server) throw new Error(`no server ${id}`);
    const publisher = new zmq.Publisher({ linger: 0, sendTimeout: 0, ...curve(keys) });
    const replier = new zmq.Reply({ linger: 0, ...curve(keys) });
    const impostor = new Impostor([
      { socket: publisher, address: server.pub },
      { socket: replier, address: server.rep },
    ]);
    await impostor.open();
    const codec = createPeerCodec(config.cluster);
    const ballot = { counter, server: id };
    const beat = { type: 'Heartbeat', ballot, committed: counter, beat: 1, clients: 0 } as const;
    const lie = Buffer.from(codec.encodePeer({ from: id, birth: '', question: 0, message: beat }));
    impostor.lying = setInterval(() => void publisher.send(lie).catch(() => {}), BETWEEN_LIES_MS);
    void impostor.answer(replier, (question) => {
      const asked = codec.decodePeer(question);
      const number = 'bad' in asked ? 0 : asked.question;
      const values = { type: 'Values', from: 0, values: [], committed: counter, first: counter } as const;
      return Buffer.from(codec.encodePeer({ from: id, birth: '', question: number, message: values }));
    });
    return impostor;
  }

  /** At both addresses of the balancer: tells each who comes to go away for good. */
  static async ofBalancer({ balancer }: ClusterConfig, keys: KeyPair | undefined): Promise<Impostor> {
    const [clients, servers] = [balancer.clients, balancer.servers].map((address) => ({
      socket: new zmq.Router({ linger: 0, sendTimeout: 0, ...curve(keys) }),
      address,
    })) as [Stall & { socket: zmq.Router }, Stall & { socket: zmq.Router }];
    const impostor = new Impostor([clients, servers]);
    await impostor.open();
    void impostor.refuse(clients.socket, Buffer.from(encodeToClient({ type: 'refused', reason: 'go away' })));
    void impostor.refuse(servers.socket, Buffer.from(encodeToServer({ type: 'refused', reason: 'unknown-server' })));
    return impostor;
  }

  async close(): Promise<void> {
    clearInterval(this.lying);
    for (const { socket } of this.stalls) socket.close();
    await Promise.all(this.ended);
  }

  private async open(): Promise<void> {
    for (const { socket, address } of this.stalls) {
      const ended = readMonitor(socket, (type) => {
        if (type === 'accept') this.met.set(address, (this.met.get(address) ?? 0) + 1);
        if (type === 'handshake') this.admitted += 1;
      });
      this.ended.push(ended);
      await socket.bind(address);
    }
  }

  private async answer(socket: zmq.Reply, lie: (question: Uint8Array) => Buffer): Promise<void> {
    for await (const [question] of socket) {
      this.heard += 1;
      await socket.send(lie(question ?? NOTHING)).catch(() => {});
    }
  }

  private async refuse(socket: zmq.Router, route: Buffer): Promise<void> {
    for await (const [peer] of socket) {
      this.heard += 1;
      await socket.send([peer ?? NOTHING, route, NOTHING]).catch(() => {});
    }
  }
}

function curve(keys: KeyPair | undefined): object {
  return keys ? { curveServer: true, curvePublicKey: keys.publicKey, curveSecretKey: keys.secretKey } : {};
}
