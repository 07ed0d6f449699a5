/**
 * The balancer and a server of the ceiling, each in a process of its own: `ceiling-parts.ts`, and then its `CeilingPart`
 * comes as a message. What the sockets and the disk cost is all there; rules there are none: nothing is checked, decoded
 * or kept, posts are copied as they came, and whoever falls silent is waited for.
 *
 *   client ─ posts ─▶ balancer ─▶ server ─ REQ ─▶ leader ─ PUB Accept ─▶ all write ─ PUB Accepted ─▶ all
 *   client ◀─ acknowledged ─ balancer ◀─ its server, once a majority has written
 */
import { closeSync, fdatasync, openSync, write } from 'node:fs';
import { Context, Dealer, Publisher, Reply, Request, Router, Subscriber } from 'zeromq';
import { receiveAll, type Source } from '../src/transport/receiving';
import type { KeyPair } from '../src/transport/security';

export interface CeilingPart {
  readonly role: 'balancer' | 'server';
  /** Of a server, from 1 on; the first one leads. */
  readonly id: number;
  readonly servers: number;
  /** Of the first of 2 + 2 * servers ports. */
  readonly basePort: number;
  /** One pair for everybody: what encryption costs is the same. */
  readonly keys: KeyPair;
  /** What is appended to; none for a memory. */
  readonly file: string | undefined;
  /** Rounds in flight at once, and the bytes of one at most. */
  readonly pipelineRounds: number;
  readonly batchBytes: number;
  /** Committed posts are sent to all clients, not only acknowledged to whoever posted them. */
  readonly deliver: boolean;
}

/** What the product's frames have of bytes beside the posts, so that these are as large. */
const ROUTE_BYTES = 5;
const NUMBERED_BYTES = 9;
const ADDRESSEE_BYTES = 8;
const ENVELOPE_BYTES = 40;
const ACK_BYTES = 24;
/** Before each piece of a batch: who has to acknowledge it to whom, and how many bytes of posts follow. */
const PIECE_HEAD_BYTES = 12;
const LEADER = 1;
const GREETING_MS = 20;
/** A log that is longer begins again. */
const LOG_BYTES = 256 * 1024 * 1024;

const REGISTER = 0;
export const HELLO = 1;
export const POSTS = 2;
export const ACKNOWLEDGED = 3;
export const DELIVERED = 4;

export function address(basePort: number, port: number): string {
  return `tcp://127.0.0.1:${basePort + port}`;
}

const context = new Context();

function bindingOptions(keys: KeyPair) {
  return { context, curveServer: true, curvePublicKey: keys.publicKey, curveSecretKey: keys.secretKey, linger: 0 };
}

export function connectingOptions(keys: KeyPair) {
  const { publicKey, secretKey } = keys;
  return { curveServerKey: publicKey, curvePublicKey: publicKey, curveSecretKey: secretKey, linger: 0 };
}

/** Sent at once: two sends never overlap. */
const SENDING = { sendHighWaterMark: 0, sendTimeout: 0 };
const RECEIVING = { receiveHighWaterMark: 0 };
export const BOTH = { ...SENDING, ...RECEIVING };

/** Reads for ever. */
export function listen(socket: Source, on: (frames: Buffer[]) => void): Promise<void> {
  return receiveAll(socket, (frames) => on(frames as Buffer[]));
}

async function runBalancer({ basePort, keys, servers }: CeilingPart): Promise<void> {
  const toClients = new Router({ ...bindingOptions(keys), ...BOTH });
  const toServers = new Router({ ...bindingOptions(keys), ...BOTH });
  await toClients.bind(address(basePort, 0));
  await toServers.bind(address(basePort, 1));
  const serverPeers: Buffer[] = [];
  const clients: Buffer[] = [];
  const attachments = new Map<string, { readonly server: number; readonly attachment: number }>();
  void listen(toServers, ([peer, route, payload]) => {
    if (!peer || !route || !payload) return;
    if (route[0] === REGISTER) {
      serverPeers[payload.readUInt32BE(0)] = peer;
      if (Object.keys(serverPeers).length === servers) process.send?.('ready');
      return;
    }
    for (let at = 1; at < route.length; at += ADDRESSEE_BYTES) {
      const attachment = route.readUInt32BE(at);
      const head = Buffer.allocUnsafe(NUMBERED_BYTES);
      head[0] = route[0] as number;
      head.writeUInt32BE(attachment, 1);
      void toClients.send([clients[attachment] as Buffer, head, payload]);
    }
  });
  await listen(toClients, ([peer, route, payload]) => {
    if (!peer || !route || !payload) return;
    const key = peer.toString('latin1');
    let known = attachments.get(key);
    if (!known) {
      // One after the other, from the first server on.
      known = { server: 1 + (clients.length % servers), attachment: clients.length };
      clients.push(peer);
      attachments.set(key, known);
    }
    const head = Buffer.alloc(ROUTE_BYTES);
    head[0] = route[0] as number;
    head.writeUInt32BE(known.attachment, 1);
    void toServers.send([serverPeers[known.server] as Buffer, head, payload]);
  });
}

