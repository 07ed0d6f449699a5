/** The log cut behind a snapshot, and a snapshot installed: what one replica makes of it. */
import type { Round } from '../../src/paxos/ballot';
import { Log } from '../../src/paxos/log';
import { accepted, askedOf, Bench, ballot, bytes, ofType, sent } from './bench';

const LED = ballot(3, 2);
const held = (from: Round, count: number, inBallot = ballot(1, 2)) =>
  Array.from({ length: count }, (_, index) => accepted(from + index, inBallot, `v${from + index}`));
const writes = (effects: Parameters<typeof ofType>[0]) => ofType(effects, 'persist').map(({ write }) => write);
const beat = (committed: Round) => ({ type: 'Heartbeat', ballot: LED, committed, beat: 1, clients: 0 }) as const;
const accept = (round: Round, committed: Round, text = `v${round}`) =>
  ({ type: 'Accept', ballot: LED, round, value: bytes(text), committed }) as const;
const values = (from: Round, count: number, committed: Round) =>
  ({ type: 'Values', from, values: held(from, count), committed, first: 0 }) as const;

/** Rounds 0 to 5 held, those below 5 committed, and a higher ballot promised. */
const full = () => new Bench({ state: { promised: LED, committed: 5 }, accepted: held(0, 6) });
/** The same with rounds 0 to 2 cut off. */
const short = () => new Bench({ state: { promised: LED, committed: 5 }, first: 3, accepted: held(3, 3) });

