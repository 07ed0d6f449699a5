import type { RoomDigest } from '../../src/chat/room-digest';
import { blockOf, recordsOf } from '../../src/history/blocks';
import { checkHistory, type RoomLines } from '../../src/history/check';
import { blockKey } from '../../src/history/keys';
import { prunable } from '../../src/history/pruning';
import { BIRTH, chainUp, eventsFrom, runsFrom } from './events';
import { Store } from './store';

const LINES = 200;
const events = eventsFrom(Array.from({ length: LINES }, () => ({ room: 0, kind: 0, text: 'x'.repeat(2000) })));
const records = recordsOf(runsFrom(events));
const digest = chainUp(events).get('lobby') as RoomDigest;
const room: RoomLines = { room: 'lobby', lines: LINES, digest, lastPosition: LINES, floor: 0 };

/** What is wrong with what is left, once retention let go of all blocks up to the floor. */
function problemsOf(floor: number, change: (store: Store) => void = () => {}, lines = room): readonly string[] {
  const store = new Store();
  store.fill(records);
  store.remove(store.read(prunable('lobby', floor)).keys);
  change(store);
  return store.read(checkHistory([{ ...lines, floor }], LINES, BIRTH)).problems;
}

test.each([0, 1, LINES / 2, LINES])('a history of which what is up to position %d was let go is whole', (floor) => {
  expect(problemsOf(floor)).toEqual([]);
});

test('so it is when something else than a line came last', () => {
  expect(problemsOf(LINES, () => {}, { ...room, lastPosition: LINES - 1 })).toEqual([]);
});

test('a block that reaches over the floor is not let go, also where a shorter one begins after it', () => {
  const store = new Store();
  store.fill([...recordsOf(runsFrom(events.slice(0, 10))), ...recordsOf(runsFrom(events.slice(5, 7)))]);
  const { keys } = store.read(prunable('lobby', 8));
  store.remove(keys);
  const left = store.scan({ from: blockKey('lobby', 0), to: blockKey('lobby', LINES), limit: 9, bytes: 1e9 });
  expect(left.map((record) => blockOf(record).events.length)).toEqual([10]);
  expect(keys.length).toBeGreaterThan(0);
});

test('of what retention keeps nothing may be missing', () => {
  const blocks = records.filter(({ value }) => value.length > 0);
  expect(blocks.length).toBeGreaterThan(4);
  const without = (at: number) => problemsOf(1, (store) => store.remove([blocks.at(at)?.key as Uint8Array]));
  expect(without(2)).toEqual([expect.stringMatching(/lobby: line \d+ is missing before position \d+/)]);
  expect(without(-1)).toEqual([expect.stringMatching(`lobby: the last line is \\d+, it should be ${LINES}`)]);
  const all = problemsOf(1, (store) => store.remove(blocks.map(({ key }) => key)));
  expect(all).toEqual([`lobby: the last line is 0, it should be ${LINES}`]);
});

test.each([0, 100])('a line that is another than it was is seen by the digests, also above a floor at %d', (floor) => {
  const changed = events.map((event) => (event.index === 150 ? { ...event, text: 'y'.repeat(2000) } : event));
  const other = recordsOf(runsFrom(changed)).filter((record) => {
    return record.value.length > 0 && blockOf(record).events.some(({ index }) => index === 150);
  });
  const problems = problemsOf(floor, (store) => store.put(other));
  expect(problems).toEqual([expect.stringMatching(/^lobby: the digest before position \d+ is not that of the lines/)]);
  expect(problemsOf(floor, () => {}, { ...room, digest: { a: 1, b: 2 } })).toEqual([
    expect.stringMatching(/^lobby: the digest of the lines is [0-9a-f]{16}, it should be 0000000100000002$/),
  ]);
});

test('so is a room that begins otherwise', () => {
  const store = new Store();
  store.fill(records);
  const { problems } = store.read(checkHistory([room], LINES, 'c'.repeat(16)));
  expect(problems).toEqual(['lobby: the digest before position 1 is not that of the lines before it']);
});
