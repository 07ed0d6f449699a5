import fc from 'fast-check';
import type { Command } from '../../src/chat/commands';
import type { ChatEvent } from '../../src/chat/events';
import { EVENT_BYTES, MAX_MARKS, type Retention, retentionText } from '../../src/chat/retention';
import { utf8Length } from '../../src/chat/text';
import { ALICE, BOB, id, say, told, verdicts, World } from './world';

const LIMITS = { offlineAfterMs: 1e12, sessionTtlMs: 1e12, nickTtlMs: 1e12, textBytes: 2000 };
const HOUR = 3_600_000;

function retain(room: string, limits: Partial<Retention>): Command {
  return { type: 'retain', room, ageMs: 0, count: 0, bytes: 0, ...limits };
}

function roomOf(world: World, key = 'lobby') {
  const room = world.state.roomsByKey.get(key);
  if (!room) throw new Error(`no room ${key}`);
  return room;
}

/** What the floor leaves of a room. */
function kept(world: World, key = 'lobby'): readonly ChatEvent[] {
  const { floor } = roomOf(world, key);
  return world.history.filter(({ room, position }) => room === key && position > floor.position);
}

function linesOf(events: readonly ChatEvent[]): number {
  return events.filter(({ kind }) => kind === 'message').length;
}

function bytesOf(events: readonly ChatEvent[]): number {
  return events.reduce((sum, { text }) => sum + EVENT_BYTES + utf8Length(text), 0);
}

function talk(world: World, lines: number, text = 'x', everyMs = 0): void {
  for (let line = 0; line < lines; line += 1) {
    world.timeMs += everyMs;
    world.say(ALICE, 'lobby', text);
  }
}

describe('the command', () => {
  test.each<[Partial<Retention>, string]>([
    [{}, 'for ever'],
    [{ ageMs: 30 * 24 * HOUR }, '30 days'],
    [{ ageMs: 24 * HOUR }, '1 day'],
    [{ ageMs: 36 * HOUR }, '36 hours'],
    [{ ageMs: 60_000 }, '1 minute'],
    [{ ageMs: 1500 }, '1500 milliseconds'],
    [{ count: 1000 }, '1000 lines'],
    [{ count: 1 }, '1 line'],
    [{ bytes: 10_000_000 }, '10 MB'],
    [{ bytes: 1500 }, '1500 bytes'],
    [{ ageMs: 5000, count: 7, bytes: 2_000_000_000 }, '5 seconds, 7 lines, 2 GB'],
  ])('%j is told to the room as "%s"', (limits, text) => {
    const world = World.withTwo();
    expect(told(world.does(ALICE, retain('#Lobby', limits)))).toEqual([`retain lobby alice: ${text}`]);
    expect(roomOf(world).retention).toEqual({ ageMs: 0, count: 0, bytes: 0, ...limits });
    expect(retentionText(roomOf(world).retention)).toBe(text);
  });

  test('is refused outside of the room, and of a conversation', () => {
    const world = World.withTwo();
    world.join(BOB, 'garden');
    world.does(ALICE, { type: 'direct', nick: 'bob', text: 'x', action: false });
    const before = roomOf(world, 'garden').retention;
    const refused = world.does(
      ALICE,
      retain('garden', { count: 1 }),
      retain('nowhere', {}),
      retain('@bob', {}),
      retain(`@${ALICE}${BOB}`, { count: 1 }),
    );
    expect(verdicts(refused)).toEqual(Array(4).fill('not-in-room'));
    expect(roomOf(world, 'garden').retention).toBe(before);
  });

  test('does nothing before a sweep, and then to that room only', () => {
    const world = World.withTwo(LIMITS);
    world.join(ALICE, 'garden');
    talk(world, 20);
    world.does(ALICE, ...Array.from({ length: 20 }, () => say('garden', 'x')));
    world.does(ALICE, retain('lobby', { count: 10 }));
    talk(world, 20);
    expect([linesOf(kept(world)), world.state.sweepDue(world.timeMs)]).toEqual([40, true]);
    expect(world.sweep(0).events).toEqual([]);
    expect([linesOf(kept(world)), world.state.sweepDue(world.timeMs)]).toEqual([10, false]);
    expect(roomOf(world).floor.index).toBe(30);
    expect(linesOf(kept(world, 'garden'))).toBe(20);
  });

  test('does not bring back what is gone, and for ever is for ever from then on', () => {
    const world = World.withTwo(LIMITS);
    world.does(ALICE, retain('lobby', { count: 5 }));
    talk(world, 20);
    world.sweep(0);
    const { floor } = roomOf(world);
    expect(floor.index).toBe(15);
    world.does(ALICE, retain('lobby', {}));
    talk(world, 500);
    world.sweep(1e9);
    expect(roomOf(world).floor).toEqual(floor);
  });
});

