import fc from 'fast-check';
import type { ChatEvent } from '../../src/chat/events';
import { eventsOf, recordsOf } from '../../src/history/blocks';
import { recordsGiven } from '../../src/history/given';
import { givePart, type Part, type PartSize, type Place, type RoomEnd, type Wanted } from '../../src/history/giving';
import { lastLines, readPage } from '../../src/history/reading';
import { eventsFrom, happenings, ROOMS, runsFrom } from './events';
import { Store } from './store';

const SIZE: PartSize = { bytes: 512 * 1024, blocks: 2048, rooms: 64 };
const ALL = { from: Buffer.alloc(0), to: Buffer.alloc(1, 255), limit: 100_000, bytes: 1e9 };

/** A store with everything up to some events, written so many at a time. */
function storeOf(events: readonly ChatEvent[], writeEvery: number): Store {
  const store = new Store();
  for (let at = 0; at < events.length; at += writeEvery)
    store.put(recordsOf(runsFrom(events.slice(at, at + writeEvery))));
  return store;
}

function endsOf(events: readonly ChatEvent[]): readonly RoomEnd[] {
  const ends = new Map<string, number>();
  for (const { room, position } of events) ends.set(room, position);
  return [...ends].map(([room, last]) => ({ room, last }));
}

/** All parts, one after the other, now from this store and now from that one, put into another store. */
function giveAll(
  givers: readonly Store[],
  rooms: readonly RoomEnd[],
  wanted: Wanted,
  size: PartSize,
  into: Store,
): void {
  let given = 0;
  for (let place: Place | undefined = { room: '', position: 0 }; place; given += 1) {
    const giver = givers[given % givers.length] as Store;
    const part: Part = giver.read(givePart(rooms, wanted, place, size));
    const pieces = part.records.flatMap(({ key, value }) => [key, value]);
    const records = recordsGiven(pieces, { ...wanted, ...place, next: part.next });
    if ('bad' in records) throw new Error(records.bad);
    into.put(records);
    place = part.next;
  }
}

test('what a peer is given is what it lacks, whoever gives which part, and in whatever blocks', () => {
  fc.assert(
    fc.property(
      happenings,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(300),
      fc.record({
        bytes: fc.integer({ min: 1, max: 3000 }),
        blocks: fc.integer({ min: 1, max: 20 }),
        rooms: fc.integer({ min: 1, max: 3 }),
      }),
      (all, writeEvery, otherEvery, before, size) => {
        const events = eventsFrom(all);
        const after = Math.min(before, events.length);
        // One of them got a part from a peer before its rounds came after all: its blocks overlap.
        const overlapping = storeOf(events.slice(after), otherEvery);
        overlapping.put(storeOf(events, writeEvery).scan(ALL));
        const givers = [storeOf(events, writeEvery), overlapping];
        const taker = storeOf(events.slice(0, after), otherEvery);
        giveAll(givers, endsOf(events), { after, through: events.length }, size, taker);
        for (const room of ROOMS) {
          const query = { room, before: Number.POSITIVE_INFINITY, limit: 1000, floor: 0 };
          const page = taker.read(readPage(query, [], events.length));
          expect(page).toEqual(
            lastLines(
              events.filter((event) => event.room === room),
              query,
            ),
          );
        }
      },
    ),
  );
});

test('a large history comes in several parts, also when one does not come and is asked for again', () => {
  const events = eventsFrom(
    Array.from({ length: 60_000 }, (_, at) => ({ room: at % 3, kind: 0, text: 'x'.repeat(200) })),
  );
  const records = recordsOf(runsFrom(events));
  const giver = new Store();
  giver.fill(records);
  const rooms = endsOf(events);
  let parts = 0;
  const seen: ChatEvent[] = [];
  for (let place: Place | undefined = { room: '', position: 0 }; place; ) {
    const part: Part = giver.read(givePart(rooms, { after: 0, through: events.length }, place, SIZE));
    expect(giver.read(givePart(rooms, { after: 0, through: events.length }, place, SIZE))).toEqual(part);
    seen.push(...part.records.flatMap(eventsOf));
    place = part.next;
    parts += 1;
  }
  expect(parts).toBeGreaterThan(2);
  expect(seen.map(({ position }) => position).sort((a, b) => a - b)).toEqual(events.map(({ position }) => position));
});

test('a part looks up a bounded number of rooms, be there anything in them or not', () => {
  const [common] = eventsFrom([{ room: 0, kind: 0, text: 'x' }]);
  const rooms = Array.from({ length: 300 }, (_, at) => ({ room: `room${at}`, last: at + 1 }));
  const events = rooms.map(({ room, last }) => ({ ...(common as ChatEvent), room, position: last }));
  const store = new Store();
  store.fill(recordsOf(runsFrom(events)));
  const given: number[] = [];
  for (let place: Place | undefined = { room: '', position: 0 }; place; ) {
    const scans = store.scans;
    const part: Part = store.read(givePart(rooms, { after: 10, through: 200 }, place, SIZE));
    expect(store.scans - scans).toBeLessThanOrEqual(128);
    given.push(part.records.length);
    place = part.next;
  }
  expect(given).toEqual([64, 64, 62, 0, 0]);
});
