/** Carries out the effects of a server's core, in order: on the sockets, on the disk. */
import type { Logger } from '../lib/log';
import type { ScanRange, Storage, StoredRecord } from '../storage/storage';
import type { Dealer, Publisher, Requester } from '../transport/transport';
import type { ClientCodec } from '../wire/codec-client';
import type { PeerCodec } from '../wire/codec-peer';
import { encodeServer } from '../wire/frames';
import type { PeerEnvelope } from '../wire/peer';
import type { ServerCore } from './core';
import type { ServerEffect } from './effects';
import type { GroupCommit } from './group-commit';

const NO_PAYLOAD = new Uint8Array(0);
/** Numbers of questions begin again after it. */
const MAX_QUESTION = 2 ** 31;

/** The sockets of a server, as far as effects need them. */
export interface ServerSockets {
  readonly publisher: Publisher;
  readonly requesters: ReadonlyMap<number, Requester>;
  readonly balancer: Dealer;
}

/** A question of a peer. */
export interface PeerQuestion {
  /** The peer's own number for it: its answer carries it. */
  readonly number: number;
  readonly answer: (payload: Uint8Array) => void;
}

export interface PerformOptions {
  readonly id: number;
  readonly core: ServerCore;
  readonly sockets: ServerSockets;
  readonly commit: GroupCommit;
  readonly storage: Storage;
  readonly peerCodec: PeerCodec;
  readonly clientCodec: ClientCodec;
  readonly questionTimeoutMs: number;
  readonly log: Logger;
  /** Answers of peers come back here, undecoded, with the number of the question that they are to answer. */
  readonly onAnswer: (from: number, payload: Uint8Array, question: number) => void;
  /** Peers' questions that are not answered yet, by the number that they have here. */
  readonly asked: Map<number, PeerQuestion>;
  readonly onRecords: (id: number, records: readonly StoredRecord[]) => void;
  readonly onDiskFailure: (error: unknown) => void;
  readonly onStop: (status: number, reason: string) => void;
}

export class Performer {
  /** The number of the last question asked. */
  private question = 0;

  constructor(private readonly options: PerformOptions) {}

  perform(effects: readonly ServerEffect[]): void {
    for (const effect of effects) this.performOne(effect);
  }

  private performOne(effect: ServerEffect): void {
    const { sockets, commit, clientCodec, log } = this.options;
    switch (effect.type) {
      case 'persist':
        commit.add(effect.write, effect.then);
        break;
      case 'read':
        void this.read(effect.id, effect.range);
        break;
      case 'broadcast':
        sockets.publisher.publish(this.encode(effect.message, 0));
        break;
      case 'ask':
        void this.ask(effect.to, effect.message);
        break;
      case 'reply':
        this.reply(effect.question, effect.message);
        break;
      case 'toClients': {
        const route = encodeServer({ type: 'data', to: effect.to });
        sockets.balancer.send([route, clientCodec.encodeMessage(effect.message)]);
        break;
      }
      case 'toBalancer':
        sockets.balancer.send([encodeServer(effect.frame), NO_PAYLOAD]);
        break;
      case 'log':
        log[effect.level](effect.text);
        break;
      case 'stop':
        this.options.onStop(effect.status, effect.reason);
        break;
    }
  }

  private async read(id: number, range: ScanRange): Promise<void> {
    try {
      this.options.onRecords(id, await this.options.storage.scan(range));
    } catch (error) {
      this.options.onDiskFailure(error);
    }
  }

  private encode(message: PeerEnvelope['message'], question: number): Uint8Array {
    return this.options.peerCodec.encodePeer({
      from: this.options.id,
      birth: this.options.core.birth,
      question,
      message,
    });
  }

  /** An answer that does not come is not waited for: whoever needs it asks again. */
  private async ask(to: number, message: PeerEnvelope['message']): Promise<void> {
    this.question = (this.question % MAX_QUESTION) + 1;
    const { question } = this;
    const requester = this.options.sockets.requesters.get(to);
    const answer = await requester?.ask(this.encode(message, question), this.options.questionTimeoutMs);
    if (answer) this.options.onAnswer(to, answer, question);
  }

  private reply(question: number, message: PeerEnvelope['message']): void {
    const asked = this.options.asked.get(question);
    asked?.answer(this.encode(message, asked.number));
  }
}
