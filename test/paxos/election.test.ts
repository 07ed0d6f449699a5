import { NO_BALLOT } from '../../src/paxos/ballot';
import type { PreVoteReply } from '../../src/paxos/messages';
import { accepted, askedOf, Bench, ballot, bytes, ofType, sent } from './bench';

const heartbeat = (counter: number, server: number, committed = 0, beat = 1) =>
  ({ type: 'Heartbeat', ballot: ballot(counter, server), committed, beat, clients: 0 }) as const;
const preVote = (counter: number, server: number, committed = 0) =>
  ({ type: 'PreVote', ballot: ballot(counter, server), committed }) as const;
const refusal = (counter: number, more: Partial<PreVoteReply> = {}): PreVoteReply => ({
  type: 'PreVoteReply',
  ballot: ballot(counter, 1),
  granted: false,
  promised: NO_BALLOT,
  leader: NO_BALLOT,
  committed: 0,
  ...more,
});
const alive = (counter: number, server: number, beat: number) =>
  ({ type: 'Alive', ballot: ballot(counter, server), committed: 0, beat, clients: 0 }) as const;

describe('a follower', () => {
  test('stands for election after a silence of one to two election timeouts, without raising its ballot', () => {
    const bench = new Bench();
    expect(sent(bench.wait(390), 'PreVote')).toEqual([]);
    const effects = bench.wait(420);
    expect(askedOf(effects, 'PreVote')).toEqual(expect.arrayContaining([2, 3]));
    expect(sent(effects, 'Prepare')).toEqual([]);
    expect(ofType(effects, 'persist')).toEqual([]);
    expect(bench.replica.view()).toMatchObject({ role: 'candidate', leader: 0, ballot: ballot(1, 1) });
  });

  test('follows the leader that it hears, says so once, and answers each heartbeat', () => {
    const bench = new Bench();
    const effects = [...bench.step(2, heartbeat(1, 2, 0, 7)), ...bench.step(2, heartbeat(1, 2, 0, 8))];
    expect(ofType(effects, 'leader')).toEqual([{ type: 'leader', ballot: ballot(1, 2) }]);
    expect(sent(effects, 'Alive')).toMatchObject([
      { ballot: ballot(1, 2), beat: 7, clients: 3 },
      { ballot: ballot(1, 2), beat: 8 },
    ]);
    expect(bench.replica.view()).toMatchObject({ leader: 2, majority: true });
  });

  test('knows of each peer how many clients it has and whether it votes, by what that said last', () => {
    const bench = new Bench();
    const views = () => bench.replica.view().peers.map(({ id, clients, voting }) => ({ id, clients, voting }));
    expect(views().map(({ voting }) => voting)).toEqual([true, true]);
    bench.step(2, { ...heartbeat(1, 2), clients: 4 });
    bench.step(3, { type: 'Alive', ballot: NO_BALLOT, committed: 0, beat: 1, clients: 5 });
    expect(views()).toEqual([
      { id: 2, clients: 4, voting: true },
      { id: 3, clients: 5, voting: false },
    ]);
    bench.step(3, { type: 'Alive', ballot: ballot(1, 2), committed: 0, beat: 2, clients: 6 });
    expect(views()[1]).toEqual({ id: 3, clients: 6, voting: true });
  });

  test('as long as it hears the leader it stays calm', () => {
    const bench = new Bench();
    for (let beat = 0; beat < 40; beat += 1) {
      bench.step(2, heartbeat(1, 2, 0, beat));
      expect(sent(bench.wait(50), 'PreVote')).toEqual([]);
    }
  });

  test('that loses its leader says so once', () => {
    const bench = new Bench();
    bench.step(2, heartbeat(1, 2));
    expect(ofType(bench.wait(3000), 'leader')).toEqual([{ type: 'leader', ballot: NO_BALLOT }]);
    expect(bench.replica.view()).toMatchObject({ leader: 0, majority: false });
  });

  test('a server that may not vote loses its leader too, and never stands', () => {
    const bench = new Bench({ state: { standing: 'recovering' } });
    bench.step(2, heartbeat(1, 2));
    const effects = bench.wait(3000);
    expect(ofType(effects, 'leader')).toEqual([{ type: 'leader', ballot: NO_BALLOT }]);
    expect(sent(effects, 'PreVote')).toEqual([]);
  });

  test('the leader of a lower ballot is not followed, and not obeyed', () => {
    const bench = new Bench();
    bench.step(3, heartbeat(2, 3));
    bench.step(2, { type: 'Accept', ballot: ballot(1, 2), round: 0, value: bytes('a'), committed: 0 });
    expect(bench.replica.view().leader).toBe(3);
    expect(bench.replica.parts.memory.log.get(0)).toBeUndefined();
  });

  test('stands at once, nearly, when the connection to its leader closes, and not for any other', () => {
    const bench = new Bench();
    bench.step(2, heartbeat(1, 2));
    bench.link(3, 'down');
    expect(sent(bench.wait(60), 'PreVote')).toEqual([]);
    bench.step(2, heartbeat(1, 2));
    bench.link(2, 'down');
    expect(sent(bench.wait(60), 'PreVote')).toHaveLength(2);
  });
});

