/** A server as a process sees it: its sockets, its timer, its disk, around the core that decides everything. */
import type { ClusterConfig, ServerConfig } from '../config/schema';
import { HistoryError } from '../history/blocks';
import { EXIT, ExitError } from '../lib/exit';
import type { Logger } from '../lib/log';
import type { Cancel, Machine } from '../lib/machine';
import type { Random } from '../lib/prng';
import { OncePer } from '../lib/rate';
import { settledWithin } from '../lib/settled';
import { type Storage, StorageError } from '../storage/storage';
import type { RefusalReason } from '../transport/security';
import type { Closable, Frames, LinkState, Requester, Transport } from '../transport/transport';
import { createClientCodec } from '../wire/codec-client';
import { createPeerCodec } from '../wire/codec-peer';
import { decodeToServer } from '../wire/frames';
import type { PeerEnvelope } from '../wire/peer';
import { ServerCore } from './core';
import type { ServerEffect } from './effects';
import { GroupCommit } from './group-commit';
import { type PeerQuestion, Performer } from './perform';
import { loadStored, type StoredServer } from './stored';

/** How often time passes for the core, milliseconds. */
const TICK_MS = 10;
/** How long what is queued may still leave at a clean end, milliseconds. */
const LINGER_MS = 200;
/** A server that has to stop does so after this at the latest, whatever its disk does. Milliseconds. */
const END_MS = 3000;
const NO_ANSWER = new Uint8Array(0);

export interface RunServerOptions {
  readonly config: ClusterConfig;
  readonly id: number;
  readonly storage: Storage;
  readonly transport: Transport;
  readonly machine: Machine;
  readonly random: Random;
  readonly log: Logger;
}

export interface RunningServer {
  /** Resolves with what ended the server, when it was not `close`. */
  readonly failed: Promise<ExitError>;
  /** A clean end: the balancer is told, what is being written is finished. */
  close(): Promise<void>;
}

/**
 * Runs a server until it is closed or fails.
 * @throws ExitError when its data folder cannot be used
 * @throws TransportError when an address cannot be bound
 */
export async function runServer(options: RunServerOptions): Promise<RunningServer> {
  const running = new ServerProcess(options);
  await running.start();
  return running;
}

class ServerProcess implements RunningServer {
  readonly failed: Promise<ExitError>;
  private fail: (error: ExitError) => void = () => {};
  private readonly self: ServerConfig;
  private readonly peers: readonly ServerConfig[];
  private readonly peerCodec;
  private readonly clientCodec;
  private readonly badInput = new OncePer(1000);
  private readonly asked = new Map<number, PeerQuestion>();
  private questions = 0;
  private core: ServerCore | undefined;
  private performer: Performer | undefined;
  private commit: GroupCommit | undefined;
  private stopTicking: Cancel = () => {};
  private readonly sockets: Closable[] = [];
  private ended = false;

  constructor(private readonly options: RunServerOptions) {
    const { config, id } = options;
    const self = config.servers.find((server) => server.id === id);
    if (!self) throw new ExitError(EXIT.config, `server ${id} is not in the configuration`);
    this.self = self;
    this.peers = config.servers.filter((server) => server.id !== id);
    this.peerCodec = createPeerCodec(config.cluster);
    this.clientCodec = createClientCodec(config.cluster);
    this.failed = new Promise((resolve) => {
      this.fail = resolve;
    });
  }

  async start(): Promise<void> {
    const { config, transport, storage, log } = this.options;
    const stored = await loadStored(storage);
    const publisher = await transport.bindPublisher(this.self.pub);
    const core = this.createCore(stored);
    this.core = core;
    const requesters = new Map<number, Requester>();
    for (const peer of this.peers) requesters.set(peer.id, transport.connectRequester(peer.rep));
    const balancer = transport.connectDealer(
      config.balancer.servers,
      (frames) => this.onBalancer(frames),
      (state) => {
        if (state === 'up') this.perform(core.onBalancerBack());
      },
    );
    this.commit = new GroupCommit(
      storage,
      config.limits.server,
      (then) => this.perform(core.onDurable(then)),
      (error) => this.onDiskFailure(error),
    );
    this.performer = new Performer({
      id: this.self.id,
      core,
      sockets: { publisher, requesters, balancer },
      commit: this.commit,
      storage,
      peerCodec: this.peerCodec,
      clientCodec: this.clientCodec,
      questionTimeoutMs: config.timeouts.questionTimeoutMs,
      log,
      onAnswer: (from, payload, question) => this.onAnswer(from, payload, question),
      asked: this.asked,
      onRecords: (read, records) => this.perform(core.onRecords(read, records)),
      onDiskFailure: (error) => this.onDiskFailure(error),
      onStop: (status, reason) => this.stop(status, reason),
    });
    const replier = await transport.bindReplier(this.self.rep, (question, answer) => this.onQuestion(question, answer));
    for (const peer of this.peers) this.sockets.push(this.subscribe(peer));
    this.sockets.push(publisher, replier, balancer, ...requesters.values());
    this.perform(core.start());
    this.stopTicking = this.options.machine.timers.every(TICK_MS, () => this.perform(core.tick()));
    const found = stored.log
      ? `with ${stored.log.accepted.length} rounds in ${this.self.dataDir}`
      : 'with nothing stored yet';
    log.info(`started ${found}; peers at ${this.self.pub} and ${this.self.rep}`);
  }

  async close(): Promise<void> {
    if (this.ended) return;
    if (this.core) this.perform(this.core.leave());
    await this.end();
  }

