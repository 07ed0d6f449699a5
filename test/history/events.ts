/** Events as the chat would number them, at random. */
import fc from 'fast-check';
import type { ChatEvent, EventKind } from '../../src/chat/events';

const ALICE = '00000000000000aa';
const BOB = '00000000000000bb';
/** Of different lengths, one the beginning of another, and a conversation. */
export const ROOMS = ['lobby', 'lob', 'Ünï', `@${ALICE}${BOB}`];
const KINDS: readonly EventKind[] = ['message', 'message', 'action', 'join', 'topic'];

export interface Happening {
  readonly room: number;
  readonly kind: number;
  readonly text: string;
}

/** Events as the chat would number them. */
export function eventsFrom(happenings: readonly Happening[]): readonly ChatEvent[] {
  const lines = new Map<string, number>();
  return happenings.map(({ room: at, kind: kindAt, text }, offset) => {
    const room = ROOMS[at % ROOMS.length] as string;
    const isConversation = room.startsWith('@');
    const kind = isConversation ? 'message' : (KINDS[kindAt % KINDS.length] as EventKind);
    const index = (lines.get(room) ?? 0) + (kind === 'message' || kind === 'action' ? 1 : 0);
    lines.set(room, index);
    const common = {
      kind,
      position: offset + 1,
      round: offset,
      time: 1000 + offset,
      room,
      index,
      seq: offset + 1,
      text,
    };
    return isConversation
      ? { ...common, session: BOB, nick: 'bob', to: { session: ALICE, nick: 'alice' } }
      : { ...common, session: ALICE, nick: 'alice' };
  });
}

/** Some so long that a few of them fill a block. */
const text = fc.oneof(
  { arbitrary: fc.string({ maxLength: 12 }), weight: 15 },
  { arbitrary: fc.constantFrom('A'.repeat(3000), 'b'.repeat(20_000)), weight: 1 },
);
const happening = fc.record({ room: fc.nat(20), kind: fc.nat(20), text });
export const happenings = fc.array(happening, { minLength: 1, maxLength: 300, size: 'max' });