describe('a pre-vote', () => {
  test('is granted when no leader is known, and promises nothing', () => {
    const bench = new Bench();
    expect(bench.ask(3, preVote(5, 3))).toMatchObject({ granted: true, ballot: ballot(5, 3), leader: NO_BALLOT });
    expect(bench.unwritten).toBe(0);
    expect(bench.replica.parts.memory.promised).toEqual(NO_BALLOT);
  });

  test('is refused by who heard its leader within an election timeout, and tells who leads and how far it is', () => {
    const held = [accepted(0, ballot(1, 2), 'a')];
    const bench = new Bench({ state: { promised: ballot(1, 2), committed: 1 }, accepted: held });
    bench.step(2, heartbeat(1, 2, 1));
    expect(bench.ask(3, preVote(5, 3, 1))).toMatchObject({ granted: false, leader: ballot(1, 2), committed: 1 });
    bench.jump(390);
    expect(bench.ask(3, preVote(5, 3, 1))).toMatchObject({ granted: false });
    bench.jump(10);
    expect(bench.ask(3, preVote(5, 3, 1))).toMatchObject({ granted: true });
  });

  test('is granted at once when the connection to that leader is closed, or the leader itself asks', () => {
    const bench = new Bench();
    bench.step(2, heartbeat(1, 2));
    expect(bench.ask(2, preVote(5, 2))).toMatchObject({ granted: true });
    bench.link(2, 'down');
    expect(bench.ask(3, preVote(5, 3))).toMatchObject({ granted: true });
    bench.link(2, 'up');
    expect(bench.ask(3, preVote(5, 3))).toMatchObject({ granted: false });
  });

  test('is refused for a ballot that is not above the promise', () => {
    const bench = new Bench({ state: { promised: ballot(4, 3) } });
    expect(bench.ask(2, preVote(4, 2))).toMatchObject({ granted: false, promised: ballot(4, 3) });
    expect(bench.ask(3, preVote(4, 3))).toMatchObject({ granted: false });
    expect(bench.ask(2, preVote(5, 2))).toMatchObject({ granted: true });
  });

  test('is refused for a candidate that lacks more than a window of what is committed here', () => {
    const held = Array.from({ length: 9 }, (_, round) => accepted(round, ballot(1, 2), 'a'));
    const bench = new Bench({ state: { promised: ballot(1, 2), committed: 9 }, accepted: held });
    expect(bench.ask(3, preVote(5, 3, 0))).toMatchObject({ granted: false, committed: 9 });
    expect(bench.ask(3, preVote(5, 3, 1))).toMatchObject({ granted: true });
  });

  test('is refused by a leader as long as it has a quorum', () => {
    const bench = new Bench();
    bench.lead();
    expect(bench.ask(3, preVote(5, 3))).toMatchObject({ granted: false, leader: ballot(1, 1) });
    bench.nowMs += 500;
    expect(bench.ask(3, preVote(5, 3))).toMatchObject({ granted: true });
  });

  test('refused for a promise, the candidate asks again above it at once', () => {
    const bench = new Bench();
    bench.waitFor('PreVote');
    const effects = bench.step(2, refusal(1, { promised: ballot(7, 3) }));
    expect(sent(effects, 'PreVote')).toMatchObject([{ ballot: ballot(8, 1) }, { ballot: ballot(8, 1) }]);
  });

  test('refused by so many that no quorum is left, it tries again after a random wait, in the same ballot', () => {
    const bench = new Bench();
    bench.waitFor('PreVote');
    bench.step(2, refusal(1));
    expect(bench.replica.view().role).toBe('candidate');
    bench.step(3, refusal(1));
    expect(bench.replica.view().role).toBe('follower');
    expect(sent(bench.wait(90), 'PreVote')).toEqual([]);
    expect(sent(bench.wait(120), 'PreVote')).toMatchObject([{ ballot: ballot(1, 1) }, { ballot: ballot(1, 1) }]);
  });

  test('a cut-off server that lost what the leader publishes learns of the leader from the refusal, and catches up', () => {
    const bench = new Bench();
    bench.waitFor('PreVote');
    const effects = bench.step(3, refusal(1, { leader: ballot(4, 2), promised: ballot(4, 2), committed: 6 }));
    expect(ofType(effects, 'leader')).toEqual([{ type: 'leader', ballot: ballot(4, 2) }]);
    expect(bench.replica.view()).toMatchObject({ role: 'follower', leader: 2, behind: 6, majority: false });
    expect(askedOf(bench.wait(80), 'RequestValue')).toEqual([3]);
  });

  test('a refusal by the leader itself is as good as hearing it', () => {
    const bench = new Bench();
    bench.waitFor('PreVote');
    bench.step(2, refusal(1, { leader: ballot(4, 2), promised: ballot(4, 2) }));
    expect(bench.replica.view()).toMatchObject({ leader: 2, majority: true });
    expect(sent(bench.wait(390), 'PreVote')).toEqual([]);
  });

  test('hearsay of a leader whose connection is closed is not believed', () => {
    const bench = new Bench();
    bench.step(2, heartbeat(1, 2));
    bench.link(2, 'down');
    const asked = bench.waitFor('PreVote').ballot;
    bench.step(3, refusal(asked.counter, { leader: ballot(1, 2), promised: ballot(1, 2) }));
    expect(bench.replica.view().leader).toBe(0);
  });

  test('an answer to another ballot does not count', () => {
    const bench = new Bench();
    bench.waitFor('PreVote');
    bench.step(2, { ...refusal(9), granted: true });
    expect(bench.ignored('late answer')).toBe(1);
    expect(bench.replica.view().role).toBe('candidate');
  });

  test('is asked again of who did not answer', () => {
    const bench = new Bench({ servers: 5 });
    bench.waitFor('PreVote');
    bench.step(2, { ...refusal(1), granted: true });
    expect(askedOf(bench.wait(160), 'PreVote').sort()).toEqual([3, 4, 5]);
  });
});

