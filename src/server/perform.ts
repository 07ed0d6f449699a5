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

/** The sockets of a server, as far as effects need them. */
export interface ServerSockets {
  readonly publisher: Publisher;
  readonly requesters: ReadonlyMap<number, Requester>;
  readonly balancer: Dealer;
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
  /** Answers of peers come back here, undecoded. */
  readonly onAnswer: (from: number, payload: Uint8Array) => void;
  /** Where the answer to a peer's question goes, by the question's number. */
  readonly answers: Map<number, (payload: Uint8Array) => void>;
  readonly onRecords: (id: number, records: readonly StoredRecord[]) => void;
  readonly onDiskFailure: (error: unknown) => void;
  readonly onStop: (status: number, reason: string) => void;
}

export class Performer {
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
        this.reply(effect.question, this.encode(effect.message, effect.question));
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
    const answer = await this.options.sockets.requesters
      .get(to)
      ?.ask(this.encode(message, 0), this.options.questionTimeoutMs);
    if (answer) this.options.onAnswer(to, answer);
  }

  private reply(question: number, payload: Uint8Array): void {
    const answer = this.options.answers.get(question);
    this.options.answers.delete(question);
    answer?.(payload);
  }
}
