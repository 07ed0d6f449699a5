/** A client's session on a real socket and a real clock: what the window, the line modes and the benchmark share. */

import type { Command } from '../chat/commands';
import type { Cancel, Machine } from '../lib/machine';
import { seededRandom } from '../lib/prng';
import type { Dealer, Frames, Transport } from '../transport/transport';
import { type ClientCodec, createClientCodec } from '../wire/codec-client';
import { decodeToClient, encodeClient } from '../wire/frames';
import { SALT_BYTES } from '../wire/proof';
import type { SessionEffect } from './effects';
import { type ClientEvent, NO_ORIGIN } from './events';
import type { Kept, Outbox } from './kept';
import type { Asked } from './questions';
import { ClientSession } from './session';
import type { SessionOptions } from './session-options';

const TICK_MS = 100;
const NO_PAYLOAD = new Uint8Array(0);

export interface ConnectOptions extends Omit<SessionOptions, 'random' | 'newSalt' | 'balancerKey' | 'outbox'> {
  /** The balancer's address for clients. */
  readonly endpoint: string;
  readonly transport: Transport;
  readonly machine: Machine;
  readonly onEvent: (event: ClientEvent) => void;
  /** Where what has no outcome is kept; undefined: it is lost with this process. */
  readonly outbox?: Outbox;
  /** While it gives a promise, nothing more is read from the cluster until that resolves. */
  readonly ready?: (() => Promise<void> | undefined) | undefined;
}

/** A connected client. Everything comes back by `onEvent`. */
export class Client {
  private readonly session: ClientSession;
  private readonly dealer: Dealer;
  private readonly stopTicking: Cancel;
  private codec: ClientCodec;
  private flushing = false;
  /** Why what has no outcome is not kept; '' when it is. */
  private trouble = '';
  /** False while nothing is read from the cluster. */
  private listening = true;

  constructor(private readonly options: ConnectOptions) {
    const { transport, endpoint, machine } = options;
    const newSalt = () => machine.randomBytes(SALT_BYTES);
    const balancerKey = () => transport.keyAt(endpoint);
    const random = seededRandom(Buffer.from(machine.randomBytes(4)).readUInt32LE());
    this.session = new ClientSession({ ...options, random, newSalt, balancerKey });
    this.codec = createClientCodec(options.cluster);
    this.dealer = transport.connectDealer(
      endpoint,
      (frames) => this.onFrames(frames),
      (state, refused) => this.perform(this.session.onSocket(state, this.now(), refused)),
    );
    const tick = () => this.perform(this.session.tick(this.now(), this.listening));
    this.stopTicking = machine.timers.every(TICK_MS, tick);
    // Its first event comes after the constructor: whoever made it knows it by then.
    machine.timers.soon(() => this.perform(this.session.start(this.now())));
  }

  get nick(): string {
    return this.session.nick;
  }

  /** The server that serves this client; 0: none. */
  get server(): number {
    return this.session.server;
  }

  /** Why the balancer does not let this client in, in words; '' when it does, or is not there. */
  get refusal(): string {
    return this.session.refusal;
  }

  /** Milliseconds until the balancer is looked for again; undefined when it is there. */
  get nextTryMs(): number | undefined {
    return this.session.nextTryMs(this.now());
  }

  /** Commands whose outcome is not known. */
  get unconfirmed(): number {
    return this.session.unconfirmed;
  }

  /** Lines among them; those that were given up stay so. */
  get unconfirmedLines(): number {
    return this.session.unconfirmedLines;
  }

  /** What has no outcome is kept for the next time. */
  get isKept(): boolean {
    return this.options.outbox !== undefined && this.trouble === '';
  }

  /** Questions without an answer, those for the earlier lines of a joined room among them. */
  get unanswered(): number {
    return this.session.unanswered;
  }

  /** Posts of one turn of the event loop leave together. @param line of the input that it came from */
  post(command: Command, id = '', line = 0): void {
    this.perform(this.session.post(command, id, this.now(), line));
    if (this.flushing) return;
    this.flushing = true;
    this.options.machine.timers.soon(() => {
      this.flushing = false;
      this.perform(this.session.flush(this.now()));
    });
  }

  /** Takes back a post that was never sent. */
  cancel(id: string): void {
    this.perform(this.session.cancel(id, this.now()));
  }

  /** The person has read a room up to this index: said now and then, to be known wherever they come back. */
  markRead(room: string, index: number): void {
    this.session.markRead(room, index);
  }

  /** Asks the server something; an event has the answer. */
  ask(question: Asked, origin = NO_ORIGIN): void {
    this.perform(this.session.ask(question, this.now(), origin));
  }

  /** Ends the session, after everything posted before; an `ended` event tells when it is over. */
  close(text = ''): void {
    this.perform(this.session.close(text, this.now()));
  }

  /** Ends at once; each post without an outcome gets an error of its own, then comes `ended`. */
  giveUp(): void {
    this.perform(this.session.giveUp(this.now()));
  }

  /** Lets go of the socket and the clock. */
  dispose(): void {
    this.stopTicking();
    this.dealer.close();
  }

  private onFrames(frames: Frames): Promise<void> | undefined {
    this.receive(frames);
    const ready = this.options.ready?.();
    if (!ready) return undefined;
    this.listening = false;
    return ready.then(() => {
      this.listening = true;
    });
  }

  private receive(frames: Frames): void {
    const [route, payload] = frames;
    const frame = route && frames.length === 2 ? decodeToClient(route) : undefined;
    if (!frame) return; // Not of this protocol: whatever it was, it is asked for again.
    if (frame.type === 'attached') this.codec = createClientCodec(frame.cluster);
    const message = frame.type === 'data' && payload ? this.codec.decodeMessage(payload) : undefined;
    if (message && 'bad' in message) return;
    this.perform(this.session.onFrame(frame, message, this.now()));
  }

  private perform(effects: readonly SessionEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'event') this.options.onEvent(effect.event);
      else if (effect.type === 'keep') this.keep(effect.kept);
      else {
        const payload = effect.request ? this.codec.encodeRequest(effect.request) : NO_PAYLOAD;
        this.dealer.send([encodeClient(effect.frame), payload]);
      }
    }
  }

  /** What cannot be kept is said all the same: that it would be lost with this process is told once. */
  private keep(kept: Kept | undefined): void {
    const trouble = this.options.outbox?.keep(kept) ?? '';
    if (trouble === this.trouble) return;
    this.trouble = trouble;
    if (trouble !== '') this.options.onEvent({ type: 'error', code: 'not-kept', message: trouble });
  }

  private now(): number {
    return this.options.machine.clock.monotonicMs();
  }
}
