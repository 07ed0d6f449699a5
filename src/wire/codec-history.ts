/**
 * A block of the history: events of one room, in order. `[version, room, runs, nicks]`; the nicks are of those whom the
 * direct messages of a conversation were for.
 */
import { eventsOf } from '../chat/event-runs';
import type { ChatEvent, EventRun } from '../chat/events';
import { readRuns, writeRuns } from './event-runs';
import { pack, unpack } from './msgpack';
import { arity, type Bad, list, ShapeError, text, uint } from './shape';

const VERSION = 2;
/** What the key of a conversation begins with; behind it stand its two sessions. */
const CONVERSATION = '@';
const SESSION_CHARS = 16;

/** @param runs of one room, positions ascending, at least one */
export function encodeBlock(runs: readonly EventRun[]): Buffer {
  const room = runs[0]?.room ?? '';
  const isConversation = room.startsWith(CONVERSATION);
  const nicks = isConversation ? runs.flatMap(({ to, texts }) => new Array(texts.count).fill(to?.nick ?? '')) : [];
  return pack([VERSION, room, writeRuns(runs, ''), nicks]);
}

export function decodeBlock(bytes: Uint8Array): readonly ChatEvent[] | Bad {
  return unpack(bytes, (fields) => {
    arity(fields, 4, 'block');
    if (uint(fields[0], 'version') !== VERSION) throw new ShapeError(`version ${fields[0]} of a block is not known`);
    const room = text(fields[1], 'room');
    const events = eventsOf(readRuns(fields[2]).map((run) => ({ ...run, room })));
    const nicks = list(fields[3], 'nicks');
    if (events.length === 0) throw new ShapeError('a block without an event');
    if (!room.startsWith(CONVERSATION)) return events;
    if (nicks.length !== events.length) throw new ShapeError('a conversation without its nicks');
    const two = [room.slice(1, 1 + SESSION_CHARS), room.slice(1 + SESSION_CHARS)] as const;
    return events.map((event, at) => {
      const session = event.session === two[0] ? two[1] : two[0];
      return { ...event, to: { session, nick: text(nicks[at], 'nick') } };
    });
  });
}
