/** What a server writes first: nothing is in its store before there is a state, and nothing of a round before the round. */
import { NOTHING_STORED } from '../../src/server/stored';
import { roundsOf, SoloServer } from './solo';

test('a server that lost its disk writes a page of rounds before what they bring about', () => {
  const rounds = roundsOf(100, () => 'x'.repeat(1000));
  const server = new SoloServer({ stored: NOTHING_STORED, limits: { snapshotBytes: 65_536, historyWriteBytes: 1000 } });
  server.values(rounds, 0, rounds.length);
  server.pass(1000);
  const [first, second] = server.written.filter((write) => Object.keys(write).length > 0);
  expect(first?.state).toBeDefined();
  expect(first?.accepted).toHaveLength(rounds.length);
  expect(second?.puts?.length).toBeGreaterThan(0);
  expect(server.written.some(({ deletes }) => deletes !== undefined)).toBe(true);
});
