/** What DESIGN promises, with real processes: servers and the balancer die under load, and nothing is lost. */
import { Cluster } from './cluster';
import { checkTranscripts, Load } from './load';

jest.setTimeout(240_000);

/** Time without a leader that is long beyond any election timeout. */
const THREE_ELECTION_TIMEOUTS_MS = 3 * 800;

let cluster: Cluster | undefined;
afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

/** A cluster that is stopped at the end of the test. */
async function started(...settings: Parameters<typeof Cluster.start>): Promise<Cluster> {
  cluster = await Cluster.start(...settings);
  return cluster;
}

async function leaderOf(running: Cluster): Promise<number> {
  return (await running.until(({ leader }) => leader !== 0, 'a leader')).leader;
}

test('kill -9 of the leader under load loses nothing', async () => {
  const cluster = await started();
  const load = await Load.start(cluster);
  await load.acks(100);
  const leader = await leaderOf(cluster);
  await cluster.signal(`server ${leader}`, 'SIGKILL');
  await load.acks(200);
  cluster.startServer(leader);
  await load.acks(100);
  await load.stop();
  checkTranscripts(load.clients);
  await cluster.untilEqual();
});

test('kill -9 of a follower under load loses nothing', async () => {
  const cluster = await started();
  const load = await Load.start(cluster);
  await load.acks(100);
  const leader = await leaderOf(cluster);
  const follower = cluster.serverIds.find((id) => id !== leader) ?? 0;
  await cluster.signal(`server ${follower}`, 'SIGKILL');
  await load.acks(200);
  cluster.startServer(follower);
  await load.acks(100);
  await load.stop();
  checkTranscripts(load.clients);
  await cluster.untilEqual();
});

test('with more than f servers dead nothing is acknowledged and clients are told; with one back posts go on', async () => {
  const cluster = await started();
  const load = await Load.start(cluster);
  await load.acks(50);
  const first = await leaderOf(cluster);
  await cluster.signal(`server ${first}`, 'SIGKILL');
  await load.acks(50);
  const second = (await cluster.until(({ leader }) => leader !== 0 && leader !== first, 'another leader')).leader;
  const told = load.clients.map((client) =>
    client.next((event) => event.type === 'status' && event.state === 'no-majority', 'no majority'),
  );
  await cluster.signal(`server ${second}`, 'SIGKILL');
  await Promise.all(told);
  const before = load.clients.map((client) => client.acked.length);
  await new Promise((resolve) => setTimeout(resolve, THREE_ELECTION_TIMEOUTS_MS));
  expect(load.clients.map((client) => client.acked.length)).toEqual(before);
  cluster.startServer(first);
  await load.acks(100);
  await load.stop();
  checkTranscripts(load.clients);
});

test('a leader that stands still for three election timeouts and goes on does no harm', async () => {
  const cluster = await started();
  const load = await Load.start(cluster);
  await load.acks(100);
  const leader = await leaderOf(cluster);
  await cluster.signal(`server ${leader}`, 'SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, THREE_ELECTION_TIMEOUTS_MS));
  await cluster.signal(`server ${leader}`, 'SIGCONT');
  await load.acks(200);
  await load.stop();
  checkTranscripts(load.clients);
  await cluster.untilEqual();
});

test('kill -9 of the balancer under load and its return lose nobody', async () => {
  const cluster = await started();
  const load = await Load.start(cluster);
  await load.acks(100);
  await cluster.signal('balancer', 'SIGKILL');
  cluster.startBalancer();
  await load.acks(200);
  await load.stop();
  checkTranscripts(load.clients);
});

test('a server whose data folder was wiped gets everything back and votes again', async () => {
  const cluster = await started();
  const load = await Load.start(cluster);
  await load.acks(100);
  const leader = await leaderOf(cluster);
  const wiped = cluster.serverIds.find((id) => id !== leader) ?? 0;
  await cluster.signal(`server ${wiped}`, 'SIGKILL');
  cluster.wipe(wiped);
  cluster.startServer(wiped);
  await cluster.until(
    ({ servers }) => servers.some(({ id, state }) => id === wiped && state === 'follower'),
    'its return',
  );
  await load.acks(100);
  // It counts again: with another one dead there is still a majority.
  const other = cluster.serverIds.find((id) => id !== leader && id !== wiped) ?? 0;
  await cluster.signal(`server ${other}`, 'SIGKILL');
  await load.acks(100);
  cluster.startServer(other);
  await load.stop();
  checkTranscripts(load.clients);
  await cluster.untilEqual();
});

test('the whole cluster starts again with everything that was acknowledged', async () => {
  const cluster = await started();
  const load = await Load.start(cluster);
  await load.acks(100);
  await Promise.all(
    ['balancer', ...cluster.serverIds.map((id) => `server ${id}`)].map((name) => cluster.signal(name, 'SIGKILL')),
  );
  cluster.startAll();
  await load.acks(100);
  await load.stop();
  checkTranscripts(load.clients);
  await cluster.untilEqual();
});

test('in memory: f servers may lose everything, and nothing is lost', async () => {
  const cluster = await started({ storage: 'memory' });
  const load = await Load.start(cluster);
  await load.acks(100);
  const leader = await leaderOf(cluster);
  await cluster.signal(`server ${leader}`, 'SIGKILL');
  cluster.startServer(leader);
  await load.acks(100);
  await cluster.until(
    ({ servers }) => servers.every(({ state }) => state === 'follower' || state === 'leader'),
    'voters',
  );
  await load.stop();
  checkTranscripts(load.clients);
  await cluster.untilEqual();
});