/** A server: the first one leads, and always does. */
class CeilingServer {
  private readonly toBalancer;
  private readonly publisher;
  private readonly replier;
  private readonly requester;
  private readonly file: number | undefined;
  private readonly readers: number[] = [];
  private greeting: NodeJS.Timeout | undefined;
  /** Pieces that wait to be proposed, or forwarded. */
  private waiting: Buffer[] = [];
  private flushing = false;
  private forwarding = false;
  private nextRound = 0;
  private committed = 0;
  private readonly values = new Map<number, Buffer>();
  private readonly votes = new Map<number, number>();
  private unwritten: Buffer[] = [];
  private acceptedThrough = 0;
  /** Where in the file the next write goes. */
  private place = 0;
  private writing = false;

  constructor(private readonly part: CeilingPart) {
    const { keys, file } = part;
    this.toBalancer = new Dealer({ context, ...connectingOptions(keys), ...BOTH });
    this.publisher = new Publisher({ ...bindingOptions(keys), ...SENDING });
    this.replier = new Reply({ ...bindingOptions(keys), ...BOTH });
    this.requester = new Request({ context, ...connectingOptions(keys), ...BOTH });
    this.file = file === undefined ? undefined : openSync(file, 'w');
    process.once('exit', () => this.file !== undefined && closeSync(this.file));
  }

  async run(): Promise<void> {
    const { basePort, id, servers, keys } = this.part;
    await this.publisher.bind(address(basePort, 2 * id));
    await this.replier.bind(address(basePort, 2 * id + 1));
    const unheard = new Set(Array.from({ length: servers }, (_, index) => index + 1));
    unheard.delete(id);
    for (const peer of unheard) {
      const subscriber = new Subscriber({ context, ...connectingOptions(keys), ...RECEIVING });
      subscriber.subscribe();
      subscriber.connect(address(basePort, 2 * peer));
      void listen(subscriber, ([head, value]) => {
        if (head?.[0] !== HELLO) return head && this.onPublished(head, value);
        if (unheard.delete(peer) && unheard.size === 0) this.register();
      });
    }
    // What is published before somebody subscribes is lost, and here nobody would say it again.
    this.greeting = setInterval(() => void this.publisher.send(Buffer.from([HELLO])), GREETING_MS);
    if (id !== LEADER) this.requester.connect(address(basePort, 2 * LEADER + 1));
    void listen(this.replier, ([pieces]) => {
      if (pieces) this.take(pieces);
      void this.replier.send(Buffer.alloc(ENVELOPE_BYTES));
    });
    this.toBalancer.connect(address(basePort, 1));
    if (unheard.size === 0) this.register();
    await listen(this.toBalancer, ([route, payload]) => route && payload && this.onClient(route, payload));
  }

  private register(): void {
    const own = Buffer.alloc(4);
    own.writeUInt32BE(this.part.id);
    void this.toBalancer.send([Buffer.from([REGISTER]), own]);
  }

  private onClient(route: Buffer, payload: Buffer): void {
    const attachment = route.readUInt32BE(1);
    clearInterval(this.greeting);
    if (route[0] === HELLO) {
      this.readers.push(attachment);
      this.tell(HELLO, [attachment], Buffer.alloc(ACK_BYTES));
      return;
    }
    const piece = Buffer.allocUnsafe(PIECE_HEAD_BYTES + payload.length);
    piece.writeUInt32BE(this.part.id, 0);
    piece.writeUInt32BE(attachment, 4);
    piece.writeUInt32BE(payload.length, 8);
    payload.copy(piece, PIECE_HEAD_BYTES);
    this.take(piece);
  }

