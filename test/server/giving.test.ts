/** What a peer that has to restore gets, and what is made of it. */
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, limitsOf } from '../../src/config/limits';
import type { ServerEffect } from '../../src/server/effects';
import { digestOf, openSnapshot } from '../../src/server/snapshots';
import { pack } from '../../src/wire/msgpack';
import type { FetchHistory, FetchSnapshot } from '../../src/wire/peer';
import { ServerHarness, say } from './harness';

test('a peer is answered at once, be it that it has to wait: other questions come behind this one', async () => {
  const server = new ServerHarness({ recentBytes: 0, historyWriteBytes: 10 });
  server.enter(7, 1, 'alice');
  server.submit(7, 1, 2, [say('one'), say('two')]);
  server.pass(1000);
  const ask = (question: number) => {
    const asked = { type: 'FetchHistory', after: 0, through: 3, room: '', position: 0 } as const;
    return server.core.onPeer(2, server.core.birth, asked, question);
  };
  const [reading] = ask(1);
  expect(reading).toMatchObject({ type: 'read' });
  const waitOf = (question: number) =>
    ask(question).map((effect) => (effect.type === 'reply' ? [effect.question, effect.message] : [effect.type]));
  expect(waitOf(2)).toEqual([[2, expect.objectContaining({ type: 'HistoryPart', records: [] })]]);
  const [later] = ask(3);
  const wait = later?.type === 'reply' && later.message.type === 'HistoryPart' ? later.message.waitMs : 0;
  expect(wait).toBeGreaterThan(0);
});

test('parts of the history and of the snapshot come out of one share of the time', async () => {
  const [readMs, givingShare] = [10, 0.5];
  const server = new ServerHarness({ recentBytes: 0, historyWriteBytes: 10, snapshotRounds: 3, givingShare });
  server.enter(7, 1, 'alice');
  server.submit(7, 1, 2, [say('one'), say('two')]);
  server.pass(1000);
  const ask = (message: FetchSnapshot | FetchHistory) => server.core.onPeer(2, server.core.birth, message, 1);
  const tell = ([effect]: readonly ServerEffect[]) => (effect?.type === 'reply' ? effect.message : undefined);
  const head = tell(ask({ type: 'FetchSnapshot', round: 0, part: 0 }));
  const round = head?.type === 'SnapshotPart' ? head.snapshot.round : 0;
  expect(round).toBeGreaterThan(0);
  const questions = [
    { type: 'FetchSnapshot', round, part: 0 },
    { type: 'FetchHistory', after: 0, through: 3, room: '', position: 0 },
  ] as const;
  const beganMs = server.nowMs;
  let [givenMs, parts] = [0, 0];
  for (let asked = 0; asked < 200; asked += 1) {
    let effects = ask(questions[asked % 2] as FetchSnapshot | FetchHistory);
    for (let [effect] = effects; effect?.type === 'read'; [effect] = effects) {
      server.nowMs += readMs;
      givenMs += readMs;
      effects = server.core.onRecords(effect.id, await server.storage.scan(effect.range));
    }
    const answer = tell(effects);
    if (answer?.type !== 'SnapshotPart' && answer?.type !== 'HistoryPart') throw new Error('an answer comes at once');
    if (answer.type === 'SnapshotPart' ? answer.bytes.length > 0 : answer.records.length > 0) parts += 1;
    server.nowMs += 1;
  }
  expect(parts).toBeGreaterThan(5);
  const { givingCreditMs } = limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS).server;
  expect(givenMs).toBeLessThanOrEqual(givingShare * (server.nowMs - beganMs + givingCreditMs) + 3 * readMs);
});

test('while something is said a peer gets smaller parts and has to wait, but not when very much is said', async () => {
  const server = new ServerHarness({ recentBytes: 0, historyWriteBytes: 10, partBytes: 3000 });
  server.enter(7, 1, 'alice');
  for (let seq = 2; seq < 60; seq += 1) server.submit(7, 1, seq, [say(`${seq} ${'x'.repeat(200)}`)]);
  server.pass(1000);
  const given = async () => {
    const asked = { type: 'FetchHistory', after: 0, through: 50, room: '', position: 0 } as const;
    let [effect] = server.core.onPeer(2, server.core.birth, asked, 1);
    while (effect?.type === 'read') {
      [effect] = server.core.onRecords(effect.id, await server.storage.scan(effect.range));
    }
    if (effect?.type !== 'reply' || effect.message.type !== 'HistoryPart') throw new Error('no part came');
    const { records, waitMs } = effect.message;
    return { bytes: records.reduce((sum, { length }) => sum + length, 0), waitMs };
  };
  // What was said before the first question counts, too.
  await given();
  server.pass(1000);
  const quiet = await given();
  server.submit(7, 1, 60, [say('somebody speaks')]);
  server.pass(1000);
  const busy = await given();
  const { givingPauseMs, givingPauseEvents } = limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS).server;
  for (let seq = 61; seq < 61 + givingPauseEvents + 1; seq += 1) server.submit(7, 1, seq, [say('all speak')]);
  server.pass(1000);
  const crowded = await given();
  expect(crowded.waitMs).toBe(0);
  expect(crowded.bytes).toBe(quiet.bytes);
  expect(busy.waitMs).toBe(givingPauseMs);
  expect(quiet.waitMs).toBe(0);
  expect(busy.bytes).toBeLessThan(quiet.bytes);
  expect(busy.bytes).toBeGreaterThan(0);
});

test('a snapshot that this version does not know, or that is none, is refused with a reason', () => {
  const open = (part: Uint8Array) => {
    const digest = digestOf(7).bytes(part).hex();
    return openSnapshot({ round: 1, position: 0, size: 7, parts: 1, digest }, [part]);
  };
  expect(open(pack([[0, 'chat', 99, '', 0, 0, '', 0, 0]]))).toEqual({ bad: expect.stringContaining('99') });
  expect(open(pack([['nonsense']]))).toEqual({ bad: expect.any(String) });
  expect(open(Uint8Array.of(0xc1))).toEqual({ bad: expect.any(String) });
  const info = { round: 1, position: 0, size: 7, parts: 1, digest: 'another' };
  expect(openSnapshot(info, [pack([[]])])).toEqual({ bad: expect.stringContaining('digest') });
});
