/** How far somebody has read: known to all sessions of the person, and to nobody else. */
import { type Command, gathered } from '../../src/chat/commands';
import { markersOf } from '../../src/chat/listings';
import { MAX_MARKERS, MAX_MARKERS_OF_ONE, ReadMarkers } from '../../src/chat/read-markers';
import { SnapshotError } from '../../src/chat/snapshot';
import { ChatState } from '../../src/chat/state';
import { keyFor } from '../people';
import { ALICE, BOB, id, say, verdicts, World } from './world';

const LAPTOP = id(0xa2);

const read = (room: string, index: number): Command => ({ type: 'read', room, index });
const direct = (nick: string): Command => ({ type: 'direct', nick, text: 'psst', action: false });
const known = (state: ChatState, session = ALICE) => markersOf(state, session).map(({ name, count }) => [name, count]);

/** Alice with a second session, three lines in the lobby, one in a conversation with Bob. */
function talked(): World {
  const world = World.withTwo();
  world.open(LAPTOP, 'al', { key: keyFor(ALICE) });
  world.does(BOB, say('lobby', 'one'), say('lobby', 'two'), say('lobby', 'three'), direct('alice'));
  return world;
}

function chunksOf(state: ChatState): unknown[] {
  const walk = state.beginSnapshot();
  const chunks: unknown[] = [];
  for (let chunk = walk.next(9); chunk !== undefined; chunk = walk.next(9)) chunks.push(chunk);
  return chunks;
}

test('is known to the sessions of the person, in a conversation to the one that has it, and shows nowhere', () => {
  const world = talked();
  const { position } = world.state;
  const done = world.does(ALICE, read('Lobby', 2), read('@bob', 1));
  expect(verdicts(done)).toEqual(['ok', 'ok']);
  expect([done.events, world.state.position]).toEqual([[], position]);
  expect(known(world.state)).toEqual([
    ['lobby', 2],
    ['@bob', 1],
  ]);
  expect(known(world.state, LAPTOP)).toEqual([['lobby', 2]]);
  expect(known(world.state, BOB)).toEqual([]);
});

test('a place that is not farther is taken, and changes nothing', () => {
  const world = talked();
  world.does(ALICE, read('lobby', 2));
  world.open(LAPTOP, 'al', { key: keyFor(ALICE), resume: true });
  world.join(LAPTOP, 'lobby');
  const walk = [...world.state.markers];
  expect(verdicts(world.does(LAPTOP, read('lobby', 1), read('lobby', 2), read('lobby', 0)))).toEqual([
    'ok',
    'ok',
    'ok',
  ]);
  expect([...world.state.markers]).toEqual(walk);
  world.does(LAPTOP, read('lobby', 3));
  expect(known(world.state)).toEqual([['lobby', 3]]);
});

test('what was not said, and where one is not, is not read', () => {
  const world = talked();
  world.join(BOB, 'attic');
  const done = world.does(
    ALICE,
    read('lobby', 4),
    read('attic', 0),
    read('@al', 1),
    read('nowhere', 1),
    read('@me', 1),
  );
  expect(verdicts(done)).toEqual(['no-such-line', 'not-in-room', 'not-in-room', 'not-in-room', 'not-in-room']);
  // Not even by writing a conversation as it is kept.
  expect(verdicts(world.does(LAPTOP, read(`@${ALICE}${BOB}`, 1)))).toEqual(['not-in-room']);
  expect(known(world.state)).toEqual([]);
});

test('a sequence that the log has counts once, whatever comes with it', () => {
  const world = talked();
  world.does(ALICE, read('lobby', 1));
  const commands = gathered([read('lobby', 3)]);
  expect(verdicts(world.apply({ type: 'group', session: ALICE, firstSeq: 2, settled: 0, commands }))).toEqual(['ok']);
  expect(known(world.state)).toEqual([['lobby', 1]]);
});

test('is told apart by the digests, and is in a snapshot', () => {
  const [one, other] = [talked(), talked()];
  one.does(ALICE, read('lobby', 1));
  other.does(ALICE, read('lobby', 2));
  expect(one.state.digest()).not.toBe(other.state.digest());
  one.does(BOB, read('@alice', 1));
  one.does(ALICE, read('@bob', 1));
  const restored = ChatState.restore(chunksOf(one.state));
  expect([...restored.markers]).toEqual([...one.state.markers]);
  expect([restored.markers.size, [...restored.markers].map(([key]) => key)]).toEqual([3, [BOB, ALICE].map(keyFor)]);
  expect(restored.fullDigest()).toBe(one.state.fullDigest());
  const changed = chunksOf(one.state) as [number, string, [string, [string, number]][]][];
  (changed.find(([, kind]) => kind === 'markers')?.[2][0]?.[1] ?? [])[1] = 0;
  expect(ChatState.restore(changed).fullDigest()).not.toBe(one.state.fullDigest());
});

test.each<[string, (markers: [string, unknown[]][]) => void, string]>([
  ['of a person twice', (all) => all.push([keyFor(ALICE), []]), 'the read markers of a person are there twice'],
  ['two in one room', (all) => all[0]?.[1].push('lobby', 2), `${keyFor(ALICE)} has two read markers in one room`],
  ['of what was never said', (all) => all[0]?.[1].splice(1, 1, 4), `${keyFor(ALICE)} has read what was never said`],
  ['in no room', (all) => all[0]?.[1].splice(0, 1, 'attic'), `${keyFor(ALICE)} has read what was never said`],
  ['half of one', (all) => all[0]?.[1].push('attic'), 'markers of read markers is no list of 2 each'],
])('a snapshot with markers %s is refused', (_, spoil, reason) => {
  const world = talked();
  world.does(ALICE, read('lobby', 1));
  const chunks = structuredClone(chunksOf(world.state)) as [number, string, [string, unknown[]][]][];
  const listing = chunks.find(([, kind]) => kind === 'markers')?.[2] ?? [];
  const before = listing.length;
  spoil(listing);
  (chunks[0] as unknown as number[])[13] = listing.length;
  expect(before).toBe(1);
  expect(() => ChatState.restore(chunks)).toThrow(new SnapshotError(reason));
});

describe('bounds', () => {
  test('of one person those in which they read on least recently are forgotten', () => {
    const markers = new ReadMarkers();
    for (let room = 0; room < MAX_MARKERS_OF_ONE; room += 1) markers.advance('a', { room: `${room}`, index: 1 });
    markers.advance('a', { room: '0', index: 2 });
    markers.advance('a', { room: 'new', index: 1 });
    const rooms = markers.of('a').map(({ room }) => room);
    expect([rooms.length, rooms.includes('1'), rooms.slice(-2)]).toEqual([MAX_MARKERS_OF_ONE, false, ['0', 'new']]);
    expect(markers.size).toBe(MAX_MARKERS_OF_ONE);
  });

  test('of all, one of the person who read on least recently', () => {
    const all = Array.from({ length: MAX_MARKERS - 1 }, (_, at) => [`${at}`, [{ room: 'r', index: 1 }]] as const);
    const markers = new ReadMarkers([
      [
        'first',
        [
          { room: 'a', index: 1 },
          { room: 'b', index: 1 },
        ],
      ],
      ...all.slice(1),
    ]);
    expect(markers.size).toBe(MAX_MARKERS);
    markers.advance('new', { room: 'r', index: 1 });
    expect(markers.of('first')).toEqual([{ room: 'b', index: 1 }]);
    markers.advance('new', { room: 's', index: 1 });
    expect([markers.of('first'), markers.size]).toEqual([[], MAX_MARKERS]);
  });
});
