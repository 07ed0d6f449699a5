/** What a peer gives is looked at before it is stored. */
import fc from 'fast-check';
import type { ChatEvent } from '../../src/chat/events';
import { recordsOf } from '../../src/history/blocks';
import { type Asked, recordsGiven } from '../../src/history/given';
import { blockKey } from '../../src/history/keys';
import { encodeBlock } from '../../src/wire/codec-history';
import { eventsFrom, runsFrom } from './events';
import { Store } from './store';

const events = eventsFrom(Array.from({ length: 400 }, (_, at) => ({ room: 0, kind: 0, text: `line ${at + 1}` })));
const ALL: Asked = { after: 0, through: events.length, room: '', position: 0, next: undefined };

/** As they travel. */
function piecesOf(...blocks: readonly (readonly ChatEvent[])[]): Uint8Array[] {
  return blocks.flatMap((block) => {
    const { room, position, index } = block[0] as ChatEvent;
    return [blockKey(room, position, index), encodeBlock(runsFrom(block))];
  });
}

function part(from: number, to: number): readonly ChatEvent[] {
  return events.slice(from, to);
}

test('whole blocks are taken, with what leads to them by index', () => {
  const records = recordsGiven(piecesOf(part(0, 100), part(100, 228)), ALL);
  if ('bad' in records) throw new Error(records.bad);
  const [taken, expected] = [new Store(), new Store()];
  taken.put(records);
  expected.put([...recordsOf(runsFrom(part(0, 100))), ...recordsOf(runsFrom(part(100, 228)))]);
  const all = { from: Buffer.alloc(0), to: Buffer.alloc(1, 255), limit: 100, bytes: 1e6 };
  const bytesOf = (store: Store) =>
    store.scan(all).map(({ key, value }) => Buffer.concat([key, value]).toString('hex'));
  expect(bytesOf(taken)).toHaveLength(4);
  expect(bytesOf(taken)).toEqual(bytesOf(expected));
});

test('of two blocks with one key the one stays that reaches further', () => {
  const long = piecesOf(part(0, 100));
  for (const pieces of [
    [...long, ...piecesOf(part(0, 20))],
    [...piecesOf(part(0, 20)), ...long],
  ]) {
    const records = recordsGiven(pieces, ALL);
    if ('bad' in records) throw new Error(records.bad);
    expect(records.filter(({ key }) => long[0] && Buffer.from(key).equals(long[0]))).toEqual([
      { key: long[0], value: long[1] },
    ]);
  }
});

test('a part may begin after a gap: what was there a room may have let go', () => {
  expect(recordsGiven(piecesOf(part(300, 400)), ALL)).not.toHaveProperty('bad');
});

const [first] = events as [ChatEvent];
const far = { ...first, room: 'r'.repeat(300) };

test.each<[string, Uint8Array[], Partial<Asked>, string]>([
  ['a key without a block', piecesOf(part(0, 9)).slice(0, 1), {}, 'a key without a block'],
  ['a block that is none', [blockKey('lobby', 1, 1), Uint8Array.of(1, 2, 3)], {}, ''],
  ['a block under the key of another', [blockKey('lobby', 2, 2), encodeBlock(runsFrom(part(0, 9)))], {}, 'its key'],
  ['a block of another room', [blockKey('lobb', 1, 1), encodeBlock(runsFrom(part(0, 9)))], {}, 'its key'],
  ['a key that is none', [Buffer.from('M'), encodeBlock(runsFrom(part(0, 9)))], {}, 'its key'],
  ['a room with a longer name than a key has', [Buffer.from('h'), encodeBlock(runsFrom([far]))], {}, 'its key'],
  [
    'a number that no key has',
    [Buffer.from('h'), encodeBlock(runsFrom([{ ...first, position: 2 ** 50 }]))],
    {},
    'its key',
  ],
  ['what was given before', piecesOf(part(0, 9)), { after: 1 }, 'not asked for'],
  ['what comes later', piecesOf(part(50, 60)), { through: 50 }, 'not asked for'],
  ['what lies before the place', piecesOf(part(50, 60)), { room: 'lobby', position: 52 }, 'not asked for'],
  ['blocks between which lines are missing', piecesOf(part(0, 9), part(10, 20)), {}, 'is missing'],
  ['a block in which a line is missing', piecesOf([...part(0, 5), ...part(6, 9)]), {}, 'is missing'],
  ['a block that goes back', piecesOf([...part(0, 5), ...part(3, 9)]), {}, 'out of order'],
  [
    'a block with another line than the next one follows',
    piecesOf([...part(0, 8), { ...(events[8] as ChatEvent), text: 'never said' }], part(9, 20)),
    {},
    'the digest before position 10',
  ],
  [
    'a block with another line than one that overlaps it',
    piecesOf([...part(0, 8), { ...(events[8] as ChatEvent), text: 'never said' }], part(5, 20)),
    {},
    'the digest before position 10',
  ],
  ['the same place again', [], { room: 'lobby', position: 5, next: { room: 'lobby', position: 5 } }, 'nowhere'],
])('refused: %s', (_, pieces, asked, why) => {
  expect(recordsGiven(pieces, { ...ALL, ...asked })).toEqual({ bad: expect.stringContaining(why) });
});

test('whatever comes, nothing is thrown', () => {
  const good = piecesOf(part(0, 100), part(100, 228));
  const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...good));
  fc.assert(fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => void recordsGiven(pieces, ALL)));
  fc.assert(
    fc.property(fc.nat(3), fc.nat(), fc.nat(255), (at, where, byte) => {
      const pieces = good.map((bytes) => Uint8Array.from(bytes));
      const changed = pieces[at] as Uint8Array;
      changed[where % changed.length] = byte;
      recordsGiven(pieces, ALL);
    }),
  );
});
