import fc from 'fast-check';
import type { Batch } from '../../src/chat/commands';
import { eventsOf } from '../../src/chat/event-runs';
import type { Plain, SnapshotWalk } from '../../src/chat/snapshot';
import { ChatState } from '../../src/chat/state';
import { pack, unpack } from '../../src/wire/msgpack';
import { batchesOf, everything, logs, told } from './snapshot-log';

/** A chunk as it comes back from a disk. */
function stored(chunk: Plain): unknown {
  const plain = unpack(pack([chunk]), ([only]) => ({ only }));
  return 'only' in plain ? plain.only : expect(plain).toBeUndefined();
}

function applied(batches: readonly Batch[]): ChatState {
  const state = new ChatState();
  for (const [round, batch] of batches.entries()) state.apply(round, batch);
  return state;
}

function* walked(walk: SnapshotWalk, items = 3): Generator<unknown> {
  for (let chunk = walk.next(items); chunk !== undefined; chunk = walk.next(items)) yield stored(chunk);
}

const cutAt = fc.double({ min: 0, max: 1, noNaN: true });

test('a snapshot is what was there when it began, whatever is applied while it is taken, and goes on like it', () => {
  fc.assert(
    fc.property(logs, cutAt, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), (log, where, sizes) => {
      const batches = batchesOf(log);
      const cut = 1 + Math.floor(where * (batches.length - 1));
      const then = applied(batches.slice(0, cut));
      const state = applied(batches.slice(0, cut));
      const walk = state.beginSnapshot();
      const chunks: unknown[] = [];
      const rest = [...batches.entries()].slice(cut).map(([round, batch]) => {
        const result = told(state.apply(round, batch));
        const items = sizes.next().value as number;
        const chunk = items === 0 ? undefined : walk.next(items);
        if (chunk !== undefined) chunks.push(stored(chunk));
        return result;
      });
      chunks.push(...walked(walk, 1));

      const restored = ChatState.restore(chunks);
      expect(everything(restored)).toEqual(everything(then));
      expect(restored.digest()).toBe(then.digest());
      expect(restored.fullDigest()).toBe(then.fullDigest());
      expect([...batches.entries()].slice(cut).map(([round, batch]) => told(restored.apply(round, batch)))).toEqual(
        rest,
      );
      expect(everything(restored)).toEqual(everything(state));
      expect(restored.digest()).toBe(state.digest());
      expect(restored.fullDigest()).toBe(state.fullDigest());
    }),
    { numRuns: 100 },
  );
});

test('several snapshots at once each stay what they were, and taking them changes nothing', () => {
  fc.assert(
    fc.property(logs, cutAt, cutAt, (log, one, other) => {
      const batches = batchesOf(log);
      const cuts = [one, other].map((where) => 1 + Math.floor(where * (batches.length - 1)));
      const state = new ChatState();
      const walks = new Map<number, SnapshotWalk>();
      for (const [round, batch] of batches.entries()) {
        if (cuts.includes(round)) walks.set(round, state.beginSnapshot());
        state.apply(round, batch);
      }
      for (const [cut, walk] of walks) {
        const restored = ChatState.restore(walked(walk));
        expect(everything(restored)).toEqual(everything(applied(batches.slice(0, cut))));
      }
      expect(everything(state)).toEqual(everything(applied(batches)));
    }),
    { numRuns: 50 },
  );
});

test('servers whose states differ at a round have different digests there', () => {
  fc.assert(
    fc.property(logs, cutAt, (log, where) => {
      const batches = batchesOf(log);
      const at = Math.floor(where * batches.length);
      const [one, other] = [new ChatState(), new ChatState()];
      for (const [round, batch] of batches.entries()) {
        one.apply(round, batch);
        other.apply(round, round === at ? { ...batch, entries: batch.entries.slice(1) } : batch);
        const [{ chain: _, ...first }, { chain: __, ...second }] = [everything(one), everything(other)];
        if (JSON.stringify(first) === JSON.stringify(second)) continue;
        expect(one.digest()).not.toBe(other.digest());
        expect(one.fullDigest()).not.toBe(other.fullDigest());
      }
    }),
    { numRuns: 100 },
  );
});

test('what is readable after a position is what the session was there for, and is still kept', () => {
  fc.assert(
    fc.property(logs, fc.nat(60), (log, after) => {
      const state = new ChatState();
      const batches = batchesOf(log);
      const events = batches.flatMap((batch, round) => eventsOf(state.apply(round, batch).runs));
      for (const who of state.sessions.keys()) {
        const places = state.readable(who, after);
        const read = events.filter(({ room, position }) =>
          places.some(
            (place) => place.room === room && position > after && position >= place.from && position <= place.to,
          ),
        );
        const missed = events.filter(({ room, position }) => position > after && state.wasMember(who, room, position));
        expect(read).toEqual(missed);
        for (const place of places) {
          const last = events.findLast(({ room }) => room === place.room)?.position;
          expect(state.roomsByKey.get(place.room)?.lastPosition).toBe(last);
          expect(last).toBeGreaterThan(after);
        }
      }
    }),
    { numRuns: 100 },
  );
});
