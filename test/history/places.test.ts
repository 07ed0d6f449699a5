/** Places of a room and their digests, wherever its lines lie. */
import fc from 'fast-check';
import type { ChatEvent } from '../../src/chat/events';
import { LINES } from '../../src/chat/events';
import { digestAfterLine, emptyRoomDigest, type RoomDigest } from '../../src/chat/room-digest';
import { recordsOf } from '../../src/history/blocks';
import { History } from '../../src/history/history';
import { type DigestPlace, firstLine, type RoomSpan, readDigest } from '../../src/history/places';
import { prunable } from '../../src/history/pruning';
import { BIRTH, chainUp, eventsFrom, happenings, isTurn, runsFrom } from './events';
import { Store } from './store';

const ROOM = 'lobby';

/** A room whose events lie in blocks of several sizes, the last ones in memory too. */
function stored(events: readonly ChatEvent[], bytes: number, writeEvery: number, peerEvery: number) {
  const history = new History({ bytes }, 0, 0);
  const store = new Store();
  // Blocks of a peer overlap with those of this server.
  for (let at = 0; at < events.length; at += 2 * peerEvery) {
    store.put(recordsOf(runsFrom(events.slice(at, at + peerEvery))));
  }
  for (const run of runsFrom(events)) {
    history.append([run]);
    const write = isTurn(run, writeEvery) ? history.takeWrite() : undefined;
    if (!write) continue;
    store.put(write.puts);
    history.onStored(write.through);
  }
  return { store, recent: history.recent };
}

function spanOf(events: readonly ChatEvent[], floorAt: number): RoomSpan {
  const own = events.filter(({ room }) => room === ROOM);
  const digest = chainUp(events).get(ROOM) ?? emptyRoomDigest(ROOM, BIRTH);
  const floor = own.filter(({ position }) => position <= floorAt).at(-1) ?? { index: 0, position: 0 };
  return { room: ROOM, birth: BIRTH, lines: own.at(-1)?.index ?? 0, digest, floor };
}

const shape = fc.record({
  bytes: fc.integer({ min: 0, max: 30_000 }),
  writeEvery: fc.integer({ min: 1, max: 80 }),
  peerEvery: fc.integer({ min: 1, max: 80 }),
  floorAt: fc.oneof(fc.constant(0), fc.nat(300)),
});

test('the first line after a time or a position, and the digest of each, are those of the lines one by one', () => {
  fc.assert(
    fc.property(happenings, shape, (all, { bytes, writeEvery, peerEvery, floorAt }) => {
      const events = eventsFrom(all.map((one) => ({ ...one, room: one.room % 2 })));
      const span = spanOf(events, floorAt);
      const { store, recent } = stored(events, bytes, writeEvery, peerEvery);
      store.remove(store.read(prunable(ROOM, Math.min(span.floor.position, recent.from))).keys);
      const lines = events.filter(({ room, kind }) => room === ROOM && LINES.has(kind));
      const kept = lines.filter(({ index }) => index > span.floor.index);
      const first = (isReached: (line: Pick<ChatEvent, 'position' | 'time'>) => boolean) =>
        store.read(firstLine(span, recent, isReached));
      for (const at of [0, 1000, 1010, 1020, 5000]) {
        expect(first(({ time }) => time >= at)).toBe(kept.find(({ time }) => time >= at)?.index ?? span.lines + 1);
      }
      let digest = emptyRoomDigest(ROOM, BIRTH);
      for (const line of lines) {
        digest = digestAfterLine(digest, line);
        if (line.index < span.floor.index) continue;
        const found = store.read(readDigest(span, line.index, recent)) as DigestPlace;
        expect(found.digest).toEqual(digest);
        if (line.index === span.floor.index) continue;
        expect(found.position).toBe(line.position);
        expect(first(({ position }) => position >= line.position)).toBe(line.index);
      }
    }),
    { numRuns: 60 },
  );
});

test('of a room that has let go of everything the state says it', () => {
  const events = eventsFrom(Array.from({ length: 50 }, () => ({ room: 0, kind: 0, text: 'x' })));
  const span = spanOf(events, 50);
  const nothing = { runsOf: () => [], from: 50 };
  expect(new Store().read(readDigest(span, 50, nothing))).toEqual({ position: 50, digest: span.digest });
  expect(new Store().read(readDigest(span, 49, nothing))).toBeUndefined();
  expect(new Store().read(firstLine(span, nothing, () => true))).toBe(51);
});

test('in a large room it is found in a few steps', () => {
  const events = eventsFrom(Array.from({ length: 20_000 }, () => ({ room: 0, kind: 0, text: 'x' })));
  const { store } = stored(events, 0, 500, 30_000);
  const span = spanOf(events, 0);
  const nothing = { runsOf: () => [], from: events.length };
  const before = store.scans;
  expect(store.read(firstLine(span, nothing, ({ position }) => position >= 4321))).toBe(4321);
  expect(store.scans - before).toBeLessThan(30);
  const digest = events.slice(0, 4321).reduce<RoomDigest>(digestAfterLine, emptyRoomDigest(ROOM, BIRTH));
  expect(store.read(readDigest(span, 4321, nothing))).toEqual({ position: 4321, digest });
});
