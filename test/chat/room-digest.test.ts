import fc from 'fast-check';
import type { Command } from '../../src/chat/commands';
import { digestWithin, eventsOf } from '../../src/chat/event-runs';
import {
  digestAfterLine,
  digestOfText,
  digestText,
  emptyRoomDigest,
  type RoomDigest,
} from '../../src/chat/room-digest';
import { conversationKey } from '../../src/chat/rooms';
import type { Plain } from '../../src/chat/snapshot';
import { ChatState } from '../../src/chat/state';
import { ALICE, BOB, groupOf, World } from './world';

const BIRTH = 'b'.repeat(16);

const say = (text: string, action = false): Command => ({ type: 'say', room: 'lobby', text, action });

function digestOf(world: World, room = 'lobby'): string {
  return digestText(world.state.roomsByKey.get(room)?.digest as RoomDigest);
}

test('it is that of the lines one by one, however they came together, and of nothing else', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((some) => `x${some}`);
  const groups = fc.array(fc.array(fc.tuple(text, fc.boolean()), { minLength: 1, maxLength: 5 }), { maxLength: 5 });
  fc.assert(
    fc.property(groups, (said) => {
      const world = World.withTwo();
      let digest = emptyRoomDigest('lobby', world.state.birth);
      for (const lines of said) {
        world.does(BOB, { type: 'topic', room: 'lobby', text: 'no line' });
        const { events } = world.does(ALICE, ...lines.map(([line, action]) => say(line, action)));
        digest = events.reduce(digestAfterLine, digest);
        expect(digestOf(world)).toBe(digestText(digest));
      }
    }),
  );
});

test('each run says what was before it, and within it the digest is that of the lines so far', () => {
  const world = World.withTwo();
  const commands = [say('one'), say('two'), say('ünï'), say('waves', true), say('three')];
  let digest = world.state.roomsByKey.get('lobby')?.digest as RoomDigest;
  const { runs } = world.state.apply(9, { time: 0, entries: [groupOf(ALICE, 2, 0, commands)] });
  expect(runs).toHaveLength(3);
  for (const run of runs) {
    eventsOf([run]).forEach((event, offset) => {
      expect(digestWithin(run, offset)).toEqual(digest);
      digest = digestAfterLine(digest, event);
    });
  }
  expect(digestText(digest)).toBe(digestOf(world));
});

test.each([
  ['index', { index: 8 }],
  ['position', { position: 10 }],
  ['time', { time: 12 }],
  ['nick', { nick: 'bob' }],
  ['kind', { kind: 'action' as const }],
  ['text', { text: 'high' }],
])('a line of another %s makes another one', (_, change) => {
  const line = { kind: 'message', index: 7, position: 9, time: 11, nick: 'ann', text: 'hi' } as const;
  const before = emptyRoomDigest('lobby', BIRTH);
  expect(digestAfterLine(before, { ...line, ...change })).not.toEqual(digestAfterLine(before, line));
});

test('rooms, and logs, begin with different ones', () => {
  const all = [emptyRoomDigest('lobby', 'a'), emptyRoomDigest('lobb', 'a'), emptyRoomDigest('lobby', 'b')];
  expect(new Set(all.map(digestText)).size).toBe(3);
});

test('a snapshot keeps it, also that of a conversation', () => {
  const world = World.withTwo();
  world.does(ALICE, say('one'), { type: 'direct', nick: 'bob', text: 'psst', action: false });
  world.does(BOB, { type: 'direct', nick: 'alice', text: 'what', action: false });
  const walk = world.state.beginSnapshot();
  const chunks: Plain[] = [];
  for (let chunk = walk.next(9); chunk !== undefined; chunk = walk.next(9)) chunks.push(chunk);
  const restored = ChatState.restore(chunks);
  for (const room of ['lobby', conversationKey(ALICE, BOB)]) {
    expect(restored.roomsByKey.get(room)?.digest).toEqual(world.state.roomsByKey.get(room)?.digest);
    expect(digestOf(world, room)).not.toBe(digestText(emptyRoomDigest(room, world.state.birth)));
  }
});

test('as a text it is 16 digits, and nothing else is read as one', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (a, b) => {
      const text = digestText({ a: a | 0, b: b | 0 });
      expect(text).toMatch(/^[0-9a-f]{16}$/);
      expect(digestOfText(text)).toEqual({ a: a | 0, b: b | 0 });
    }),
  );
  for (const text of ['', '0123456789abcde', '0123456789ABCDEF', '0123456789abcdef0']) {
    expect(digestOfText(text)).toBeUndefined();
  }
});
