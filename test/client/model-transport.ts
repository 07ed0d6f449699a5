/** A transport that leads to a model of a cluster: a client's shell runs on it, without a socket or a process. */
import { seededRandom } from '../../src/lib/prng';
import type { Dealer, Frames, Transport } from '../../src/transport/transport';
import { createClientCodec } from '../../src/wire/codec-client';
import { decodeClient, encodeToClient, type ToClientFrame } from '../../src/wire/frames';
import { ModelCluster } from './model';

/** As the model calls itself. */
export const CLUSTER = 'm';

export class ModelTransport {
  readonly cluster: ModelCluster;
  private readonly codec = createClientCodec(CLUSTER);
  private readonly shells: ((frames: Frames) => void)[] = [];
  /** Nothing is agreed on while it is false. */
  commits = true;
  /** What the balancer says to a hello instead of giving a server; undefined: it gives one. */
  wait: ToClientFrame | undefined;
  /** Nobody answers while it is false. */
  answers = true;

  constructor(clients = 1) {
    this.cluster = new ModelCluster(clients, seededRandom(1));
  }

  /** For the next client. */
  get transport(): Transport {
    const connectDealer = (_: string, onFrames: (frames: Frames) => void): Dealer => this.connect(onFrames);
    return { connectDealer, keyAt: () => '' } as unknown as Transport;
  }

  private connect(onFrames: (frames: Frames) => void): Dealer {
    const client = this.shells.push(onFrames) - 1;
    return {
      send: ([route, payload]) => {
        const frame = route && decodeClient(route);
        if (!frame || !this.answers) return;
        if (frame.type === 'hello' && this.wait) return this.tell(client, this.wait);
        const request = payload && payload.length > 0 ? this.codec.decodeRequest(payload) : undefined;
        if (request && 'bad' in request) throw new Error(request.bad);
        this.cluster.send(client, request ? { frame, request } : { frame });
        setImmediate(() => this.pump(client));
      },
      close: () => {},
    };
  }

  private pump(client: number): void {
    this.cluster.arrive(client);
    if (this.commits) this.cluster.commit();
    for (const to of this.shells.keys()) {
      for (let down = this.cluster.next(to); down; down = this.cluster.next(to)) {
        const payload = down.message ? this.codec.encodeMessage(down.message) : new Uint8Array(0);
        this.shells[to]?.([encodeToClient(down.frame), payload]);
      }
    }
  }

  private tell(client: number, frame: ToClientFrame): void {
    setImmediate(() => this.shells[client]?.([encodeToClient(frame), new Uint8Array(0)]));
  }
}
