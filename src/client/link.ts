/**
 * The way to a server: finds the balancer, keeps the attachment that it gave, and notices when either is gone. What
 * is said over it is the session's business.
 */
import type { Random } from '../lib/prng';
import type { RefusalReason } from '../transport/security';
import type { LinkState } from '../transport/transport';
import type { ClientRequest } from '../wire/client';
import { type Attachment, PROTOCOL_VERSION, type ToClientFrame, type Token } from '../wire/frames';
import type { ClientLimits } from './limits';
import type { Outlet } from './outlet';
import { refusalInWords } from './refusal';
import { Retry } from './retry';

type FrameOf<Type extends ToClientFrame['type']> = Extract<ToClientFrame, { readonly type: Type }>;

/** What the balancer says that is of interest to the session. */
type SessionFrame = Exclude<ToClientFrame, FrameOf<'pong' | 'check' | 'throttled' | 'info'>>;

/** Where a payload stands among those of its attachment. */
export type PayloadPlace = 'next' | 'gap' | 'late';

/** A process that does nothing for so long was stopped: time passes a few times a second. */
const STOPPED_MS = 2000;

export class Link {
  private phase: 'connecting' | 'waiting' | 'attached' = 'connecting';
  private attachment: Attachment = 0;
  private serverId = 0;
  private name: string;
  private majority = true;
  /** The number of the last payload heard on this attachment. */
  private heard = 0;
  /** When the last one was heard. */
  private payloadMs = 0;
  /** When something was said first since the balancer was heard last; undefined: nothing was. */
  private askedMs: number | undefined;
  /** Where the session was before: named in the next hello. */
  private previous = 0;
  private heardMs = 0;
  /** When this process did something last. */
  private awakeMs = 0;
  private pingedMs = 0;
  /** The last one heard: the next ping says it. */
  private token: Token = 0;
  private helloMs = 0;
  /** What the socket's monitor says. A hello for a link that is down would only wait in the socket's queue. */
  private socket: 'new' | 'up' | 'down' = 'new';
  private refused = '';
  private readonly helloAgain: Retry;

  /** @param endpoint where the balancer is, for whoever reads of it; '' when that is not known */
  constructor(
    private readonly cluster: string,
    private readonly endpoint: string,
    private readonly limits: ClientLimits,
    random: Random,
    private readonly out: Outlet,
  ) {
    this.name = cluster;
    this.helloAgain = new Retry(limits.silenceMs, limits.resendMostMs, random);
  }

  /** The server that serves this client; 0: none. */
  get server(): number {
    return this.serverId;
  }

  /** The cluster's name, also when any would do. */
  get clusterName(): string {
    return this.name;
  }

  /** Why the balancer does not let this client in, in words; '' when it does, or is not there. */
  get refusal(): string {
    return this.refused;
  }

  /** Milliseconds until the balancer is looked for again; undefined when nothing is due. */
  nextTryMs(nowMs: number): number | undefined {
    return this.phase === 'connecting' ? this.helloAgain.leftMs(nowMs) : undefined;
  }

  /** The last word of a server. */
  get lastPayloadMs(): number {
    return this.payloadMs;
  }

  /**
   * Since when the balancer has been gone, which is noticed now. A connection that closes tells at once, unless something
   * was asked before and had no answer: then it was gone when that was asked; or this process was stopped: then it may
   * have been gone since it was.
   */
  goneSinceMs(nowMs: number): number {
    this.onAwake(nowMs);
    return this.askedMs ?? nowMs;
  }

  /** Whoever was stopped may have missed that somebody is gone: as if they had asked and had no answer. */
  private onAwake(nowMs: number): void {
    if (nowMs - this.awakeMs > STOPPED_MS) this.askedMs ??= this.awakeMs;
    this.awakeMs = nowMs;
  }

  isOf(attachment: Attachment): boolean {
    return this.phase === 'attached' && attachment === this.attachment;
  }

  /**
   * A payload of this attachment with this number has come.
   * @returns `gap` when one before it is missing; `late` when one after it has come before, or it has come already
   */
  placeOf(number: number, nowMs: number): PayloadPlace {
    this.payloadMs = nowMs;
    const ahead = (number - this.heard) | 0;
    if (ahead <= 0) return 'late';
    this.heard = number;
    return ahead === 1 ? 'next' : 'gap';
  }

  start(nowMs: number): void {
    this.awakeMs = nowMs;
    this.out.tellStatus('connecting', 0, 'looking for the cluster');
    this.hello(nowMs);
  }

  /** The balancer lives. */
  onHeard(nowMs: number): void {
    this.heardMs = nowMs;
    this.awakeMs = nowMs;
    this.askedMs = undefined;
  }

  /** A frame of the balancer. @returns it, unless it is about nothing but the connection */
  onFrame(frame: ToClientFrame, nowMs: number): SessionFrame | undefined {
    this.onHeard(nowMs);
    switch (frame.type) {
      case 'pong':
        this.token = frame.token;
        return undefined;
      case 'check':
        this.token = frame.token;
        this.ping(nowMs);
        return undefined;
      case 'throttled':
        this.out.tellError('too-fast', `more than ${frame.framesPerSec} frames a second: some of them were dropped`);
        return undefined;
      case 'info':
        return undefined;
      default:
        return frame;
    }
  }

