/** What the log says of the limits holds, on every server, whatever its configuration says. */
import { gathered } from '../../src/chat/commands';
import { FIRST_LIMITS } from '../../src/chat/limits';
import type { Plain } from '../../src/chat/snapshot';
import { ChatState } from '../../src/chat/state';
import { ALICE, LIMITS, say, verdicts, World } from './world';

function restored(state: ChatState): ChatState {
  const walk = state.beginSnapshot();
  const chunks: Plain[] = [];
  for (let chunk = walk.next(9); chunk !== undefined; chunk = walk.next(9)) chunks.push(chunk);
  return ChatState.restore(chunks);
}

test('a new log has the first limits until it says others, and these from the next entry on', () => {
  expect(new ChatState().limits).toEqual(FIRST_LIMITS);
  const world = World.withTwo();
  const long = say('lobby', 'x'.repeat(LIMITS.textBytes));
  const shorter = { ...LIMITS, textBytes: LIMITS.textBytes - 1 };
  const both = world.apply(
    { type: 'group', session: ALICE, firstSeq: 2, settled: 0, commands: gathered([long]) },
    { type: 'limits', limits: shorter },
    { type: 'group', session: ALICE, firstSeq: 3, settled: 0, commands: gathered([long]) },
  );
  expect(verdicts(both)).toEqual(['ok', 'text-too-long']);
});

test('limits before the birth are not heeded', () => {
  const state = new ChatState();
  state.apply(0, { time: 1, entries: [{ type: 'limits', limits: LIMITS }] });
  expect(state.limits).toEqual(FIRST_LIMITS);
});

test('the limits survive a snapshot', () => {
  const world = World.withTwo({ textBytes: 77 });
  const again = restored(world.state);
  expect(again.limits).toEqual({ ...LIMITS, textBytes: 77 });
  expect(again.fullDigest()).toBe(world.state.fullDigest());
});

test('states with different limits have different digests', () => {
  const [one, other] = [World.withTwo(), World.withTwo()];
  one.apply({ type: 'limits', limits: { ...LIMITS, rooms: LIMITS.rooms + 1 } });
  other.apply({ type: 'limits', limits: LIMITS });
  expect(one.state.digest()).not.toBe(other.state.digest());
  expect(one.state.fullDigest()).not.toBe(other.state.fullDigest());
});
