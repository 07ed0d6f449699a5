/** A client of etcd: gRPC on node's own HTTP/2, which does less for each call than the libraries. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { PeerClient } from './peer';
import { decode, encode, frame, Unframer } from './protobuf';

/** Fields of etcd's messages (rpc.proto). */
const STATUS = { header: 1, leader: 4 };
const HEADER = { memberId: 2 };
const PUT = { key: 1, value: 2 };
const WATCH = { create: 1 };
const WATCH_CREATE = { key: 1, rangeEnd: 2 };
const WATCH_RESPONSE = { created: 3, event: 11 };

const PREFIX = 'bench/';
/** What comes after all keys that begin with the prefix. */
const PREFIX_END = 'bench0';
/** As grpc-go has it for busy streams: a watch is not held up by acknowledgements that are not asked for yet. */
const WINDOW_BYTES = 16 * 1024 * 1024;

/** One connection, for any number of calls at once. */
export class EtcdConnection {
  private readonly session: ClientHttp2Session;

  constructor(url: string) {
    this.session = connect(url, { settings: { initialWindowSize: WINDOW_BYTES } });
    this.session.once('connect', () => this.session.setLocalWindowSize(WINDOW_BYTES));
    // Each call under way fails with it.
    this.session.on('error', () => {});
  }

  get isOpen(): boolean {
    return !this.session.closed && !this.session.destroyed;
  }

  /** Calls once, and gives what was answered. */
  call(method: string, request: Buffer, onDone: (error?: Error, response?: Buffer) => void): void {
    let response: Buffer | undefined;
    let onceDone: typeof onDone | undefined = onDone;
    const done = (error?: Error) => {
      onceDone?.(error, response);
      onceDone = undefined;
    };
    const stream = this.open(method, done);
    const unframer = new Unframer();
    stream.on('data', (bytes: Buffer) => {
      response = unframer.push(bytes)[0] ?? response;
    });
    stream.once('trailers', (trailers) => {
      done(trailers['grpc-status'] === '0' ? undefined : new Error(`etcd: ${trailers['grpc-message']}`));
    });
    stream.end(frame(request));
  }

  /** Begins a call that is answered again and again. */
  listen(
    method: string,
    request: Buffer,
    onResponse: (response: Buffer) => void,
    onEnd: (error?: Error) => void,
  ): void {
    const stream = this.open(method, onEnd);
    const unframer = new Unframer();
    stream.on('data', (bytes: Buffer) => unframer.push(bytes).forEach(onResponse));
    stream.write(frame(request));
  }

  /** Whether the node leads. @throws when it knows of no leader */
  async isLeader(): Promise<boolean> {
    const status = await new Promise<Buffer>((resolve, reject) => {
      this.call('Maintenance/Status', Buffer.alloc(0), (error, response) => {
        if (response) resolve(response);
        else reject(error);
      });
    });
    const { header, leader } = STATUS;
    const fields = new Map(decode(status));
    if (!fields.get(leader)) throw new Error('etcd knows no leader');
    return new Map(decode(fields.get(header) as Buffer)).get(HEADER.memberId) === fields.get(leader);
  }

  close(): void {
    this.session.destroy();
  }

  private open(method: string, onError: (error: Error) => void): ClientHttp2Stream {
    const stream = this.session.request({
      ':method': 'POST',
      ':path': `/etcdserverpb.${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.once('error', onError);
    stream.once('close', () => onError(new Error('etcd: the connection was closed')));
    // A call that is refused at once has its status there, and no trailers.
    stream.once('response', (headers) => {
      if (headers['grpc-status']) onError(new Error(`etcd: ${headers['grpc-message']}`));
    });
    return stream;
  }
}

export class EtcdClient implements PeerClient {
  private posted = 0;
  private readonly value: Buffer;

  constructor(
    private readonly connection: EtcdConnection,
    /** Nobody else's. */
    private readonly name: string,
    size: number,
  ) {
    this.value = Buffer.alloc(size, 'x');
  }

  get isOpen(): boolean {
    return this.connection.isOpen;
  }

  post(onDone: (error?: Error) => void): void {
    this.posted += 1;
    const key = Buffer.from(`${PREFIX}${this.name}/${this.posted}`);
    const request = encode([
      [PUT.key, key],
      [PUT.value, this.value],
    ]);
    this.connection.call('KV/Put', request, onDone);
  }

  read(onPosts: (count: number) => void): Promise<void> {
    const { key, rangeEnd } = WATCH_CREATE;
    const range = encode([
      [key, Buffer.from(PREFIX)],
      [rangeEnd, Buffer.from(PREFIX_END)],
    ]);
    return new Promise((resolve, reject) => {
      const onResponse = (response: Buffer) => {
        let events = 0;
        for (const [field] of decode(response)) {
          if (field === WATCH_RESPONSE.event) events += 1;
          else if (field === WATCH_RESPONSE.created) resolve();
        }
        if (events > 0) onPosts(events);
      };
      this.connection.listen('Watch/Watch', encode([[WATCH.create, range]]), onResponse, reject);
    });
  }

  async close(): Promise<void> {
    this.connection.close();
  }
}