describe('a candidate', () => {
  test('raises its ballot after a quorum of pre-votes, and asks for promises once its own is durable', () => {
    const bench = new Bench();
    const { ballot: own } = bench.waitFor('PreVote');
    const effects = bench.step(2, { ...refusal(1), granted: true });
    expect(ofType(effects, 'persist')[0]?.write.state?.promised).toEqual(own);
    expect(sent([...effects, ...bench.wait(200)], 'Prepare')).toEqual([]);
    const later = bench.flush();
    expect([...new Set(askedOf(later, 'Prepare'))]).toEqual([2, 3]);
  });

  test('without a quorum of promises within one to two election timeouts it backs off, and pre-votes again', () => {
    const bench = new Bench();
    bench.becomeCandidate();
    const effects = bench.wait(1100);
    expect(bench.replica.view().role).toBe('candidate');
    expect(sent(effects, 'PreVote')[0]).toMatchObject({ ballot: ballot(2, 1) });
    bench.flush();
    expect(sent(bench.done, 'Heartbeat')).toEqual([]);
  });

  test('gives way to a leader of its ballot or above, and to a higher ballot', () => {
    for (const give of ['heartbeat', 'prepare', 'refusal']) {
      const bench = new Bench();
      const own = bench.becomeCandidate();
      if (give === 'heartbeat') bench.step(3, heartbeat(1, 3));
      if (give === 'prepare') bench.ask(3, { type: 'Prepare', ballot: ballot(1, 3), from: 0 });
      if (give === 'refusal') bench.promise(3, own, [], { granted: false, promised: ballot(1, 3) });
      expect(bench.replica.view().role).toBe('follower');
      bench.promiseAll(own);
      expect(bench.replica.view().role).toBe('follower');
    }
  });

  test('alone in its cluster it leads at once, and commits on its own durable vote', () => {
    const bench = new Bench({ servers: 1 });
    expect(bench.replica.view()).toMatchObject({ role: 'leader', majority: true });
    bench.propose('a');
    expect(bench.committed).toEqual([]);
    bench.flush();
    expect(bench.committed).toEqual(['a']);
  });

  test('alone and new it starts the same way', () => {
    const bench = new Bench({ servers: 1, empty: true });
    bench.propose('a');
    bench.flush();
    expect(bench.committed).toEqual(['a']);
    expect(bench.replica.view()).toMatchObject({ role: 'leader', standing: 'voter' });
  });
});

