import fc from 'fast-check';
import { recordsOf } from '../../src/history/blocks';
import { eventOfRoom } from '../../src/history/event';
import { History } from '../../src/history/history';
import { isLine } from '../../src/history/reading';
import { eventsFrom, happenings, isTurn, ROOMS, runsFrom } from './events';
import { Store } from './store';

test('what is at a position of a room is found, wherever it lies, and nothing of another room', () => {
  const filling = fc.record({
    bytes: fc.constantFrom(0, 3000, 1_000_000),
    writeEvery: fc.integer({ min: 1, max: 80 }),
    peer: fc.record({ writeEvery: fc.integer({ min: 1, max: 80 }), bits: fc.nat(65_535) }),
    floor: fc.oneof(fc.constant(0), fc.nat(50)),
    places: fc.array(fc.nat(), { minLength: 3, maxLength: 8 }),
  });
  fc.assert(
    fc.property(happenings, filling, (all, { bytes, writeEvery, peer, floor, places }) => {
      const events = eventsFrom(all);
      const history = new History({ bytes }, 0, 0);
      const store = new Store();
      // Blocks of a peer overlap those of this server.
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
      for (const room of ROOMS) {
        for (const place of places) {
          const position = 1 + (place % (events.length + 1));
          const wanted = events.find((event) => event.position === position && event.room === room);
          const found = store.read(eventOfRoom(history, room, { index: 0, position }, floor));
          expect(found).toEqual(position > floor ? wanted : undefined);
        }
        const last = events.findLast((event) => event.room === room && isLine(event.kind) && event.position > floor);
        expect(store.read(eventOfRoom(history, room, { index: 0, position: 0 }, floor))).toEqual(last);
        const lines = events.filter(({ room: of, kind, position }) => of === room && isLine(kind) && position > floor);
        for (const place of places) {
          const index = 1 + (place % ((last?.index ?? 0) + 1));
          const found = store.read(eventOfRoom(history, room, { index, position: 0 }, floor));
          expect(found).toEqual(lines.find((event) => event.index === index));
        }
      }
    }),
    { numRuns: 50 },
  );
});
