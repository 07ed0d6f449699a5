/** What a server notes of the rounds that it sees agreed on. */
import type { Ballot } from '../../src/paxos/ballot';
import type { BroadcastMessage } from '../../src/paxos/messages';
import { FACT_ROUNDS, FACT_ROUNDS_AHEAD, RoundFacts } from '../../src/server/round-facts';

const LED: Ballot = { counter: 3, server: 2 };
const NEXT: Ballot = { counter: 4, server: 3 };
const VALUE = new Uint8Array(0);

function accept(round: number, ballot = LED): BroadcastMessage {
  return { type: 'Accept', ballot, round, value: VALUE, committed: 0 };
}

function accepted(from: number, to = from, ballot = LED): BroadcastMessage {
  return { type: 'Accepted', ballot, rounds: [{ from, to }], vector: [1, 1, 1] };
}

function values(...rounds: readonly number[]) {
  const all = rounds.map((round) => ({ round, ballot: LED, value: VALUE }));
  return { type: 'Values', from: rounds[0] ?? 0, values: all, committed: 9, first: 0 } as const;
}

/** Server 1 of three, which has committed so many rounds. */
function seen(committed = 0): RoundFacts {
  const facts = new RoundFacts(1, [1, 2, 3]);
  facts.begin(committed);
  return facts;
}

test('a round that a follower sees has its ballot, who accepted it, and each step at its time', () => {
  const facts = seen();
  facts.onHeard(2, accept(0), 10);
  facts.onHeard(2, accepted(0), 12);
  facts.onSaid(accepted(0), 13);
  facts.onCommitted(0, LED, 14);
  facts.onOwn(0, 7, 8);
  facts.onDelivered(0, 15);
  facts.onHeard(3, accepted(0), 20);
  expect(facts.of(0)).toEqual({
    ballot: LED,
    accepted: [1, 2, 3],
    repeats: 0,
    steps: [
      { what: 'taken', server: 1, atMs: 7 },
      { what: 'proposed', server: 1, atMs: 8 },
      { what: 'accept', server: 2, atMs: 10 },
      { what: 'accepted', server: 2, atMs: 12 },
      { what: 'accepted', server: 1, atMs: 13 },
      { what: 'committed', server: 1, atMs: 14 },
      { what: 'delivered', server: 1, atMs: 15 },
      { what: 'accepted', server: 3, atMs: 20 },
    ],
  });
});

test('what comes again changes nothing, but a leader counts how often it asks again', () => {
  const own: Ballot = { counter: 3, server: 1 };
  const facts = seen();
  for (const nowMs of [10, 30, 70]) facts.onSaid(accept(0, own), nowMs);
  for (const nowMs of [71, 72]) facts.onHeard(3, accepted(0, 0, own), nowMs);
  facts.onCommitted(0, own, 73);
  expect(facts.of(0)).toMatchObject({ repeats: 2, accepted: [3] });
  expect(facts.of(0)?.steps.map(({ what, atMs }) => [what, atMs])).toEqual([
    ['accept', 10],
    ['accepted', 71],
    ['committed', 73],
  ]);
  const follower = seen();
  for (const nowMs of [10, 30]) follower.onHeard(2, accept(0), nowMs);
  follower.onCommitted(0, LED, 40);
  expect(follower.of(0)).toMatchObject({ repeats: 0, steps: [{ what: 'accept', atMs: 10 }, {}] });
});

test('a higher ballot takes the place of a lower one, a lower one is not noted', () => {
  const facts = seen();
  facts.onHeard(2, accept(0), 10);
  facts.onHeard(2, accepted(0), 11);
  facts.onHeard(3, accept(0, NEXT), 20);
  facts.onHeard(2, accepted(0), 21);
  facts.onHeard(3, accepted(0, 0, NEXT), 22);
  facts.onCommitted(0, NEXT, 23);
  expect(facts.of(0)).toMatchObject({ ballot: NEXT, accepted: [3], steps: [{ what: 'accept', atMs: 20 }, {}, {}] });
});

test('what is committed keeps its ballot, whatever is heard before or later', () => {
  const facts = seen();
  facts.onHeard(3, accepted(0, 0, NEXT), 10);
  facts.onCommitted(0, LED, 20);
  expect(facts.of(0)).toMatchObject({ ballot: LED, accepted: [] });
  facts.onHeard(3, accepted(0, 0, NEXT), 30);
  facts.onHeard(2, accepted(0), 31);
  expect(facts.of(0)).toMatchObject({ ballot: LED, accepted: [2] });
});

test('a round that a peer gave names the peer', () => {
  const facts = seen();
  facts.onHeard(3, values(0, 1), 10);
  facts.onCommitted(0, LED, 10);
  facts.onHeard(2, values(0), 20);
  expect(facts.of(0)?.steps).toEqual([
    { what: 'told', server: 3, atMs: 10 },
    { what: 'committed', server: 1, atMs: 10 },
  ]);
  expect(facts.of(1)).toBeUndefined();
});

test('of several of its clients in a round the first one counts', () => {
  const facts = seen();
  facts.onCommitted(0, LED, 20);
  facts.onOwn(0, 12, 13);
  facts.onOwn(0, 10, 11);
  facts.onOwn(0, 14, 15);
  expect(
    facts
      .of(0)
      ?.steps.slice(0, 2)
      .map(({ atMs }) => atMs),
  ).toEqual([10, 11]);
});

test('what is replayed at a start was not seen', () => {
  const facts = new RoundFacts(1, [1, 2, 3]);
  facts.onCommitted(0, LED, 10);
  facts.onHeard(2, accepted(1), 10);
  facts.begin(1);
  expect(facts.of(0)).toBeUndefined();
  facts.onCommitted(1, LED, 20);
  expect(facts.of(1)).toMatchObject({ accepted: [] });
});

test('the latest rounds are kept, and older ones not mistaken for them', () => {
  const facts = seen();
  for (let round = 0; round <= FACT_ROUNDS; round += 1) facts.onCommitted(round, LED, round);
  expect(facts.of(0)).toBeUndefined();
  expect(facts.of(1)).toBeDefined();
  expect(facts.of(FACT_ROUNDS)).toBeDefined();
  facts.onHeard(2, accepted(0, 1), 9);
  expect(facts.of(0)).toBeUndefined();
  expect(facts.of(1)).toMatchObject({ accepted: [2] });
  facts.onHeard(2, accept(0), 9);
  expect(facts.of(FACT_ROUNDS)).toBeDefined();
});

test('whatever a peer says, it takes no time, and no place of a round that is kept', () => {
  const facts = seen();
  facts.onCommitted(0, LED, 1);
  facts.onHeard(3, accepted(0, Number.MAX_SAFE_INTEGER, NEXT), 2);
  facts.onHeard(3, accept(FACT_ROUNDS, NEXT), 2);
  facts.onHeard(9, accepted(0), 2);
  expect(facts.of(0)).toMatchObject({ ballot: LED, accepted: [] });
  for (let round = 1; round <= FACT_ROUNDS_AHEAD + 1; round += 1) facts.onCommitted(round, NEXT, 3);
  expect(facts.of(FACT_ROUNDS_AHEAD)).toMatchObject({ accepted: [3] });
  expect(facts.of(FACT_ROUNDS_AHEAD + 1)).toMatchObject({ accepted: [] });
});
