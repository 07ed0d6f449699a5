/** One server's core, alone in its cluster, with a clock and a disk that the test moves. */

import { type Command, gathered } from '../../src/chat/commands';
import { OPEN_TO_ALL } from '../../src/chat/people';
import { acksIn } from '../../src/client/acknowledged';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, limitsOf } from '../../src/config/limits';
import { seededRandom } from '../../src/lib/prng';
import { ServerCore } from '../../src/server/core';
import type { Consequence, ServerEffect } from '../../src/server/effects';
import type { ServerLimits } from '../../src/server/limits';
import { NOTHING_STORED } from '../../src/server/stored';
import { MemoryStorage } from '../../src/storage/memory';
import type { StorageWrite } from '../../src/storage/storage';
import type { AckRun, ClientRequest, ServerMessage } from '../../src/wire/client';
import { encodeGroup } from '../../src/wire/codec-batch';
import type { Addressee } from '../../src/wire/frames';
import { openRequest, sessionId } from '../people';

export const LIMITS = limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS);

/** As fast as they can, unless that is what is looked at. */
export const FAST = { postsPerSecond: 1_000_000, postBurst: 1_000_000 };

export class ServerHarness {
  nowMs = 1000;
  /** Whether writes become durable at once. */
  diskWorks = true;
  private readonly numbers = new Map<number, number>();
  readonly told: { readonly attachments: readonly number[]; readonly message: ServerMessage }[] = [];
  readonly effects: ServerEffect[] = [];
  private readonly waiting: { readonly write: StorageWrite; readonly then: readonly Consequence[] }[] = [];
  /** Where everything written is. */
  readonly storage = new MemoryStorage();
  readonly reads: Extract<ServerEffect, { readonly type: 'read' }>[] = [];
  readonly core: ServerCore;

  constructor(
    serverLimits: Partial<ServerLimits> = {},
    randomBytes = (count: number): Uint8Array => new Uint8Array(count).fill(7),
    access = OPEN_TO_ALL,
  ) {
    const clock = { monotonicMs: () => this.nowMs, wallMs: () => 1_700_000_000_000 + this.nowMs };
    const limits = { paxos: LIMITS.paxos, chat: LIMITS.chat, server: { ...LIMITS.server, ...FAST, ...serverLimits } };
    const options = {
      id: 1,
      cluster: 'test',
      servers: [1],
      instance: 'abcd',
      pid: 1,
      clock,
      random: seededRandom(1),
      randomBytes,
      balancerKey: () => '',
      access,
      limits,
    };
    this.core = new ServerCore(options, NOTHING_STORED);
    this.perform(this.core.start());
    this.pass(2000);
  }

  /** Lets time pass in ticks. */
  pass(ms: number): void {
    for (const end = this.nowMs + ms; this.nowMs < end; this.nowMs += 10) this.perform(this.core.tick());
  }

  attach(attachment: number): void {
    this.perform(this.core.onBalancer({ type: 'attach', attachment }));
  }

  gone(attachment: number): void {
    this.perform(this.core.onBalancer({ type: 'gone', attachment }));
  }

  request(attachment: number, request: ClientRequest | { readonly bad: string }): void {
    this.perform(this.core.onClient(attachment, request));
  }

  open(attachment: number, client: number, nick: string, more: { position?: number; resume?: boolean } = {}): void {
    const { position = 0, resume = false } = more;
    const birth = resume ? this.core.birth : '';
    this.request(attachment, openRequest(client, this.nonce(attachment), { nick, position, birth, resume }));
  }

  /** What is to be signed on this attachment. */
  nonce(attachment: number): Uint8Array {
    this.request(attachment, { type: 'greet' });
    const challenge = this.toldTo(attachment, 'challenge').at(-1);
    if (!challenge) throw new Error('there is no challenge');
    return challenge.nonce;
  }

  /** Opens a session on a new attachment, reads up to the end and joins the lobby. */
  enter(attachment: number, client: number, nick: string): void {
    this.attach(attachment);
    this.open(attachment, client, nick);
    this.request(attachment, { type: 'read', after: this.core.status().position });
    this.submit(attachment, client, 1, [{ type: 'join', room: 'lobby' }]);
  }

  submit(attachment: number, client: number, firstSeq: number, commands: readonly Command[], settled = 0): void {
    const group = encodeGroup({
      type: 'group',
      session: sessionId(client),
      firstSeq,
      settled,
      commands: gathered(commands),
    });
    this.request(attachment, { type: 'submit', group });
  }

  /** What was told to an attachment, of one type. */
  toldTo<Type extends ServerMessage['type']>(attachment: number, type: Type): Extract<ServerMessage, { type: Type }>[] {
    return this.told
      .filter(({ attachments, message }) => attachments.includes(attachment) && message.type === type)
      .map(({ message }) => message as Extract<ServerMessage, { type: Type }>);
  }

  /** What was acknowledged to an attachment: said of its commands, or seen by the lines of its session that came back. */
  acked(attachment: number, client: number): readonly AckRun[] {
    return this.told
      .filter(({ attachments }) => attachments.includes(attachment))
      .flatMap(({ message }) => {
        if (message.type === 'acks') return message.runs;
        return message.type === 'deliver' ? acksIn(message.runs, sessionId(client)) : [];
      });
  }

  /** What was written becomes durable. */
  sync(): void {
    for (const { write, then } of this.waiting.splice(0)) {
      void this.storage.write([write]);
      this.perform(this.core.onDurable(then));
    }
  }

  /** What was asked of the store is read, until nothing more is asked. */
  async read(): Promise<void> {
    for (let next = this.reads.shift(); next; next = this.reads.shift()) {
      this.perform(this.core.onRecords(next.id, await this.storage.scan(next.range)));
    }
  }

  /** The payloads of an attachment are numbered without a gap. */
  private tell(to: readonly Addressee[], message: ServerMessage): void {
    for (const { attachment, number } of to) {
      expect([attachment, number]).toEqual([attachment, (this.numbers.get(attachment) ?? 0) + 1]);
      this.numbers.set(attachment, number);
    }
    this.told.push({ attachments: to.map(({ attachment }) => attachment), message });
  }

  private perform(effects: readonly ServerEffect[]): void {
    for (const effect of effects) {
      this.effects.push(effect);
      if (effect.type === 'toClients') this.tell(effect.to, effect.message);
      if (effect.type === 'persist') this.waiting.push(effect);
      if (effect.type === 'read') this.reads.push(effect);
    }
    if (this.diskWorks && this.waiting.length > 0) this.sync();
  }
}

export function say(text: string, room = 'lobby'): Command {
  return { type: 'say', room, text, action: false };
}
