/** A session with a scripted balancer and server: a test says what they say, and looks at what the session sends. */

import type { Command } from '../../src/chat/commands';
import { runOf } from '../../src/chat/event-runs';
import type { SessionEffect } from '../../src/client/effects';
import type { ClientEvent } from '../../src/client/events';
import type { Kept } from '../../src/client/kept';
import type { ClientLimits } from '../../src/client/limits';
import type { Ignoring } from '../../src/client/plain';
import type { Asked } from '../../src/client/questions';
import { ClientSession } from '../../src/client/session';
import { seededRandom } from '../../src/lib/prng';
import type { ClientRequest, ServerMessage, WireEvent } from '../../src/wire/client';
import { decodeGroup } from '../../src/wire/codec-batch';
import type { AttachReason, ClientFrame, ToClientFrame } from '../../src/wire/frames';
import { NONCE_BYTES } from '../../src/wire/proof';
import { person, salt, sessionId } from '../people';

export const LIMITS: ClientLimits = {
  window: 8,
  queue: 20,
  groupCommands: 4,
  groupBytes: 1000,
  windowBytes: 100_000,
  textBytes: 500,
  questionsAtOnce: 4,
  pingMs: 1000,
  silenceMs: 4000,
  resendMs: 3000,
  resendMostMs: 30_000,
};

/** Of the first salt, and of the one after it. */
export const SESSION = sessionId(1, 1);
export const NEXT_SESSION = sessionId(1, 2);
export const NONCE = new Uint8Array(NONCE_BYTES).fill(9);
export const BIRTH = 'bbbbbbbbbbbbbbbb';

type Sent = Extract<SessionEffect, { type: 'send' }>;
type EventOf<Type extends ClientEvent['type']> = Extract<ClientEvent, { type: Type }>;
type RequestOf<Type extends ClientRequest['type']> = Extract<ClientRequest, { type: Type }>;

/** A group as it was submitted, in short. */
export interface Submitted {
  readonly session: string;
  readonly firstSeq: number;
  readonly texts: readonly string[];
}

interface PageFields {
  readonly after: number;
  readonly through: number;
  readonly live: boolean;
  readonly events?: readonly WireEvent[];
}

export class Script {
  readonly session: ClientSession;
  nowMs = 0;
  attachment = 0;
  private number = 0;
  salts = 0;
  /** Whether the server says nothing by itself. */
  deaf = false;
  private effects: SessionEffect[] = [];

  constructor(
    options: {
      history?: number;
      limits?: Partial<ClientLimits>;
      spareNicks?: readonly string[];
      trusting?: true;
      outbox?: { readonly kept: Kept | undefined };
    } = {},
  ) {
    this.session = new ClientSession({
      cluster: 'test',
      endpoint: 'tcp://127.0.0.1:7300',
      nick: 'alice',
      signer: person(1),
      newSalt: () => {
        this.salts += 1;
        return salt(this.salts);
      },
      reclaim: false,
      balancerKey: () => '',
      random: seededRandom(1),
      limits: { ...LIMITS, ...options.limits },
      history: options.history ?? 0,
      spareNicks: options.spareNicks ?? [],
      ...(options.outbox && { outbox: options.outbox }),
      ...(options.trusting && { trusting: true }),
    });
    this.did(this.session.start(this.nowMs));
  }

  /** What the session did since the last look, and forgets it. */
  look(): readonly SessionEffect[] {
    const { effects } = this;
    this.effects = [];
    return effects;
  }

  /** Attached, welcome, everything read: online. */
  online(position = 0): this {
    this.attached(1).welcome({ position });
    this.page({ after: position, through: position, live: true });
    return this;
  }

  attached(server: number, reason: AttachReason = 'new', unservedMs = 0): this {
    this.attachment += 1;
    this.number = 0;
    const { attachment } = this;
    return this.frame({ type: 'attached', attachment, server, reason, unservedMs, cluster: 'test' });
  }

  welcome(fields: Partial<Extract<ServerMessage, { type: 'welcome' }>> = {}): this {
    const session = sessionId(1, this.salts);
    const welcome = { session, server: 1, nick: 'alice', position: 0, birth: BIRTH, lastSeq: 0, rooms: [] };
    return this.says({ type: 'welcome', ...welcome, ...fields });
  }

  page({ events = [], ...fields }: PageFields): this {
    return this.says({ type: 'page', runs: events.map(runOf), ...fields });
  }

  /** A page that comes after so many others that were sent after it. */
  late({ events = [], ...fields }: PageFields, overtakenBy: number): this {
    const { attachment, number } = this;
    const frame = { type: 'data', attachment, number: number - overtakenBy } as const;
    return this.did(this.session.onFrame(frame, { type: 'page', runs: events.map(runOf), ...fields }, this.nowMs));
  }

  deliver(...events: readonly WireEvent[]): this {
    return this.says({ type: 'deliver', runs: events.map(runOf) });
  }

