import { NO_BALLOT } from '../../src/paxos/ballot';
import { askedOf, Bench, ballot, bytes, ofType, sent } from './bench';

const heartbeat = (counter: number, server: number) =>
  ({ type: 'Heartbeat', ballot: ballot(counter, server), committed: 0, beat: 1, clients: 0 }) as const;
const forwards = (effects: Parameters<typeof sent>[0]) =>
  sent(effects, 'Forward').map(
    ({ serial, commands }) => `${serial}:${commands.map((one) => Buffer.from(one).toString())}`,
  );

function follower(limits = {}): Bench {
  const bench = new Bench({ limits });
  bench.step(2, heartbeat(1, 2));
  return bench;
}

describe('a follower', () => {
  test('forwards what it is given to the leader, one batch at a time, the next gathers meanwhile', () => {
    const bench = follower();
    expect(forwards(bench.propose('a'))).toEqual(['1:a']);
    expect(forwards(bench.propose('b', 'c'))).toEqual([]);
    expect(forwards(bench.propose('d'))).toEqual([]);
    expect(forwards(bench.step(2, { type: 'Taken', serial: 1 }))).toEqual(['2:b,c,d']);
  });

  test('asks again with the same commands when no answer comes', () => {
    const bench = follower();
    bench.propose('a');
    bench.propose('b');
    const effects = bench.wait(160);
    expect(forwards(effects)).toEqual(['1:a']);
    expect(askedOf(effects, 'Forward')).toEqual([2]);
  });

  test('a late answer to the batch before does not count for this one', () => {
    const bench = follower();
    bench.propose('a');
    bench.step(2, { type: 'Taken', serial: 1 });
    bench.propose('b');
    bench.propose('c');
    expect(forwards(bench.step(2, { type: 'Taken', serial: 1 }))).toEqual([]);
    expect(forwards(bench.step(3, { type: 'Taken', serial: 2 }))).toEqual([]);
    expect(bench.ignored('late answer')).toBe(2);
    expect(forwards(bench.step(2, { type: 'Taken', serial: 2 }))).toEqual(['3:c']);
  });

  test('drops all of it when the leader changes: it is proposed again', () => {
    const bench = follower();
    bench.propose('a');
    bench.propose('b');
    const effects = bench.step(3, heartbeat(2, 3));
    expect(ofType(effects, 'leader')).toEqual([{ type: 'leader', ballot: ballot(2, 3) }]);
    expect(forwards(effects)).toEqual([]);
    expect(bench.replica.roomBytes).toBe(256);
    expect(forwards(bench.propose('a', 'b'))).toEqual(['2:a,b']);
  });

  test('a batch is cut at its size', () => {
    const bench = follower({ batchBytes: 8 });
    expect(forwards(bench.propose('1234', '5678', '9'))).toEqual(['1:1234,5678']);
  });

  test('told by its leader that it does not lead, knows of none', () => {
    const bench = follower();
    bench.propose('a');
    bench.step(2, { type: 'NotLeader', serial: 9, leader: NO_BALLOT });
    expect(bench.replica.view().leader).toBe(2);
    bench.step(2, { type: 'NotLeader', serial: 1, leader: NO_BALLOT });
    expect(bench.replica.view().leader).toBe(0);
  });

  test('told that the leader has no room, asks again later', () => {
    const bench = follower();
    bench.propose('a');
    bench.step(2, { type: 'NotLeader', serial: 1, leader: ballot(1, 2) });
    expect(bench.replica.view().leader).toBe(2);
    expect(forwards(bench.wait(40))).toEqual([]);
    expect(forwards(bench.wait(20))).toEqual(['1:a']);
  });

  test('bounds what it gathers', () => {
    const bench = follower({ backlogBytes: 1000, roomBytes: 700 });
    bench.propose('a');
    bench.propose('x'.repeat(600));
    bench.propose('y'.repeat(600));
    expect(bench.replica.roomBytes).toBe(100);
  });

  test('a server that may not vote forwards too', () => {
    const bench = new Bench({ state: { standing: 'recovering' } });
    bench.step(2, heartbeat(1, 2));
    expect(forwards(bench.propose('a'))).toEqual(['1:a']);
  });
});

describe('who is forwarded to', () => {
  const forward = (serial: number, text: string) => ({ type: 'Forward', serial, commands: [bytes(text)] }) as const;

  test('takes the commands when it leads, and proposes them', () => {
    const bench = new Bench();
    bench.lead();
    const before = bench.done.length;
    expect(bench.ask(2, forward(4, 'a'))).toEqual({ type: 'Taken', serial: 4 });
    expect(sent(bench.done.slice(before), 'Accept')).toHaveLength(1);
  });

  test('names the leader when it does not lead', () => {
    const bench = follower();
    expect(bench.ask(3, forward(4, 'a'))).toEqual({ type: 'NotLeader', serial: 4, leader: ballot(1, 2) });
  });

  test('does not take what it has no room for', () => {
    const bench = new Bench({ limits: { roomBytes: 1 } });
    bench.lead();
    for (const text of ['a', 'b', 'c']) bench.propose(text);
    expect(bench.ask(2, forward(1, 'x'))).toEqual({ type: 'Taken', serial: 1 });
    expect(bench.ask(2, forward(2, 'y'))).toEqual({ type: 'NotLeader', serial: 2, leader: ballot(1, 1) });
    expect(bench.ask(3, forward(1, 'z'))).toEqual({ type: 'Taken', serial: 1 });
  });

  test('gives each server its turn, however much another one has', () => {
    const bench = new Bench({ limits: { batchBytes: 4, windowRounds: 2 } });
    const own = bench.lead();
    for (const text of ['1', '2', 'a', 'b', 'c', 'd', 'e']) bench.propose(text);
    bench.ask(2, forward(1, 'x'));
    bench.ask(3, forward(1, 'y'));
    bench.flush();
    const before = bench.done.length;
    bench.vote(2, own, 0);
    const [accept] = sent(bench.done.slice(before), 'Accept');
    expect(Buffer.from(accept?.value ?? bytes('')).toString()).toBe('a x y b');
  });
});
