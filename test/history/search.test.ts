import fc from 'fast-check';
import type { ChatEvent } from '../../src/chat/events';
import { recordsOf } from '../../src/history/blocks';
import { History } from '../../src/history/history';
import type { NearQuery } from '../../src/history/recent';
import { type Found, searchRoom } from '../../src/history/search';
import { eventsFrom, happenings, isTurn, runsFrom } from './events';
import { Store } from './store';

const NEEDLE = 'a';

function isFound({ room, kind, text, position, index }: ChatEvent, before: number, floor: number): boolean {
  const isLine = kind === 'message' || kind === 'action';
  return room === 'lobby' && isLine && text.toLowerCase().includes(NEEDLE) && index < before && position > floor;
}

/** Asks until all of the room has been searched. */
function searchAll(history: History, store: Store, asked: { before: number; limit: number; floor: number }): Found[] {
  const { recent } = history;
  const answers: Found[] = [];
  for (let before = asked.before; before > 0; before = answers.at(-1)?.before ?? 0) {
    const search = { ...asked, room: 'lobby', text: NEEDLE.toUpperCase(), before };
    const found = store.read(searchRoom(search, recent));
    expect(found.before).toBeLessThan(before);
    expect(found.events.length).toBeLessThanOrEqual(asked.limit);
    answers.push(found);
  }
  return answers;
}

test('a search finds what is there, once, from the last line to the first, wherever it lies', () => {
  const filling = fc.record({
    chars: fc.constantFrom(0, 500, 100_000),
    writeEvery: fc.integer({ min: 1, max: 80 }),
    peer: fc.record({ writeEvery: fc.integer({ min: 1, max: 80 }), bits: fc.nat(65_535) }),
  });
  const asked = fc.record({
    before: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 200 })),
    limit: fc.integer({ min: 1, max: 20 }),
    floor: fc.oneof(fc.constant(0), fc.nat(300)),
  });
  fc.assert(
    fc.property(happenings, filling, asked, (all, { chars, writeEvery, peer }, query) => {
      const events = eventsFrom(all.map((one) => ({ ...one, room: one.room % 2 })));
      const history = new History({ bytes: chars }, 0, 0);
      const store = new Store();
      for (let at = 0; at < events.length; at += peer.writeEvery) {
        if ((peer.bits >> ((at / peer.writeEvery) % 16)) & 1) {
          store.put(recordsOf(runsFrom(events.slice(at, at + peer.writeEvery))));
        }
      }
      for (const run of runsFrom(events)) {
        history.append([run]);
        const write = isTurn(run, writeEvery) ? history.takeWrite() : undefined;
        if (!write) continue;
        store.put(write.puts);
        history.onStored(write.through);
      }
      const found = searchAll(history, store, query).flatMap(({ events: some }) => some.toReversed());
      expect(found).toEqual(events.filter((event) => isFound(event, query.before, query.floor)).toReversed());
    }),
    { numRuns: 200 },
  );
});

test('as many lines in memory as were asked for do not hide those in the store', () => {
  const events = eventsFrom(Array.from({ length: 9 }, () => ({ room: 0, kind: 0, text: 'a' })));
  const store = new Store();
  store.put(recordsOf(runsFrom(events.slice(0, 8))));
  const search = { room: 'lobby', text: NEEDLE, before: Number.POSITIVE_INFINITY, limit: 1, floor: 0 };
  const found = store.read(searchRoom(search, { ofRoom: () => events.slice(8), from: 8 }));
  expect(found).toEqual({ events: events.slice(8), before: 9 });
});

test('one answer reads a bounded part of a large room, and tells where to go on', () => {
  const events = eventsFrom(
    Array.from({ length: 30_000 }, (_, at) => ({ room: 0, kind: 0, text: at === 5 ? 'needle in A haystack' : 'x' })),
  );
  const store = new Store();
  store.fill(recordsOf(runsFrom(events)));
  const search = { room: 'lobby', text: 'Needle in a', before: Number.POSITIVE_INFINITY, limit: 1, floor: 0 };
  const nothingNear = { ofRoom: () => [], from: 30_000 };
  const first = store.read(searchRoom(search, nothingNear));
  expect(first.events).toEqual([]);
  expect(first.before).toBeGreaterThan(10_000);
  let [answer, answers] = [first, 1];
  for (; answer.before > 0 && answer.events.length === 0; answers += 1) {
    answer = store.read(searchRoom({ ...search, before: answer.before }, nothingNear));
  }
  expect(answer.events.map(({ index }) => index)).toEqual([6]);
  expect(answers).toBeLessThan(10);
});

test('of what is in memory, too, one answer looks at a bounded part', () => {
  const events = eventsFrom(
    Array.from({ length: 30_000 }, (_, at) => ({ room: 0, kind: 0, text: at === 5 ? 'a needle' : 'x' })),
  );
  const history = new History({ bytes: 100_000_000 }, 0, 0);
  history.append(runsFrom(events));
  const { recent } = history;
  const looked: number[] = [];
  const watched = {
    from: recent.from,
    ofRoom: (room: string, query?: NearQuery) => {
      const near = recent.ofRoom(room, query);
      looked.push(near.length);
      return near;
    },
  };
  const search = { room: 'lobby', text: 'needle', before: Number.POSITIVE_INFINITY, limit: 1, floor: 0 };
  const found: Found[] = [];
  for (let before = search.before; before > 0 && found.length < 10; before = found.at(-1)?.before ?? 0) {
    found.push(new Store().read(searchRoom({ ...search, before }, watched)));
  }
  expect(found.flatMap((answer) => answer.events).map(({ index }) => index)).toEqual([6]);
  expect(found.length).toBeGreaterThan(2);
  expect(Math.max(...looked)).toBeLessThan(9000);
});
