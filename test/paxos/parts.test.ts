import * as fc from 'fast-check';
import { Backlog, takeBatch } from '../../src/paxos/backlog';
import { compareBallots, sameBallot } from '../../src/paxos/ballot';
import { Log } from '../../src/paxos/log';
import { Memory } from '../../src/paxos/memory';
import { checkOptions } from '../../src/paxos/options';
import { Membership, majorityOf, Quorum } from '../../src/paxos/quorum';
import { accepted, ballot, bytes } from './bench';
import { TEST_LIMITS } from './harness';

describe('ballots', () => {
  const any = fc.record({ counter: fc.nat(3), server: fc.nat(3) });
  test('are totally ordered', () => {
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        expect(Math.sign(compareBallots(a, b))).toBe(0 - Math.sign(compareBallots(b, a)));
        expect(compareBallots(a, b) === 0).toBe(sameBallot(a, b));
        if (compareBallots(a, b) <= 0 && compareBallots(b, c) <= 0) expect(compareBallots(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('a quorum', () => {
  test('any two share a server, and one without a member shares one with any f+1 of the others', () => {
    for (const servers of [1, 3, 5, 7]) {
      const majority = majorityOf(servers);
      expect(2 * majority).toBeGreaterThan(servers);
      expect(majority - 1 + majority).toBeGreaterThan(servers - 1);
      expect(majority).toBe((servers + 1) / 2);
    }
  });

  test('counts a server once, and only in an incarnation that is not over', () => {
    const membership = new Membership(1, [1, 2, 3, 4, 5]);
    const quorum = new Quorum(membership);
    for (const server of [1, 2, 2]) quorum.add(server, 1);
    expect([quorum.size, quorum.reached]).toEqual([2, false]);
    quorum.add(4, 3);
    expect(quorum.reached).toBe(true);
    quorum.discardStale([1, 2, 1, 3, 9]);
    expect([quorum.size, quorum.has(2), quorum.has(4)]).toEqual([2, false, true]);
    quorum.add(2, 2);
    expect(quorum.reached).toBe(true);
  });

  test('takes no answer of a server without an incarnation', () => {
    expect(() => new Quorum(new Membership(1, [1, 2, 3])).add(2, 0)).toThrow(/incarnation/);
  });
});

describe('the log', () => {
  test('holds rounds with holes, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40)), fc.integer({ min: 1, max: 5 }), (rounds, pageRounds) => {
        const log = new Log();
        for (const round of rounds) log.set(accepted(round, ballot(1, 1), `v${round}`));
        const held = [...new Set(rounds)].sort((a, b) => a - b);
        expect(log.end).toBe(held.length === 0 ? 0 : held.at(-1)! + 1);
        const found: number[] = [];
        let next = 0;
        while (next >= 0) {
          const page = log.page(next, { ...TEST_LIMITS, pageRounds });
          expect(page.accepted.length).toBeLessThanOrEqual(pageRounds);
          found.push(...page.accepted.map(({ round }) => round));
          next = page.next;
        }
        expect(found).toEqual(held);
      }),
    );
  });

  test('commits round by round, and never over a hole', () => {
    const log = new Log();
    log.set(accepted(0, ballot(1, 1), 'a'));
    log.set(accepted(2, ballot(1, 1), 'c'));
    expect(log.commitNext().round).toBe(0);
    expect(() => log.commitNext()).toThrow(/round 1/);
    expect(log.committedPage(0, TEST_LIMITS)).toHaveLength(1);
  });

  test('may start above round 0, once it is cut', () => {
    const log = new Log(100);
    log.set(accepted(100, ballot(1, 1), 'a'));
    expect([log.committed, log.end, log.get(99), log.get(100)?.round]).toEqual([100, 101, undefined, 100]);
    expect(log.page(0, TEST_LIMITS).accepted).toHaveLength(1);
    expect(() => log.set(accepted(99, ballot(1, 1), 'b'))).toThrow(/cut/);
  });
});

describe('the memory', () => {
  test('gathers one write, of what changed since the last', () => {
    const memory = new Memory(0, 3, undefined);
    expect(memory.writeDue).toBe(false);
    memory.hold(accepted(0, ballot(2, 2), 'a'));
    memory.promise(ballot(3, 3));
    expect(memory.takeWrite()).toEqual({
      state: { promised: ballot(3, 3), committed: 0, incarnation: 0, standing: 'new', vector: [0, 0, 0] },
      accepted: [accepted(0, ballot(2, 2), 'a')],
    });
    expect(memory.takeWrite()).toEqual({});
  });

  test('lets hints wait for a write to ride on', () => {
    const memory = new Memory(0, 3, undefined);
    expect(memory.merge([0, 2, 0])).toBe(false);
    expect(memory.vector).toEqual([0, 0, 0]);
    memory.become('new', 1);
    memory.takeWrite();
    expect(memory.merge([0, 2, 0])).toBe(true);
    expect(memory.merge([0, 1, 0])).toBe(false);
    expect(memory.writeDue).toBe(false);
    memory.hold(accepted(0, ballot(2, 2), 'a'));
    expect(memory.takeWrite().state?.vector).toEqual([1, 2, 0]);
  });

  test('to hold a value is to promise its ballot', () => {
    const memory = new Memory(0, 3, undefined);
    memory.hold(accepted(0, ballot(2, 2), 'a'));
    expect(memory.promised).toEqual(ballot(2, 2));
    expect(() => memory.promise(ballot(1, 3))).toThrow(/promised/);
  });

  test('refuses what was stored in a cluster of another size', () => {
    const state = {
      promised: ballot(0, 0),
      committed: 0,
      incarnation: 1,
      standing: 'voter',
      vector: [1, 1, 1],
    } as const;
    expect(() => new Memory(0, 5, { state, first: 0, accepted: [] })).toThrow(/3 servers, the cluster has 5/);
    const lacking = { state: { ...state, committed: 1 }, first: 0, accepted: [] };
    expect(() => new Memory(0, 3, lacking)).toThrow(/not here/);
  });

  test('ignores entries of a vector that is too long', () => {
    const memory = new Memory(0, 3, undefined);
    memory.become('new', 1);
    expect(memory.merge([0, 0, 0, 7])).toBe(false);
    expect(memory.vector).toEqual([1, 0, 0]);
  });
});

describe('the backlog', () => {
  test('gives out in order what it was given, in batches of the size asked for', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 60 }), (lengths, maxBytes) => {
        const backlog = new Backlog(1_000_000);
        const commands = lengths.map((length, index) => bytes(String(index % 10).repeat(length)));
        expect(backlog.add(commands)).toBe(true);
        const out: Uint8Array[] = [];
        while (backlog.first) {
          const batch = takeBatch([backlog], maxBytes);
          const size = batch.reduce((sum, one) => sum + one.length, 0);
          expect(batch.length === 1 || size <= maxBytes).toBe(true);
          out.push(...batch);
        }
        expect(out).toEqual(commands);
        expect(backlog.bytes).toBe(0);
      }),
    );
  });

  test('takes all of what is offered, or nothing', () => {
    const backlog = new Backlog(400);
    expect(backlog.add([bytes('x'.repeat(100))])).toBe(true);
    expect(backlog.add([bytes('y'), bytes('z'.repeat(300))])).toBe(false);
    expect(backlog.bytes).toBe(100);
    expect(takeBatch([backlog], 1000)).toHaveLength(1);
    expect(backlog.add([bytes('w')])).toBe(true);
    backlog.clear();
    expect(backlog.first).toBeUndefined();
    expect(takeBatch([backlog], 1000)).toEqual([]);
  });

  test('of several, each has its turn in every batch', () => {
    const [long, short, none] = [new Backlog(10_000), new Backlog(10_000), new Backlog(10_000)];
    long.add(['1', '2', '3', '4'].map((one) => bytes(one)));
    short.add(['a', 'b'].map((one) => bytes(one)));
    const take = (most: number) => Buffer.concat(takeBatch([long, none, short], most)).toString();
    expect([take(3), take(3), take(3)]).toEqual(['1a2', '3b4', '']);
  });
});

describe('options', () => {
  const options = {
    me: 1,
    servers: [1, 2, 3],
    random: { next: () => 0 },
    limits: TEST_LIMITS,
    assemble: () => bytes(''),
    clients: () => 0,
  };
  test.each([
    ['an even number of servers', { servers: [1, 2] }],
    ['a server that is not in the cluster', { me: 9 }],
    ['servers out of order', { servers: [2, 1, 3] }],
    ['a limit of nothing', { limits: { ...TEST_LIMITS, windowRounds: 0 } }],
    ['a heartbeat slower than the election', { limits: { ...TEST_LIMITS, heartbeatMs: 500 } }],
    ['a pipeline longer than the window', { limits: { ...TEST_LIMITS, pipelineRounds: 9 } }],
  ])('%s is a contradiction', (_, change) => {
    expect(() => checkOptions(options)).not.toThrow();
    expect(() => checkOptions({ ...options, ...change })).toThrow();
  });
});
