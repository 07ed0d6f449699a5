/** Whoever types has a turn of the event loop, however much comes from the cluster. */
import { Turns } from '../../../src/client/ui/turns';

test('after a while of one turn the next message waits for another', async () => {
  let nowMs = 1000;
  const turns = new Turns(() => nowMs);
  await turns.next();
  nowMs += 7;
  expect(turns.next()).toBeUndefined();
  nowMs += 1;
  const waiting = turns.next();
  expect(waiting).toBeDefined();
  await waiting;
  expect(turns.next()).toBeUndefined();
});

test('messages that never end leave turns to timers', async () => {
  const turns = new Turns(() => performance.now());
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 1);
  for (const endAt = performance.now() + 200; performance.now() < endAt; ) {
    await turns.next();
    // As a socket has it on which the next message is there already.
    await Promise.resolve();
  }
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(2);
});