test('without a limit nothing is ever due, and there are no more marks than there may be', () => {
  const world = World.withTwo(LIMITS);
  talk(world, 6000, 'x', 60_000);
  expect(world.state.sweepDue(world.timeMs + 1e11)).toBe(false);
  world.sweep(1e11);
  expect(roomOf(world).floor.position).toBe(0);
  expect(roomOf(world).marks).toHaveLength(MAX_MARKS);
});

test('a limit set late finds a mark near it, whichever limit it is, and soon a near one', () => {
  for (const limits of [{ count: 200 }, { count: 2000 }, { bytes: 200 * 65 }, { ageMs: 200 * 60_000 }]) {
    const world = World.withTwo(LIMITS);
    talk(world, 4000, 'x', 60_000);
    world.does(ALICE, retain('lobby', limits));
    const wanted = 'count' in limits && limits.count === 2000 ? 2000 : 200;
    world.sweep(0);
    const first = linesOf(kept(world));
    expect(first).toBeGreaterThanOrEqual(wanted - 3);
    expect(first).toBeLessThanOrEqual(1.3 * wanted + 64);
    talk(world, wanted + 200, 'x', 60_000);
    world.sweep(0);
    expect(linesOf(kept(world))).toBeLessThanOrEqual((1 + 1 / 31) * wanted + 3);
  }
});

test('a room that has gone quiet is gone in the end, by its age', () => {
  const world = World.withTwo(LIMITS);
  talk(world, 3);
  world.does(ALICE, retain('lobby', { ageMs: HOUR }));
  world.sweep(HOUR);
  expect(kept(world)).toHaveLength(6);
  world.sweep(1);
  expect(kept(world)).toHaveLength(0);
  expect([roomOf(world).marks, roomOf(world).floor.position]).toEqual([[], roomOf(world).lastPosition]);
  talk(world, 1);
  expect(kept(world)).toHaveLength(1);
});

test('lines before a long silence do not stay until those after it go', () => {
  const world = World.withTwo(LIMITS);
  world.does(ALICE, retain('lobby', { ageMs: 100 * HOUR }));
  talk(world, 2);
  world.timeMs += 90 * HOUR;
  talk(world, 2);
  world.sweep(11 * HOUR);
  expect(linesOf(kept(world))).toBe(2);
});

test('what is gone is for nobody to read', () => {
  const world = World.withTwo(LIMITS);
  world.does(ALICE, retain('lobby', { count: 5 }));
  talk(world, 20);
  world.join(BOB, 'garden');
  world.sweep(0);
  const { floor, lastPosition } = roomOf(world);
  expect(floor.position).toBeGreaterThan(0);
  expect(world.state.wasMember(BOB, 'lobby', floor.position)).toBe(false);
  expect(world.state.wasMember(BOB, 'lobby', floor.position + 1)).toBe(true);
  const [place] = world.state.readable(BOB, 0);
  expect(place).toEqual({ room: 'lobby', from: floor.position + 1, to: Number.MAX_SAFE_INTEGER });
  expect(world.state.readable(BOB, lastPosition).map(({ room }) => room)).toEqual(['garden']);
  world.does(ALICE, retain('lobby', { ageMs: 1 }));
  world.sweep(2);
  expect(world.state.readable(BOB, 0).map(({ room }) => room)).toEqual(['garden']);
});

describe('readable', () => {
  test('has past memberships, present ones and conversations, as far as there is something to read', () => {
    const world = World.withTwo();
    world.does(BOB, { type: 'leave', room: 'lobby', text: '' });
    const left = world.state.position;
    world.does(ALICE, say('lobby', 'unheard'), { type: 'direct', nick: 'bob', text: 'x', action: false });
    world.join(BOB, 'garden');
    const all = world.state.readable(BOB, 0);
    expect(all.map(({ room, to }) => [room, to])).toEqual([
      ['garden', Number.MAX_SAFE_INTEGER],
      ['lobby', left],
      [`@${ALICE}${BOB}`, Number.MAX_SAFE_INTEGER],
    ]);
    expect(world.state.readable(BOB, left).map(({ room }) => room)).toEqual(['garden', `@${ALICE}${BOB}`]);
    expect(world.state.readable(BOB, world.state.position)).toEqual([]);
    expect(world.state.readable(id(77), 0)).toEqual([]);
  });
});

