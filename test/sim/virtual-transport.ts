/** The sockets that a process has on the virtual network. */
import type {
  Closable,
  Dealer,
  Frames,
  LinkState,
  PeerKey,
  Publisher,
  Replier,
  Requester,
  Router,
  RouterHandlers,
  Transport,
} from '../../src/transport/transport';
import { type Bound, Connection, type ConnectionOptions, copyOf, type Link } from './connection';
import type { Network } from './network';
import type { VirtualProcess } from './process';
import { VirtualRequester } from './virtual-requester';

export class VirtualTransport implements Transport {
  private readonly open = new Set<Closable>();

  constructor(
    private readonly network: Network,
    private readonly process: VirtualProcess,
    /** Questions to one peer that may be under way or wait. */
    private readonly peerQuestions: number,
  ) {}

  async bindPublisher(address: string): Promise<Publisher> {
    const subscribers = new Set<Link>();
    const close = this.bind(address, {
      process: this.process,
      onUp: (link) => subscribers.add(link),
      onFrames: () => {},
      onDown: (link) => subscribers.delete(link),
    });
    const publish = (payload: Uint8Array) => {
      const frames = copyOf([payload]);
      for (const link of subscribers) if (link.connection.isOf(link)) link.connection.sendBack(frames);
    };
    return { publish, close };
  }

  connectSubscriber(
    address: string,
    onMessage: (payload: Uint8Array) => void,
    onLink: (state: LinkState) => void,
  ): Closable {
    const onFrames = ([payload]: Frames) => onMessage(payload as Uint8Array);
    return this.connect(address, { out: 'publish', back: 'publish', waits: false, onFrames, onLink });
  }

  async bindReplier(
    address: string,
    onQuestion: (question: Uint8Array, answer: (payload: Uint8Array) => void) => void,
  ): Promise<Replier> {
    const questions: { readonly from: Link; readonly frames: Frames }[] = [];
    let isBusy = false;
    const next = () => {
      const question = questions.shift();
      isBusy = question !== undefined;
      if (!question) return;
      const [number, payload] = question.frames as [Uint8Array, Uint8Array];
      onQuestion(payload, (answer) => {
        const { from } = question;
        if (from.connection.isOf(from)) from.connection.sendBack(copyOf([number, answer]));
        this.process.timers.soon(next);
      });
    };
    const close = this.bind(address, {
      process: this.process,
      onUp: () => {},
      onFrames: (from, frames) => {
        questions.push({ from, frames });
        if (!isBusy) next();
      },
      onDown: () => {},
    });
    return { close };
  }

  connectRequester(address: string): Requester {
    return new VirtualRequester(this.process, this.network.weather, this.peerQuestions, (onFrames, onLink) =>
      this.connect(address, { out: 'question', back: 'answer', waits: false, onFrames, onLink }),
    );
  }

  async bindRouter(address: string, handlers: RouterHandlers): Promise<Router> {
    const keys = new Map<Link, PeerKey>();
    const peers = new Map<PeerKey, Link>();
    let last = 0;
    const close = this.bind(address, {
      process: this.process,
      onUp: (link) => {
        last += 1;
        keys.set(link, String(last));
        peers.set(String(last), link);
      },
      onFrames: (link, frames) => {
        const key = keys.get(link);
        if (key !== undefined) handlers.onMessage(key, frames);
      },
      onDown: (link) => {
        peers.delete(keys.get(link) ?? '');
        keys.delete(link);
        handlers.onDisconnect();
      },
    });
    const send = (key: PeerKey, frames: Frames) => {
      const peer = peers.get(key);
      // It is gone, and that has not been noticed here: what is sent to it is lost.
      if (peer && !peer.connection.isOf(peer)) return;
      if (peer?.connection.sendBack(copyOf(frames))) return;
      const reason = peer ? 'full' : 'gone';
      this.process.timers.soon(() => handlers.onUndelivered(key, frames, reason));
    };
    return { send, close };
  }

  connectDealer(
    address: string,
    onFrames: (frames: Frames) => void | Promise<void>,
    onLink: (state: LinkState) => void,
  ): Dealer {
    return this.connect(address, { out: 'client', back: 'client', waits: true, onFrames, onLink });
  }

  keyAt(): string {
    return '';
  }

  async close(): Promise<void> {
    for (const socket of this.open) socket.close();
  }

  private bind(address: string, bound: Bound): () => void {
    const socket = this.network.bind(address, bound);
    this.open.add(socket);
    return socket.close;
  }

  private connect(address: string, options: ConnectionOptions): Connection {
    const connection = new Connection(this.network, this.process, address, options);
    this.open.add(connection);
    return connection;
  }
}