describe('a log that is cut', () => {
  test('keeps the rest, what it promised and what it accepted, and has the cut written once', () => {
    const bench = full();
    const { log } = bench.replica.parts.memory;
    expect(writes(bench.cut(3)).map(({ cut }) => cut)).toEqual([3]);
    expect([2, 3, 5].map((round) => log.get(round)?.round)).toEqual([undefined, 3, 5]);
    expect(log.end).toBe(6);
    expect(bench.replica.view()).toMatchObject({ first: 3, committed: 5 });
    expect(bench.replica.parts.memory.promised).toEqual(LED);
    bench.step(2, accept(6, 5));
    expect(writes(bench.done).at(-1)).toEqual({
      state: expect.objectContaining({ promised: LED, committed: 5 }),
      accepted: [accepted(6, LED, 'v6')],
    });
  });

  test('is cut where it was cut already, or below: nothing happens', () => {
    const bench = short();
    expect(bench.cut(3)).toEqual([]);
    expect(bench.cut(1)).toEqual([]);
    expect(bench.replica.view().first).toBe(3);
  });

  test('is cut up to the last committed round, and no further', () => {
    const bench = full();
    expect(() => bench.replica.cut(6, bench.nowMs)).toThrow(/round 6 is not committed/);
    bench.cut(5);
    expect(bench.committed).toEqual([]);
    expect(bench.replica.parts.memory.log.get(5)?.value).toEqual(bytes('v5'));
    bench.step(2, accept(5, 6));
    expect(bench.committed).toEqual(['v5']);
  });

  test('hands out at the start what is committed and kept', () => {
    const bench = short();
    expect(ofType(bench.done, 'commit').map(({ round }) => round)).toEqual([3, 4]);
    expect(bench.replica.view()).toMatchObject({ first: 3, committed: 5 });
  });

  test('starts where it was cut, though the committed prefix that was written lags behind', () => {
    const bench = new Bench({ state: { promised: LED, committed: 1 }, first: 3, accepted: held(4, 1) });
    expect(bench.replica.view()).toMatchObject({ first: 3, committed: 3 });
    expect(bench.replica.parts.memory.log.get(4)?.value).toEqual(bytes('v4'));
  });

  test('says where it starts to whoever asks for what was cut, and gives the rest', () => {
    const bench = short();
    for (const from of [0, 2]) {
      const answer = bench.ask(3, { type: 'RequestValue', from });
      expect(answer).toEqual({ type: 'Values', from, values: [], committed: 5, first: 3 });
    }
    const answer = bench.ask(3, { type: 'RequestValue', from: 3 });
    expect(answer).toEqual({ type: 'Values', from: 3, values: held(3, 2), committed: 5, first: 3 });
  });

  test('promises nothing to a candidate that would not hear of what was cut, and follows its leader', () => {
    const bench = short();
    bench.step(2, beat(5));
    bench.ask(3, { type: 'Prepare', ballot: ballot(9, 3), from: 2 });
    expect(sent(bench.flush(), 'Promise')).toMatchObject([{ granted: false, promised: LED, accepted: [] }]);
    expect(bench.replica.view()).toMatchObject({ leader: 2, role: 'follower' });
    bench.step(2, accept(6, 5));
    expect(sent(bench.flush(), 'Accepted')).toHaveLength(1);
    bench.ask(3, { type: 'Prepare', ballot: ballot(9, 3), from: 3 });
    const [promise] = sent(bench.flush(), 'Promise');
    expect(promise).toMatchObject({ granted: true, promised: ballot(9, 3) });
    expect(promise?.accepted.map(({ round }) => round)).toEqual([3, 4, 5, 6]);
  });

  test('would not vote for a candidate that is behind where it starts, though within the window', () => {
    const ask = (bench: Bench, committed: Round) => bench.ask(3, { type: 'PreVote', ballot: ballot(9, 3), committed });
    expect(ask(short(), 2)).toMatchObject({ granted: false, committed: 5 });
    expect(ask(short(), 3)).toMatchObject({ granted: true });
    expect(ask(full(), 0)).toMatchObject({ granted: true });
  });

  test('takes no vote for what was cut', () => {
    const bench = short();
    expect(sent([...bench.step(2, accept(2, 5, 'other')), ...bench.flush()], 'Accepted')).toEqual([]);
    expect(bench.ignored('cut off')).toBe(1);
  });

  test('is cut under a leader, which leads on', () => {
    const bench = new Bench();
    const own = bench.lead();
    for (let round = 0; round < 4; round += 1) {
      bench.propose(`c${round}`);
      bench.flush();
      bench.vote(2, own, round);
    }
    bench.propose('open');
    bench.flush();
    bench.cut(4);
    expect(sent(bench.wait(200), 'Accept').map(({ round }) => round)).toContain(4);
    bench.vote(2, own, 4);
    expect(bench.committed).toEqual(['open']);
    expect(bench.replica.view()).toMatchObject({ role: 'leader', first: 4, committed: 5 });
  });

  test('is cut again and again, and takes no more room than what is kept', () => {
    const log = new Log();
    for (let round = 0; round < 2000; round += 1) {
      log.set(accepted(round, LED, 'a'));
      log.commitNext();
      if (round % 100 === 99) log.cut(round - 9);
      expect(log.end - log.first).toBeLessThan(111);
    }
    expect(log.get(1990)?.round).toBe(1990);
    expect(log.get(1989)).toBeUndefined();
  });
});

