/** What a peer that has to restore gets, and what is made of it. */
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, limitsOf } from '../../src/config/limits';
import { digestOf, openSnapshot } from '../../src/server/snapshots';
import { pack } from '../../src/wire/msgpack';
import { ServerHarness, say } from './harness';

const CHAT = limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS).chat;

test('a peer is answered at once, be it that it has to wait: other questions come behind this one', async () => {
  const server = new ServerHarness({ recentChars: 0, historyWriteChars: 10 });
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

test('a snapshot that this version does not know, or that is none, is refused with a reason', () => {
  const open = (part: Uint8Array) => {
    const digest = digestOf(7).bytes(part).hex();
    return openSnapshot({ round: 1, position: 0, size: 7, parts: 1, digest }, [part], CHAT);
  };
  expect(open(pack([[0, 'chat', 99, '', 0, 0, '', 0, 0]]))).toEqual({ bad: expect.stringContaining('99') });
  expect(open(pack([['nonsense']]))).toEqual({ bad: expect.any(String) });
  expect(open(Uint8Array.of(0xc1))).toEqual({ bad: expect.any(String) });
  const info = { round: 1, position: 0, size: 7, parts: 1, digest: 'another' };
  expect(openSnapshot(info, [pack([[]])], CHAT)).toEqual({ bad: expect.stringContaining('digest') });
});
