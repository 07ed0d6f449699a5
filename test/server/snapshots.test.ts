/** Snapshots are taken beside the service: a short while at a time, none in a hurry. */
import type { SessionId } from '../../src/chat/commands';
import { ChatState } from '../../src/chat/state';
import type { ServerParts } from '../../src/server/parts';
import { Snapshots } from '../../src/server/snapshots';
import type { StorageWrite } from '../../src/storage/storage';
import { keyFor } from '../people';
import { LIMITS } from './solo';

const SESSIONS = 20_000;
const STEP_MS = 4;

/** A clock on which everything takes a millisecond. */
function setUp(): { snapshots: Snapshots; writes: StorageWrite[]; passedMs: () => number } {
  const chat = new ChatState();
  chat.apply(0, { time: 0, entries: [{ type: 'birth', id: '0123456789abcdef' }] });
  for (let at = 1; at <= SESSIONS; at += 1) {
    const session: SessionId = at.toString(16).padStart(16, '0');
    const who = { session, key: keyFor(session), nick: `nick${at}`, reclaim: false };
    const open = { ...who, server: 1, attachment: '', resume: false, position: 0 };
    chat.apply(at, { time: at, entries: [{ type: 'open', ...open }] });
  }
  let nowMs = 0;
  const clock = {
    wallMs: () => 0,
    monotonicMs: () => {
      nowMs += 1;
      return nowMs;
    },
  };
  const writes: StorageWrite[] = [];
  const server = { ...LIMITS.server, snapshotBytes: 1000, snapshotStepMs: STEP_MS };
  const options = { limits: { ...LIMITS, server }, clock };
  const persist = (write: StorageWrite) => writes.push(write);
  const parts = { chat, options, persist, writeHistory: () => {} } as unknown as ServerParts;
  return { snapshots: new Snapshots(parts, []), writes, passedMs: () => nowMs };
}

test('a step takes a few parts, and not all that there are', () => {
  const { snapshots, writes, passedMs } = setUp();
  snapshots.onApplied(SESSIONS, 1000);
  expect(writes).toEqual([]);
  let steps = 0;
  for (; !snapshots.latest; steps += 1) {
    const before = passedMs();
    snapshots.step();
    expect(passedMs() - before).toBeLessThanOrEqual(STEP_MS + 2);
  }
  expect(steps).toBeGreaterThan(SESSIONS / 1000 / STEP_MS);
});

test('what is due while two are taken is passed over: nothing is written because of it, and both are whole', () => {
  const { snapshots, writes } = setUp();
  for (let round = 0; round < 5; round += 1) snapshots.onApplied(SESSIONS + round, 1000);
  expect(writes).toEqual([]);
  while (snapshots.latest?.round !== SESSIONS + 2) snapshots.step();
  for (let more = 0; more < 20; more += 1) snapshots.step();
  expect(snapshots.latest?.round).toBe(SESSIONS + 2);
  expect(snapshots.at(SESSIONS + 1)?.parts).toBe(snapshots.latest?.parts);
});
