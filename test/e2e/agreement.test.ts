/** Proof of agreement, with real processes: who led and who accepted a line, before and after a leader was killed. */
import { Cluster } from './cluster';
import type { ClientEvent, JsonClient } from './json-client';

jest.setTimeout(240_000);

interface Why extends ClientEvent {
  readonly position: number;
  readonly ballot: string;
  readonly leader: number;
  readonly accepted: readonly number[];
  readonly server: number;
  readonly steps: readonly { readonly what: string; readonly server: number; readonly time: number }[];
}

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
});
afterAll(() => cluster.stop());

async function said(client: JsonClient, id: string): Promise<number> {
  client.post(id, id);
  const ack = await client.until((event) => event.type === 'ack' && event.id === id, `the acknowledgement of ${id}`);
  return Number(ack.position);
}

async function why(client: JsonClient, position: number, id: string): Promise<Why> {
  client.write(JSON.stringify({ type: 'why', position, id }));
  return (await client.until((event) => event.type === 'why' && event.id === id, `why ${position}`)) as Why;
}

/** Milliseconds since the epoch of the first of these steps. */
function timeOf({ steps }: Why, what: string): number {
  return steps.find((step) => step.what === what)?.time ?? Number.NaN;
}

/** What must hold of every answer, whoever led. */
function checkSteps(answer: Why): void {
  // A vote of another server may come before what it votes for, by another way.
  for (const step of ['accept', 'accepted']) {
    const times = ['taken', 'proposed', step, 'committed', 'delivered'].map((what) => timeOf(answer, what));
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(times.every(Number.isFinite)).toBe(true);
  }
}

test('lines before and after the leader was killed name each their leader, ballot and a majority', async () => {
  const { leader: first, servers } = await cluster.untilServing();
  const alice = cluster.client('alice');
  await alice.joined();
  const early = await said(alice, 'early');
  const before = await why(alice, early, 'w1');
  expect(before).toMatchObject({ room: 'lobby', position: early, leader: first, servers: 3 });
  expect(before.ballot).toBe(servers.find(({ id }) => id === first)?.ballot);
  expect(before.accepted.length).toBeGreaterThanOrEqual(2);
  checkSteps(before);

  await cluster.signal(`server ${first}`, 'SIGKILL');
  const late = await said(alice, 'late');
  const after = await why(alice, late, 'w2');
  const report = await cluster.until(({ leader }) => leader !== 0 && leader !== first, 'another leader');
  expect(after).toMatchObject({ position: late, leader: report.leader, servers: 3 });
  expect(after.ballot).toBe(report.servers.find(({ id }) => id === report.leader)?.ballot);
  expect(after.accepted).toEqual([1, 2, 3].filter((id) => id !== first));
  checkSteps(after);

  // Whichever server serves her now saw the early line too.
  const again = await why(alice, early, 'w3');
  expect(again).toMatchObject({ position: early, leader: first, ballot: before.ballot, round: before.round });
  expect(again.server).not.toBe(first);
  expect(again.accepted.length).toBeGreaterThanOrEqual(2);
});

test('/status tells which servers are there, and what one more failure would do', async () => {
  const bob = cluster.client('bob');
  await bob.joined();
  // The killed one is silent by now, or soon.
  const silent = (event: ClientEvent) =>
    event.type === 'cluster' && JSON.stringify(event.servers).includes('"state":"silent"');
  const seen = bob.until(silent, 'the silent server');
  const asking = setInterval(() => bob.write('/status'), 200);
  const event = await seen.finally(() => clearInterval(asking));
  const states = event.servers as readonly { readonly state: string; readonly clients: number }[];
  expect(states.map(({ state }) => state).sort()).toEqual(['follower', 'leader', 'silent']);
  expect(states.reduce((sum, { state, clients }) => sum + (state === 'silent' ? 0 : clients), 0)).toBeGreaterThan(0);
});

test('of a room that one is not in nothing is told that its history would not tell', async () => {
  const carol = cluster.client('carol');
  const dave = cluster.client('dave');
  await Promise.all([carol.joined(), dave.joined()]);
  carol.write('/msg dave between us');
  const line = await dave.until((event) => event.text === 'between us', 'the direct message');
  const eve = cluster.client('eve');
  await eve.joined();
  eve.write(JSON.stringify({ type: 'why', room: '@dave', position: line.position, id: 'mine' }));
  eve.write(JSON.stringify({ type: 'why', position: line.position, id: 'here' }));
  const refused = (id: string) =>
    eve.until((event) => event.type === 'error' && event.id === id, `the refusal of ${id}`);
  expect(await refused('mine')).toMatchObject({ code: 'no-such-room' });
  expect(await refused('here')).toMatchObject({ code: 'not-found' });
  dave.write(JSON.stringify({ type: 'why', room: '@carol', id: 'ours' }));
  const own = await dave.until((event) => event.type === 'why' && event.id === 'ours', 'the answer');
  expect(own.position).toBe(line.position);
});