  acks(firstSeq: number, count: number, firstPosition: number, round = 1): this {
    return this.says({ type: 'acks', runs: [{ firstSeq, count, firstPosition, round }] });
  }

  refused(code: string, session = SESSION, nick = this.session.nick): this {
    return this.says({ type: 'refused', session, nick, code, message: `it is ${code}` });
  }

  says(message: ServerMessage): this {
    this.number += 1;
    const { attachment, number } = this;
    return this.did(this.session.onFrame({ type: 'data', attachment, number }, message, this.nowMs));
  }

  /** Something that the server says does not come. */
  loses(): this {
    this.number += 1;
    return this;
  }

  /** What the server says next comes with the number of what it said last, as if that came again. */
  again(): this {
    this.number -= 1;
    return this;
  }

  frame(frame: ToClientFrame): this {
    return this.did(this.session.onFrame(frame, undefined, this.nowMs));
  }

  socket(state: 'up' | 'down'): this {
    return this.did(this.session.onSocket(state, this.nowMs));
  }

  post(...texts: readonly string[]): this {
    for (const text of texts) this.command({ type: 'say', room: 'lobby', text, action: false }, text);
    return this.flush();
  }

  command(command: Command, id = ''): this {
    return this.did(this.session.post(command, id, this.nowMs));
  }

  ask(question: Asked): this {
    return this.did(this.session.ask(question, this.nowMs));
  }

  cancel(id: string): this {
    return this.did(this.session.cancel(id, this.nowMs));
  }

  flush(): this {
    return this.did(this.session.flush(this.nowMs));
  }

  /** Lets time pass in ticks of 100 ms. The balancer answers pings unless it is `silent`. */
  pass(ms: number, silent = false): this {
    for (const end = this.nowMs + ms; this.nowMs < end; ) {
      this.nowMs += 100;
      const effects = this.session.tick(this.nowMs);
      this.did(effects);
      const pinged = effects.some((effect) => effect.type === 'send' && effect.frame.type === 'ping');
      if (pinged && !silent) this.frame({ type: 'pong', token: 0 });
    }
    return this;
  }

  /** Notes what the session did. The server answers a greeting at once, unless it is deaf. */
  did(effects: readonly SessionEffect[]): this {
    this.effects.push(...effects);
    if (!this.deaf && requestsIn(effects, 'greet').length > 0) this.says({ type: 'challenge', nonce: NONCE });
    return this;
  }
}

export function framesIn(effects: readonly SessionEffect[]): readonly ClientFrame['type'][] {
  return effects.filter((effect): effect is Sent => effect.type === 'send').map(({ frame }) => frame.type);
}

export function eventsIn<Type extends ClientEvent['type']>(
  effects: readonly SessionEffect[],
  type: Type,
): readonly EventOf<Type>[] {
  return effects.flatMap((effect) =>
    effect.type === 'event' && effect.event.type === type ? [effect.event as EventOf<Type>] : [],
  );
}

export function requestsIn<Type extends ClientRequest['type']>(
  effects: readonly SessionEffect[],
  type: Type,
): readonly RequestOf<Type>[] {
  return effects.flatMap((effect) =>
    effect.type === 'send' && effect.request?.type === type ? [effect.request as RequestOf<Type>] : [],
  );
}

export function groupsIn(effects: readonly SessionEffect[]): readonly Submitted[] {
  return requestsIn(effects, 'submit').map(({ group: bytes }) => {
    const group = decodeGroup(bytes);
    if ('bad' in group) throw new Error(group.bad);
    const texts = group.commands.flatMap((command) => {
      if (command.type === 'lines') return command.texts.toStrings();
      return 'text' in command ? command.text : command.type;
    });
    return { session: group.session, firstSeq: group.firstSeq, texts };
  });
}

/** Of each group up to where its client knew all outcomes. */
export function settledIn(effects: readonly SessionEffect[]): readonly number[] {
  return requestsIn(effects, 'submit').map(({ group: bytes }) => {
    const group = decodeGroup(bytes);
    return 'bad' in group ? Number.NaN : group.settled;
  });
}

/** States of the link, as they were told. */
export function statesIn(effects: readonly SessionEffect[]): readonly string[] {
  return eventsIn(effects, 'status').map(({ state, server }) => `${state} ${server}`);
}

/** A line in the lobby. */
export function line(position: number, index: number, fields: Partial<WireEvent> = {}): WireEvent {
  return {
    kind: 'message',
    position,
    round: position,
    time: 1000 * position,
    room: 'lobby',
    index,
    session: 'cccccccccccccccc',
    nick: 'bob',
    seq: index,
    text: `line ${index}`,
    ...fields,
  };
}

/** This session joins a room. */
export function ownJoin(position: number, index: number, room = 'lobby', session = SESSION): WireEvent {
  return line(position, index, { kind: 'join', session, nick: 'alice', room, text: '' });
}

/** For line modes: nobody is ignored, and whoever is from then on is for the length of the test. */
export const NOBODY: Ignoring = { ignored: [], change: (ignored) => ({ ignored }) };