describe('a snapshot that is installed', () => {
  /** Rounds 0 and 1 committed; 5, 6 and 8 accepted in the leader's ballot. */
  const gapped = () => {
    const bench = new Bench({ state: { promised: LED, committed: 2 }, accepted: held(0, 2) });
    for (const round of [5, 6, 8]) bench.step(2, accept(round, 2));
    bench.flush();
    return bench;
  };

  test('starts the log where it ends: what was accepted from there on stays, and so does the promise', () => {
    const bench = gapped();
    const effects = bench.install(6);
    expect(writes(effects)).toEqual([{ state: expect.objectContaining({ promised: LED, committed: 6 }), cut: 6 }]);
    expect(ofType(effects, 'commit')).toEqual([]);
    const { log } = bench.replica.parts.memory;
    expect([5, 6, 7, 8].map((round) => log.get(round)?.round)).toEqual([undefined, 6, undefined, 8]);
    expect(bench.replica.view()).toMatchObject({ first: 6, committed: 6 });
    bench.ask(3, { type: 'Prepare', ballot: ballot(9, 3), from: 6 });
    expect(sent(bench.flush(), 'Promise')[0]?.accepted.map(({ round }) => round)).toEqual([6, 8]);
  });

  test('beyond everything held leaves nothing, and the log goes on', () => {
    const bench = gapped();
    bench.install(100);
    expect(bench.replica.parts.memory.log.end).toBe(100);
    bench.step(2, accept(100, 101));
    expect(bench.committed).toEqual(['v100']);
  });

  test('is ignored where this server came by itself', () => {
    const bench = full();
    for (const round of [0, 4, 5]) expect(bench.install(round)).toEqual([]);
    expect(bench.replica.view()).toMatchObject({ first: 0, committed: 5 });
  });

  test('lets commit at once what a quorum voted for beyond it, and forgets the votes below', () => {
    const bench = gapped();
    bench.vote(2, LED, 5, 6);
    const commits = ofType(bench.install(6), 'commit');
    expect(commits.map(({ round }) => round)).toEqual([6]);
    bench.install(9);
    expect(bench.replica.learner.counting).toBe(0);
  });

  test('has the rounds after it asked for at once', () => {
    const bench = gapped();
    bench.step(2, beat(20));
    const effects = bench.install(10);
    expect(askedOf(effects, 'RequestValue')).toEqual([2]);
    expect(sent(effects, 'RequestValue')).toEqual([{ type: 'RequestValue', from: 10 }]);
  });

  test('leaves an answer that is under way its values', () => {
    const bench = gapped();
    bench.step(2, beat(9));
    bench.wait(80);
    bench.install(4);
    bench.step(2, values(2, 4, 9));
    expect(bench.committed).toEqual(['v4', 'v5']);
  });

  test('ends the lead: in another ballot than this one may have been chosen what it stands for', () => {
    const bench = new Bench();
    bench.lead();
    bench.propose('mine');
    bench.flush();
    const effects = bench.install(3);
    expect(bench.replica.view()).toMatchObject({ role: 'follower', leader: 0, committed: 3 });
    expect(ofType(effects, 'leader')).toEqual([{ type: 'leader', ballot: ballot(0, 0) }]);
    const later = [...effects, ...bench.flush(), ...bench.wait(60)];
    expect(sent(later, 'Heartbeat')).toEqual([]);
    expect(sent(later, 'Accept')).toEqual([]);
    expect(bench.becomeCandidate()).toEqual(ballot(2, 1));
  });

  test('ends a candidacy, which would ask for what it has not any more', () => {
    const bench = new Bench();
    const own = bench.becomeCandidate();
    bench.install(3);
    bench.promise(2, own, [accepted(1, ballot(0, 2), 'a')], { from: 0 });
    expect(bench.replica.view().role).toBe('follower');
    bench.becomeCandidate();
    expect(sent(bench.done, 'Prepare').at(-1)).toMatchObject({ from: 3 });
  });

  test('takes notice of rounds as far ahead of it as before, and no further', () => {
    const bench = gapped();
    bench.step(2, accept(2 + 65_536, 2));
    expect(bench.ignored('too far ahead')).toBe(1);
    bench.install(6);
    bench.step(2, accept(2 + 65_536, 6));
    bench.step(2, accept(6 + 65_536, 6));
    expect(bench.ignored('too far ahead')).toBe(2);
    expect(bench.replica.parts.memory.log.end).toBe(2 + 65_536 + 1);
  });

  test('is there after a crash, or not at all', () => {
    const bench = gapped();
    const [write] = writes(bench.install(6));
    const again = new Bench({ state: write!.state!, first: write!.cut!, accepted: [accepted(8, LED, 'v8')] });
    expect(again.replica.view()).toMatchObject({ first: 6, committed: 6 });
    expect(ofType(again.done, 'commit')).toEqual([]);
    const before = new Bench({ state: { promised: LED, committed: 2 }, accepted: held(0, 2) });
    before.install(6);
    expect(before.replica.view()).toMatchObject({ first: 6, committed: 6 });
  });
});
