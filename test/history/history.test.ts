import fc from 'fast-check';
import type { ChatEvent } from '../../src/chat/events';
import { eventsOf, HistoryError, recordsOf } from '../../src/history/blocks';
import { History, readHead } from '../../src/history/history';
import { HEAD_KEY } from '../../src/history/keys';
import { type Interval, lastLines, readMissed, readPage } from '../../src/history/reading';
import { eventsFrom, happenings, isTurn, ROOMS, runsFrom } from './events';
import { Store } from './store';

interface Filling {
  /** The store is written at every so many events … */
  readonly writeEvery: number;
  /** … of which only these many bytes stay in memory. */
  readonly bytes: number;
  /** Some blocks of a peer lie there too: it wrote at every so many events, and each bit is one of its writes. */
  readonly peer: { readonly writeEvery: number; readonly bits: number };
}

const NO_PEER = { writeEvery: 1, bits: 0 };

function filled(
  events: readonly ChatEvent[],
  { writeEvery, bytes, peer }: Filling,
): { history: History; store: Store } {
  const history = new History({ bytes }, 0, 0);
  const store = new Store();
  for (let at = 0; at < events.length; at += peer.writeEvery) {
    const isThere = (peer.bits >> ((at / peer.writeEvery) % 16)) & 1;
    if (isThere) store.put(recordsOf(runsFrom(events.slice(at, at + peer.writeEvery))));
  }
  for (const run of runsFrom(events)) {
    history.append([run]);
    if (!isTurn(run, writeEvery)) continue;
    const write = history.takeWrite();
    if (!write) continue;
    store.put(write.puts);
    history.onStored(write.through);
  }
  return { history, store };
}

const shape = fc.record({
  happenings,
  writeEvery: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 80 })),
  bytes: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30_000 })),
  peer: fc.record({ writeEvery: fc.integer({ min: 1, max: 80 }), bits: fc.nat(65_535) }),
});

test('a block is read as it was written, by its room', () => {
  fc.assert(
    fc.property(happenings, (all) => {
      const events = eventsFrom(all);
      const blocks = recordsOf(runsFrom(events)).filter(({ value }) => value.length > 0);
      const read = blocks.flatMap(eventsOf).sort((a, b) => a.position - b.position);
      expect(read).toEqual(events);
    }),
  );
});

test('a page is the same, wherever its lines lie', () => {
  const query = fc.record({
    room: fc.nat(ROOMS.length - 1),
    before: fc.oneof(fc.integer({ min: 1, max: 120 }), fc.constantFrom(2 ** 53 - 1, Number.POSITIVE_INFINITY)),
    limit: fc.integer({ min: 1, max: 40 }),
    floor: fc.oneof(fc.constant(0), fc.nat(300)),
  });
  fc.assert(
    fc.property(shape, query, ({ happenings: all, ...filling }, { room: at, ...asked }) => {
      const events = eventsFrom(all);
      const { history, store } = filled(events, filling);
      const room = ROOMS[at] as string;
      const { recent } = history;
      const page = store.read(readPage({ room, ...asked }, recent.ofRoom(room), recent.from));
      expect(page).toEqual(
        lastLines(
          events.filter((event) => event.room === room),
          { room, ...asked },
        ),
      );
    }),
    { numRuns: 150 },
  );
});

test('the last lines are those asked for, with what happened between them, and above the floor', () => {
  const kinds = [0, 3, 0, 0, 3, 0];
  const events = eventsFrom(kinds.map((kind) => ({ room: 0, kind, text: '' })));
  const positions = (before: number, limit: number, floor = 0) => {
    const { events: found, more } = lastLines(events, { room: 'lobby', before, limit, floor });
    return [found.map(({ position }) => position), more];
  };
  expect(positions(Number.POSITIVE_INFINITY, 2)).toEqual([[4, 5, 6], true]);
  expect(positions(4, 2)).toEqual([[3, 4, 5], true]);
  expect(positions(2, 5)).toEqual([[1, 2], false]);
  expect(positions(Number.POSITIVE_INFINITY, 9, 3)).toEqual([[4, 5, 6], false]);
  expect(positions(1, 9)).toEqual([[], false]);
});

