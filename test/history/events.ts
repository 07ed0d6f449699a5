/** Events as the chat would number them, at random. */
import fc from 'fast-check';
import { lastPositionOf, runOf } from '../../src/chat/event-runs';
import { type ChainedRun, type ChatEvent, type EventKind, type EventRun, LINES } from '../../src/chat/events';
import { digestAfterLine, emptyRoomDigest, type RoomDigest } from '../../src/chat/room-digest';
import { Texts } from '../../src/chat/texts';

const ALICE = '00000000000000aa';
const BOB = '00000000000000bb';
/** Of different lengths, one the beginning of another, and a conversation. */
export const ROOMS = ['lobby', 'lob', 'Ünï', `@${ALICE}${BOB}`];
/** Events of one round. */
const ROUND_EVENTS = 7;
const KINDS: readonly EventKind[] = ['message', 'message', 'action', 'join', 'topic'];

/** Of the log that these events are of. */
export const BIRTH = 'b'.repeat(16);
/** Of the lines of its room before each event. */
const digests = new WeakMap<ChatEvent, RoomDigest>();

type Runs = readonly [ChainedRun, ...ChainedRun[]];

export interface Happening {
  readonly room: number;
  readonly kind: number;
  readonly text: string;
}

/** Events as the chat would number them. */
export function eventsFrom(happenings: readonly Happening[]): readonly ChatEvent[] {
  const lines = new Map<string, number>();
  const events = happenings.map(({ room: at, kind: kindAt, text }, offset) => {
    const room = ROOMS[at % ROOMS.length] as string;
    const isConversation = room.startsWith('@');
    const kind = isConversation ? 'message' : (KINDS[kindAt % KINDS.length] as EventKind);
    const index = (lines.get(room) ?? 0) + (kind === 'message' || kind === 'action' ? 1 : 0);
    lines.set(room, index);
    const common = {
      kind,
      position: offset + 1,
      round: Math.floor(offset / ROUND_EVENTS),
      time: 1000 + Math.floor(offset / ROUND_EVENTS),
      room,
      index,
      seq: offset + 1,
      text,
    };
    return isConversation
      ? { ...common, session: BOB, nick: 'bob', to: { session: ALICE, nick: 'alice' } }
      : { ...common, session: ALICE, nick: 'alice' };
  });
  chainUp(events);
  return events;
}

/** The runs that a chat would make of them: lines in a row of one speaker, room, kind and round are one. */
export function runsFrom(events: readonly ChatEvent[]): Runs {
  const runs: ChainedRun[] = [];
  for (const event of events) {
    const last = runs.at(-1);
    const { kind, room, round, index, position, to } = event;
    const goesOn =
      last && !to && LINES.has(kind) && last.kind === kind && last.room === room && last.round === round && index > 0;
    const isNext = goesOn && position === last.position + last.texts.count && index === last.index + last.texts.count;
    if (isNext) runs[runs.length - 1] = { ...last, texts: Texts.sideBySide([last.texts, runOf(event).texts]) };
    else runs.push({ ...runOf(event), digest: digests.get(event) ?? emptyRoomDigest(room, BIRTH) });
  }
  return runs as unknown as Runs;
}

/** These are all events of a log of that birth: whatever part of them becomes runs says what was before it. */
export function chainUp(events: readonly ChatEvent[], birth = BIRTH): ReadonlyMap<string, RoomDigest> {
  const rooms = new Map<string, RoomDigest>();
  for (const event of events) {
    const digest = rooms.get(event.room) ?? emptyRoomDigest(event.room, birth);
    digests.set(event, digest);
    rooms.set(event.room, digestAfterLine(digest, event));
  }
  return rooms;
}

/** Whether the run has, or goes beyond, an event at which is written: every so many. */
export function isTurn(run: EventRun, every: number): boolean {
  return Math.floor((run.position - 1) / every) < Math.floor(lastPositionOf(run) / every);
}

/** Some so long that a few of them fill a block. */
const text = fc.oneof(
  { arbitrary: fc.string({ maxLength: 12 }), weight: 15 },
  { arbitrary: fc.constantFrom('A'.repeat(3000), 'b'.repeat(20_000)), weight: 1 },
);
const happening = fc.record({ room: fc.nat(20), kind: fc.nat(20), text });
/** Often the same again: lines in a row. */
const several = fc.tuple(happening, fc.constantFrom(1, 1, 2, 9)).map(([one, times]) => new Array(times).fill(one));
export const happenings: fc.Arbitrary<readonly Happening[]> = fc
  .array(several, { minLength: 1, maxLength: 100, size: 'max' })
  .map((all) => all.flat());