  /** @returns false when this attachment is known already */
  onAttached({ attachment, server, reason, cluster }: FrameOf<'attached'>): boolean {
    if (this.isOf(attachment)) return false;
    if (this.cluster === '') this.name = cluster;
    if (this.previous !== 0 && server !== this.previous) {
      this.out.tellStatus('rerouted', server, `was on server ${this.previous}, now on server ${server}`);
    } else if (reason === 'lagged') {
      this.out.tellStatus('rerouted', server, 'this client did not read fast enough; it reads what it missed');
    }
    this.phase = 'attached';
    this.attachment = attachment;
    this.heard = 0;
    this.serverId = server;
    this.previous = server;
    this.helloAgain.disarm();
    return true;
  }

  /** The server knows whether a majority follows a leader. */
  onMajority(majority: boolean, reason: string): void {
    this.majority = majority;
    if (!majority) this.out.tellStatus('no-majority', this.serverId, reason);
  }

  /** Everything that was missed has been read: what is said is agreed on and heard, if a majority is there. */
  tellOnline(): void {
    if (this.majority) this.out.tellStatus('online', this.serverId, `served by server ${this.serverId}`);
  }

  /** The server does not take this client for who it says it is. */
  tellRefused(reason: string): void {
    this.out.tellStatus('waiting', this.serverId, reason);
  }

  /** What is said waits its turn. */
  tellSlowed(perSecond: number): void {
    const reason = `at most ${perSecond} a second are taken of each client; what you post waits its turn`;
    if (this.majority) this.out.tellStatus('slowed', this.serverId, reason);
  }

  /** There is no server for this client at present. */
  onWait({ reason, connected, needed }: FrameOf<'wait'>): void {
    this.detach('waiting');
    this.helloAgain.disarm();
    if (reason === 'starting') {
      const more = connected < needed ? '' : ', which get ready';
      this.out.tellStatus('waiting', 0, `${connected} of ${needed} servers connected${more}`, connected);
      return;
    }
    // Of 2f + 1 servers f + 1 are needed.
    const missing = connected < needed ? `${needed} needed` : 'no leader yet';
    const count = `${connected} of ${2 * needed - 1} servers connected, ${missing}`;
    if (reason === 'no-majority') this.out.tellStatus('no-majority', 0, `${count}; what you post waits`, connected);
    else this.out.tellStatus('waiting', 0, `no server can take clients yet (${count})`, connected);
  }

  /** The balancer does not know this client or its attachment. @returns whether there was one */
  onUnknown(nowMs: number): boolean {
    // While a hello is on its way this answers something older.
    if (this.phase === 'connecting') return false;
    this.detach('connecting');
    this.hello(nowMs);
    return true;
  }

  /**
   * The socket's connection came or went.
   * @param refused why the balancer did not let it in
   * @returns whether the attachment is lost
   */
  onSocket(state: LinkState, nowMs: number, refused?: RefusalReason): boolean {
    const before = this.socket;
    this.socket = state;
    if (state === 'up') {
      this.refused = '';
      // The first hello waits in the socket; after a break the balancer sees a stranger.
      if (before === 'down' && this.phase === 'connecting') this.hello(nowMs);
      return false;
    }
    this.detach('connecting');
    this.helloAgain.arm(nowMs);
    const refusal = refused && { address: this.endpoint || 'the balancer', bound: false, why: refused };
    this.refused = refusal ? refusalInWords(refusal, 'this client') : '';
    this.out.tellStatus('connecting', 0, this.refused || 'the connection to the balancer is lost');
    return true;
  }

  /** @returns whether the attachment is lost */
  tick(nowMs: number): boolean {
    this.onAwake(nowMs);
    if (this.phase === 'connecting') {
      if (this.helloAgain.due(nowMs)) this.onNoAnswer(nowMs);
      return false;
    }
    if (nowMs - this.heardMs >= this.limits.silenceMs) {
      this.detach('connecting');
      this.tellNoAnswer();
      this.hello(nowMs);
      return true;
    }
    if (nowMs - this.pingedMs >= this.limits.pingMs) this.ping(nowMs);
    return false;
  }

  /** Sends a request to the server. Without one it is lost: whoever asks asks again on the next attachment. */
  request(request: ClientRequest, nowMs: number): void {
    if (this.phase !== 'attached') return;
    this.askedMs ??= nowMs;
    this.out.send({ type: 'data', attachment: this.attachment }, request);
  }

  private ping(nowMs: number): void {
    this.pingedMs = nowMs;
    this.askedMs ??= nowMs;
    this.out.send({ type: 'ping', attachment: this.attachment, token: this.token });
  }

  bye(): void {
    this.out.send({ type: 'bye', attachment: this.attachment });
  }

  /** Says hello again, but not into the queue of a socket that has no connection: it would say all of it at once. */
  private onNoAnswer(nowMs: number): void {
    this.tellNoAnswer();
    // The monitor's word is a hint, so it does not hold forever.
    if (this.socket === 'up' || nowMs - this.helloMs >= this.limits.resendMostMs) this.sayHello(nowMs);
  }

  private tellNoAnswer(): void {
    const { endpoint } = this;
    const words = endpoint === '' ? 'the balancer does not answer' : `nothing answers at ${endpoint}`;
    this.out.tellStatus('connecting', 0, `${words}: is the cluster running?`);
  }

  private hello(nowMs: number): void {
    this.helloAgain.arm(nowMs);
    this.sayHello(nowMs);
  }

  private sayHello(nowMs: number): void {
    this.helloMs = nowMs;
    this.pingedMs = nowMs;
    this.out.send({ type: 'hello', version: PROTOCOL_VERSION, cluster: this.cluster, previous: this.previous });
  }

  private detach(phase: 'connecting' | 'waiting'): void {
    this.phase = phase;
    this.attachment = 0;
    this.serverId = 0;
  }
}