test('what a session missed comes page by page, in order, once, without a gap', () => {
  const intervals = fc.uniqueArray(
    fc.record({ room: fc.nat(ROOMS.length - 1), from: fc.nat(200), length: fc.nat(300) }),
    { selector: ({ room }) => room, maxLength: ROOMS.length },
  );
  fc.assert(
    fc.property(
      shape,
      intervals,
      fc.nat(200),
      fc.integer({ min: 1, max: 50 }),
      fc.constantFrom(1, 2000, 1_000_000),
      ({ happenings: all, ...filling }, rooms, after, limit, bytes) => {
        const events = eventsFrom(all);
        const { history, store } = filled(events, filling);
        const wanted: Interval[] = rooms.map(({ room, from, length }) => ({
          room: ROOMS[room] as string,
          from,
          to: from + length,
        }));
        const wants = ({ room, position }: Pick<ChatEvent, 'room' | 'position'>) =>
          wanted.some((one) => one.room === room && position >= one.from && position <= one.to);
        const seen: ChatEvent[] = [];
        let through = Math.min(after, events.length);
        while (through < events.length) {
          const page =
            history.recent.after(through, limit, wants) ??
            store.read(readMissed(wanted, through, history.recent.from, { events: limit, bytes }));
          expect(page.through).toBeGreaterThan(through);
          expect(page.events.length).toBeLessThanOrEqual(limit);
          seen.push(...page.events);
          through = page.through;
        }
        expect(seen).toEqual(events.filter((event) => event.position > after && wants(event)));
      },
    ),
    { numRuns: 150 },
  );
});

test('a page of what was missed in many rooms has something of all of them', () => {
  const [rooms, lines] = [64, 4];
  const [common] = eventsFrom([{ room: 0, kind: 0, text: 'x' }]);
  const store = new Store();
  for (let line = 0; line < lines; line += 1) {
    const events = Array.from({ length: rooms }, (_, at) => {
      return { ...(common as ChatEvent), room: `room${at}`, position: line * rooms + at + 1, index: line + 1 };
    });
    store.put(recordsOf(runsFrom(events)));
  }
  const intervals = Array.from({ length: rooms }, (_, at) => ({ room: `room${at}`, from: 1, to: 1000 }));
  const pages: number[] = [];
  for (let after = 0; after < rooms * lines; ) {
    const page = store.read(readMissed(intervals, after, rooms * lines, { events: 500, bytes: 1_000_000 }));
    pages.push(page.events.length);
    after = page.through;
  }
  expect(pages).toEqual([64, 64, 64, 64]);
});

test('what is kept in memory is bounded once the store has it, and not before', () => {
  const events = eventsFrom(Array.from({ length: 5000 }, (_, at) => ({ room: at, kind: 0, text: 'x'.repeat(100) })));
  const history = new History({ bytes: 25_000 }, 0, 0);
  history.append(runsFrom(events));
  expect(history.recent.from).toBe(0);
  const write = history.takeWrite();
  expect(history.takeWrite()).toBeUndefined();
  history.onStored(write?.through ?? 0);
  expect(history.recent.from).toBe(4959);
  expect(history.recent.position).toBe(5000);
  expect(history.recent.ofRoom('lobby')).toHaveLength(10);
});

test('a page far back is read in a few steps', () => {
  const events = eventsFrom(Array.from({ length: 20_000 }, () => ({ room: 0, kind: 0, text: 'x' })));
  const { history, store } = filled(events, { writeEvery: 500, bytes: 0, peer: NO_PEER });
  const page = store.read(readPage({ room: 'lobby', before: 5000, limit: 100, floor: 0 }, [], history.recent.from));
  expect(page.events.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, at) => 4900 + at));
  expect(store.scans).toBeLessThanOrEqual(3);
});

test('after a restart the rounds after the snapshot come again, and nothing is written twice', () => {
  const events = eventsFrom(Array.from({ length: 30 }, (_, at) => ({ room: at, kind: 0, text: `${at}` })));
  const store = new Store();
  const before = new History({ bytes: 0 }, 0, 0);
  before.append(runsFrom(events.slice(0, 20)));
  store.put(before.takeWrite()?.puts ?? []);
  const after = new History({ bytes: 0 }, readHead(store.get(HEAD_KEY)), 10);
  after.append(runsFrom(events.slice(10, 25)));
  expect(after.recent.from).toBe(10);
  const write = after.takeWrite();
  expect(write?.through).toBe(25);
  const written = (write?.puts ?? []).filter(({ value, key }) => value.length > 0 && key[0] !== HEAD_KEY[0]);
  expect(
    written
      .flatMap(eventsOf)
      .map(({ position }) => position)
      .sort((a, b) => a - b),
  ).toEqual([21, 22, 23, 24, 25]);
});

test('a block or a head that is none is refused', () => {
  expect(() => eventsOf({ key: HEAD_KEY, value: new Uint8Array([0x93, 1]) })).toThrow(HistoryError);
  expect(() => readHead(new Uint8Array([0x92, 9, 1]))).toThrow('version 9');
  expect(readHead(undefined)).toBe(0);
});