  /** What comes in one turn of the event loop goes on together. */
  private take(pieces: Buffer): void {
    this.waiting.push(pieces);
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(() => {
      this.flushing = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.part.id === LEADER) this.propose();
    else if (!this.forwarding && this.waiting.length > 0) void this.forward();
  }

  private async forward(): Promise<void> {
    this.forwarding = true;
    await this.requester.send(this.takeBatch());
    await this.requester.receive();
    this.forwarding = false;
    this.flush();
  }

  private propose(): void {
    while (this.waiting.length > 0 && this.nextRound - this.committed < this.part.pipelineRounds) {
      const value = this.takeBatch();
      const head = Buffer.alloc(ENVELOPE_BYTES);
      head[0] = POSTS;
      head.writeUInt32BE(this.nextRound, 1);
      void this.publisher.send([head, value]);
      this.accept(this.nextRound, value);
    }
  }

  private takeBatch(): Buffer {
    let bytes = 0;
    let count = 0;
    for (const piece of this.waiting) {
      if (count > 0 && bytes + piece.length > this.part.batchBytes) break;
      bytes += piece.length;
      count += 1;
    }
    const batch = Buffer.concat(this.waiting.slice(0, count), bytes);
    this.waiting = this.waiting.slice(count);
    return batch;
  }

  private onPublished(head: Buffer, value: Buffer | undefined): void {
    const round = head.readUInt32BE(1);
    if (value) this.accept(round, value);
    else for (let below = head.readUInt32BE(5); below <= round; below += 1) this.count(below);
  }

  private accept(round: number, value: Buffer): void {
    this.values.set(round, value);
    this.nextRound = Math.max(this.nextRound, round + 1);
    this.unwritten.push(value);
    if (!this.writing) this.writeAll();
  }

  /** One write for all that came during the last one. */
  private writeAll(): void {
    const bytes = Buffer.concat(this.unwritten);
    const from = this.acceptedThrough;
    this.acceptedThrough += this.unwritten.length;
    this.unwritten = [];
    const through = this.acceptedThrough - 1;
    if (this.file === undefined) return this.onWritten(from, through);
    this.writing = true;
    const { file, place } = this;
    this.place = place > LOG_BYTES ? 0 : place + bytes.length;
    write(file, bytes, 0, bytes.length, place, (failed) => {
      if (failed) throw failed;
      fdatasync(file, (error) => {
        if (error) throw error;
        this.writing = false;
        this.onWritten(from, through);
        if (this.unwritten.length > 0) this.writeAll();
      });
    });
  }

  private onWritten(from: number, through: number): void {
    const head = Buffer.alloc(ENVELOPE_BYTES);
    head[0] = ACKNOWLEDGED;
    head.writeUInt32BE(through, 1);
    head.writeUInt32BE(from, 5);
    void this.publisher.send(head);
    for (let round = from; round <= through; round += 1) this.count(round);
  }

  private count(round: number): void {
    if (round < this.committed) return;
    this.votes.set(round, (this.votes.get(round) ?? 0) + 1);
    const majority = Math.floor(this.part.servers / 2) + 1;
    while ((this.votes.get(this.committed) ?? 0) >= majority) {
      const value = this.values.get(this.committed);
      if (!value) return;
      this.votes.delete(this.committed);
      this.values.delete(this.committed);
      this.committed += 1;
      this.commit(value);
    }
    this.flush();
  }

  private commit(value: Buffer): void {
    const bytesOf = new Map<number, number>();
    for (let at = 0; at < value.length; ) {
      const length = value.readUInt32BE(at + 8);
      if (value.readUInt32BE(at) === this.part.id) {
        const attachment = value.readUInt32BE(at + 4);
        bytesOf.set(attachment, (bytesOf.get(attachment) ?? 0) + length);
      }
      at += PIECE_HEAD_BYTES + length;
    }
    for (const [attachment, bytes] of bytesOf) {
      const acknowledged = Buffer.alloc(ACK_BYTES);
      acknowledged.writeUInt32BE(bytes, 0);
      this.tell(ACKNOWLEDGED, [attachment], acknowledged);
    }
    if (this.part.deliver && this.readers.length > 0) this.tell(DELIVERED, this.readers, value);
  }

  private tell(kind: number, attachments: readonly number[], payload: Buffer): void {
    const route = Buffer.alloc(1 + ADDRESSEE_BYTES * attachments.length);
    route[0] = kind;
    attachments.forEach((attachment, index) => {
      route.writeUInt32BE(attachment, 1 + ADDRESSEE_BYTES * index);
    });
    void this.toBalancer.send([route, payload]);
  }
}

/** Bytes of posts in a delivered batch. */
export function postBytes(value: Buffer): number {
  let bytes = 0;
  for (let at = 0; at < value.length; ) {
    const length = value.readUInt32BE(at + 8);
    bytes += length;
    at += PIECE_HEAD_BYTES + length;
  }
  return bytes;
}

if (require.main === module) {
  process.once('message', (part: CeilingPart) => {
    void (part.role === 'balancer' ? runBalancer(part) : new CeilingServer(part).run());
  });
  // It has no other end than that of whoever started it.
  process.once('disconnect', () => process.exit(0));
}