describe('with one limit from the beginning, never less and hardly more than it is kept', () => {
  const steps = fc.array(
    fc.record({
      ms: fc.constantFrom(0, 0, 1, 50, 3000),
      lines: fc.integer({ min: 1, max: 60 }),
      size: fc.constantFrom(1, 1, 80, 700),
      sweep: fc.boolean(),
    }),
    { minLength: 20, maxLength: 40, size: 'max' },
  );

  function play(limits: Partial<Retention>, check: (world: World, events: readonly ChatEvent[]) => void): void {
    fc.assert(
      fc.property(steps, (all) => {
        const world = World.withTwo(LIMITS);
        world.does(ALICE, retain('lobby', limits));
        for (const { ms, lines, size, sweep } of all) {
          world.timeMs += ms;
          world.does(ALICE, ...Array.from({ length: lines }, () => say('lobby', 'ü'.repeat(size))));
          expect(roomOf(world).marks.length).toBeLessThanOrEqual(MAX_MARKS);
          if (!sweep) continue;
          world.sweep(0);
          check(
            world,
            world.history.filter(({ room }) => room === 'lobby'),
          );
        }
      }),
      { numRuns: 8 },
    );
  }

  test.each([1, 10, 200])('%d lines', (count) => {
    play({ count }, (world, events) => {
      expect(linesOf(kept(world))).toBeGreaterThanOrEqual(Math.min(count, linesOf(events)));
      expect(linesOf(kept(world))).toBeLessThanOrEqual(count + count / 30 + 1);
    });
  });

  test.each([1000, 100_000])('%d bytes', (bytes) => {
    play({ bytes }, (world, events) => {
      expect(bytesOf(kept(world))).toBeGreaterThanOrEqual(Math.min(bytes, bytesOf(events)));
      expect(bytesOf(kept(world))).toBeLessThanOrEqual(bytes + bytes / 30 + 2 * (1400 + EVENT_BYTES));
    });
  });

  test.each([100, 20_000])('%d ms', (ageMs) => {
    play({ ageMs }, (world, events) => {
      const young = events.filter(({ time }) => time >= world.timeMs - ageMs);
      const still = kept(world);
      expect(still.at(-young.length)?.position).toBe(young[0]?.position);
      expect(still.length).toBeGreaterThanOrEqual(young.length);
      expect(still[0]?.time ?? world.timeMs).toBeGreaterThanOrEqual(world.timeMs - ageMs - ageMs / 30);
    });
  });
});

test('of several limits each takes its share, and nothing goes that all of them keep', () => {
  const world = World.withTwo(LIMITS);
  const limits = { ageMs: 100 * 60_000, count: 200, bytes: 300 * 65 };
  world.does(ALICE, retain('lobby', limits));
  const some = fc.array(fc.constantFrom(0, 1000, 60_000, 600_000), { minLength: 60, maxLength: 60 });
  for (const everyMs of fc.sample(some, { numRuns: 1, seed: 7 })[0] ?? []) {
    talk(world, 20, 'x'.repeat(1 + (everyMs % 7) * 9), everyMs / 20);
    world.sweep(0);
    const all = world.history.filter(({ room }) => room === 'lobby');
    const still = kept(world);
    const { position, index } = roomOf(world).floor;
    const gone = all.filter((event) => event.position <= position);
    const lastGone = gone.at(-1);
    if (!lastGone) continue;
    const isOld = lastGone.time < world.timeMs - limits.ageMs;
    const isBeyond = linesOf(still) >= limits.count || bytesOf(still) >= limits.bytes;
    expect(isOld || isBeyond).toBe(true);
    expect(index).toBe(lastGone.index);
    expect(linesOf(still)).toBeLessThanOrEqual(limits.count * 1.15);
    expect(bytesOf(still)).toBeLessThanOrEqual(limits.bytes * 1.15);
  }
  expect(roomOf(world).floor.index).toBeGreaterThan(0);
});