  private createCore(stored: StoredServer): ServerCore {
    const { config, machine, random } = this.options;
    return new ServerCore(
      {
        id: this.self.id,
        cluster: config.cluster,
        servers: config.servers.map((server) => server.id).sort((a, b) => a - b),
        instance: Buffer.from(machine.randomBytes(8)).toString('hex'),
        pid: machine.pid,
        clock: machine.clock,
        random,
        randomBytes: (count) => machine.randomBytes(count),
        balancerKey: () => this.options.transport.keyAt(config.balancer.servers),
        access: config.access,
        limits: { paxos: config.limits.paxos, chat: config.limits.chat, server: config.limits.server },
      },
      stored,
    );
  }

  private subscribe(peer: ServerConfig): Closable {
    const onMessage = (payload: Uint8Array) => this.onPublished(peer.id, payload);
    const onLink = (state: LinkState, refused?: RefusalReason) => {
      if (this.core && !refused) this.perform(this.core.onLink(peer.id, state));
    };
    return this.options.transport.connectSubscriber(peer.pub, onMessage, onLink);
  }

  private perform(effects: readonly ServerEffect[]): void {
    if (!this.ended) this.performer?.perform(effects);
  }

  private onPublished(from: number, payload: Uint8Array): void {
    const envelope = this.peerCodec.decodePeer(payload);
    if ('bad' in envelope) return this.onBadInput(`PUB of server ${from}`, envelope.bad);
    if (envelope.from !== from) return this.onBadInput(`PUB of server ${from}`, `it says it is ${envelope.from}`);
    this.toCore(envelope);
  }

  private onAnswer(from: number, payload: Uint8Array, question: number): void {
    if (payload.length === 0) return;
    const envelope = this.peerCodec.decodePeer(payload);
    if ('bad' in envelope) return this.onBadInput(`REP of server ${from}`, envelope.bad);
    if (envelope.from !== from) return this.onBadInput(`REP of server ${from}`, `it says it is ${envelope.from}`);
    if (envelope.question !== question) return this.onBadInput(`REP of server ${from}`, 'it answers another question');
    this.toCore(envelope);
  }

  /** Every question is answered once, if only by nothing: the next one is read after it. */
  private onQuestion(payload: Uint8Array, answer: (payload: Uint8Array) => void): void {
    const envelope = this.peerCodec.decodePeer(payload);
    if ('bad' in envelope) {
      this.onBadInput('a question', envelope.bad);
      return answer(NO_ANSWER);
    }
    if (envelope.message.type === 'StatusRequest') return answer(this.status(envelope.question));
    if (!this.peers.some((peer) => peer.id === envelope.from)) {
      this.onBadInput('a question', `server ${envelope.from} is no peer`);
      return answer(NO_ANSWER);
    }
    this.questions += 1;
    const question = this.questions;
    const { machine, config } = this.options;
    const cancel = machine.timers.after(config.timeouts.questionTimeoutMs, () => {
      this.asked.get(question)?.answer(NO_ANSWER);
    });
    const answerOnce = (bytes: Uint8Array) => {
      cancel();
      this.asked.delete(question);
      answer(bytes);
    };
    this.asked.set(question, { number: envelope.question, answer: answerOnce });
    this.toCore(envelope, question);
  }

  private toCore({ from, birth, message }: PeerEnvelope, question?: number): void {
    if (!this.core || this.ended || message.type === 'StatusRequest' || message.type === 'StatusReply') return;
    this.perform(this.core.onPeer(from, birth, message, question));
  }

  private status(question: number): Uint8Array {
    if (!this.core) return NO_ANSWER;
    const message = { type: 'StatusReply', status: this.core.status() } as const;
    return this.peerCodec.encodePeer({ from: this.self.id, birth: this.core.birth, question, message });
  }

  private onBalancer(frames: Frames): void {
    const [route, payload] = frames;
    const frame = route && frames.length === 2 ? decodeToServer(route) : undefined;
    if (!frame || !payload) return this.onBadInput('the balancer', 'an undecodable frame');
    if (!this.core) return;
    if (frame.type !== 'data') return this.perform(this.core.onBalancer(frame));
    const request = this.clientCodec.decodeRequest(payload);
    if ('bad' in request) this.onBadInput('a client', request.bad);
    this.perform(this.core.onClient(frame.attachment, request));
  }

  /** Counted, logged at most once a second, dropped. */
  private onBadInput(whence: string, why: string): void {
    const heldBack = this.badInput.pass(this.options.machine.clock.monotonicMs());
    if (heldBack === undefined) return;
    const more = heldBack > 0 ? ` (and ${heldBack} more since)` : '';
    this.options.log.warn(`dropped a message from ${whence}: ${why}${more}`);
  }

  private onDiskFailure(error: unknown): void {
    if (error instanceof HistoryError) return this.stop(EXIT.data, `${this.self.dataDir}: ${error.message}`);
    if (!(error instanceof StorageError)) throw error;
    this.stop(error.code === 'corrupt' ? EXIT.data : EXIT.disk, error.message);
  }

  private stop(status: number, reason: string): void {
    if (this.ended) return;
    // A disk that is stuck would keep it from ending for ever.
    void settledWithin(END_MS, this.end(), this.options.machine).then(() =>
      this.fail(new ExitError(status, `server ${this.self.id}: ${reason}`)),
    );
  }

  private async end(): Promise<void> {
    this.ended = true;
    this.stopTicking();
    await this.commit?.idle();
    for (const socket of this.sockets) socket.close();
    await this.options.transport.close(LINGER_MS);
    await this.options.storage.close();
  }
}