describe('a leader', () => {
  test('says so, and beats', () => {
    const bench = new Bench();
    bench.becomeCandidate();
    const before = bench.done.length;
    bench.promiseAll(ballot(1, 1));
    const effects = bench.done.slice(before);
    expect(ofType(effects, 'leader')).toEqual([{ type: 'leader', ballot: ballot(1, 1) }]);
    expect(sent(effects, 'Heartbeat')).toHaveLength(1);
    for (let beat = 1; beat < 20; beat += 1) {
      bench.step(2, alive(1, 1, beat));
      expect(sent(bench.wait(50), 'Heartbeat')).toMatchObject([{ beat: beat + 1 }]);
    }
  });

  test('that no quorum answers for an election timeout stops leading', () => {
    const bench = new Bench({ servers: 5 });
    bench.lead();
    for (let beat = 1; beat < 20; beat += 1) {
      bench.wait(50);
      bench.step(2, alive(1, 1, beat));
    }
    expect(bench.replica.view()).toMatchObject({ role: 'follower', leader: 0, majority: false });
    expect(ofType(bench.done, 'leader').at(-1)).toEqual({ type: 'leader', ballot: NO_BALLOT });
  });

  test('votes in its ballot count as answers too', () => {
    const bench = new Bench();
    const own = bench.lead();
    for (let round = 0; round < 30; round += 1) {
      bench.propose('a');
      bench.wait(40);
      bench.vote(2, own, round);
      bench.flush();
    }
    expect(bench.replica.view()).toMatchObject({ role: 'leader', majority: true });
  });

  test('paused, it is none when it wakes: answers from before the pause prove nothing, nor does one of no voter', () => {
    const bench = new Bench();
    bench.lead();
    bench.wait(60);
    bench.nowMs += 1200;
    bench.step(2, alive(1, 1, 1));
    bench.step(3, alive(0, 0, 2));
    expect(bench.replica.view().majority).toBe(false);
    const effects = bench.jump(0);
    expect(sent(effects, 'Heartbeat')).toEqual([]);
    expect(bench.replica.view().role).toBe('follower');
  });

  test('stops when it sees a vote in a higher ballot', () => {
    const bench = new Bench();
    bench.lead();
    bench.vote(2, ballot(3, 3), 0);
    expect(bench.replica.view()).toMatchObject({ role: 'follower', leader: 0 });
  });

  test('a server that may not vote answers heartbeats in a way that no leader counts', () => {
    const bench = new Bench({ state: { standing: 'recovering' } });
    expect(sent(bench.step(2, heartbeat(1, 2)), 'Alive')).toMatchObject([{ ballot: NO_BALLOT }]);
  });
});

describe('a promise to a candidate that did not make it', () => {
  test('is told to the leader below it, once the candidate had its time', () => {
    const bench = new Bench();
    bench.step(2, heartbeat(1, 2));
    bench.ask(3, { type: 'Prepare', ballot: ballot(2, 3), from: 0 });
    bench.flush();
    expect(sent(bench.step(2, heartbeat(1, 2)), 'Alive')).toEqual([]);
    bench.wait(410);
    expect(sent(bench.step(2, heartbeat(1, 2, 0, 5)), 'Alive')).toMatchObject([{ ballot: ballot(2, 3), beat: 5 }]);
  });

  test('is not told by who follows a leader above it', () => {
    const bench = new Bench();
    bench.ask(3, { type: 'Prepare', ballot: ballot(2, 3), from: 0 });
    bench.flush();
    bench.wait(300);
    bench.step(3, heartbeat(2, 3));
    bench.wait(150);
    expect(sent(bench.step(2, heartbeat(1, 2)), 'Alive')).toEqual([]);
  });

  test('makes that leader ask by pre-vote, and lead on above it', () => {
    const bench = new Bench();
    bench.lead();
    const effects = bench.step(2, alive(4, 3, 9));
    expect(sent(effects, 'Prepare')).toEqual([]);
    expect(sent(effects, 'PreVote')).toMatchObject([{ ballot: ballot(5, 1) }, { ballot: ballot(5, 1) }]);
    bench.step(3, { ...refusal(5), granted: true });
    expect(askedOf(bench.flush(), 'Prepare')).toEqual([2, 3]);
  });
});
