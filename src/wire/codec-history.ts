/**
 * A block of the history: events of one room, in order. `[version, digest, room, runs, nicks]`; the digest is of the
 * room's lines before it, the nicks are of those whom the direct messages of a conversation were for.
 */
import { eventsOf } from '../chat/event-runs';
import type { ChainedRun, ChatEvent } from '../chat/events';
import { digestText, type RoomDigest } from '../chat/room-digest';
import { readRuns, writeRuns } from './event-runs';
import { pack, unpack } from './msgpack';
import { arity, type Bad, list, roomDigest, ShapeError, text, uint } from './shape';

const VERSION = 3;
/** What the key of a conversation begins with; behind it stand its two sessions. */
const CONVERSATION = '@';
const SESSION_CHARS = 16;

export interface Block {
  /** Of the room's lines before it. */
  readonly digest: RoomDigest;
  /** At least one, in order. */
  readonly events: readonly ChatEvent[];
}

/** @param runs of one room, positions ascending, at least one */
export function encodeBlock(runs: readonly [ChainedRun, ...ChainedRun[]]): Buffer {
  const { room, digest } = runs[0];
  const isConversation = room.startsWith(CONVERSATION);
  const nicks = isConversation ? runs.flatMap(({ to, texts }) => new Array(texts.count).fill(to?.nick ?? '')) : [];
  return pack([VERSION, digestText(digest), room, writeRuns(runs, ''), nicks]);
}

export function decodeBlock(bytes: Uint8Array): Block | Bad {
  return unpack(bytes, (fields) => {
    arity(fields, 5, 'block');
    if (uint(fields[0], 'version') !== VERSION) throw new ShapeError(`version ${fields[0]} of a block is not known`);
    const digest = roomDigest(fields[1]);
    const room = text(fields[2], 'room');
    const events = eventsOf(readRuns(fields[3]).map((run) => ({ ...run, room })));
    if (events.length === 0) throw new ShapeError('a block without an event');
    return { digest, events: room.startsWith(CONVERSATION) ? addressed(events, room, fields[4]) : events };
  });
}

/** The events of a conversation, each to the other one of its two. */
function addressed(events: readonly ChatEvent[], room: string, nicks: unknown): readonly ChatEvent[] {
  const names = list(nicks, 'nicks');
  if (names.length !== events.length) throw new ShapeError('a conversation without its nicks');
  const two = [room.slice(1, 1 + SESSION_CHARS), room.slice(1 + SESSION_CHARS)] as const;
  return events.map((event, at) => {
    const session = event.session === two[0] ? two[1] : two[0];
    return { ...event, to: { session, nick: text(names[at], 'nick') } };
  });
}
