/**
 * The digest of a room's lines: a chain, which each line goes into in its order, so that two who have the same one have
 * the same lines. It begins with the room and the log's birth; nothing in it differs from reader to reader, nor by how
 * lines came together. 64 bits, to find what went wrong, not who lied: whoever looks for two histories of one digest
 * finds some.
 */
import { Digest, type DigestState } from './digest';
import { type ChatEvent, LINES } from './events';
import { Texts } from './texts';

/** Never changes. */
export type RoomDigest = DigestState;

/** Lines in a row, as an EventRun has them. */
export interface LineRun extends Pick<ChatEvent, 'kind' | 'index' | 'position' | 'time' | 'nick'> {
  readonly texts: Texts;
}

const HEX = /^[0-9a-f]{16}$/;

/** Of a room without a line. */
export function emptyRoomDigest(room: string, birth: string): RoomDigest {
  return new Digest().text(room).text(birth).state();
}

/** The digest after the first `count` lines of a run, all of it unless that is given. */
export function digestAfter(
  before: RoomDigest,
  { kind, index, position, time, nick, texts }: LineRun,
  count = texts.count,
): RoomDigest {
  // What all lines of a run have in common is hashed once, and then two words in each.
  const { a, b } = new Digest().text(kind).text(nick).number(time).state();
  const digest = new Digest(before);
  let start = 0;
  for (let offset = 0; offset < count; offset += 1) {
    const end = start + texts.lengthOf(offset);
    digest
      .word(a)
      .word(b)
      .number(index + offset)
      .number(position + offset)
      .bytes(texts.bytes, start, end);
    start = end;
  }
  return digest.state();
}

/** The digest after one event of the room: the same one, when that is no line. */
export function digestAfterLine(
  before: RoomDigest,
  event: Omit<LineRun, 'texts'> & { readonly text: string },
): RoomDigest {
  return LINES.has(event.kind) ? digestAfter(before, { ...event, texts: Texts.of([event.text]) }) : before;
}

/** 16 hexadecimal digits. */
export function digestText(state: RoomDigest): string {
  return new Digest(state).hex();
}

/** @returns undefined when these are no 16 hexadecimal digits */
export function digestOfText(text: string): RoomDigest | undefined {
  if (!HEX.test(text)) return undefined;
  return { a: Number.parseInt(text.slice(0, 8), 16) | 0, b: Number.parseInt(text.slice(8), 16) | 0 };
}

export function isSameDigest(one: RoomDigest, other: RoomDigest): boolean {
  return one.a === other.a && one.b === other.b;
}
