/** Somebody else at the address of a part that does not run: nobody takes a word from it, and nobody is stopped by it. */
import { loadConfig } from '../../src/config/load';
import type { ClusterConfig } from '../../src/config/schema';
import { keyFileOf } from '../../src/keys/holders';
import { pairOf, readKeyFile } from '../../src/keys/key-file';
import { type KeyPair, newKeyPair } from '../../src/transport/security';
import { until } from '../transport/until';
import { Cluster } from './cluster';
import { Impostor } from './impostor';
import type { JsonClient } from './json-client';

jest.setTimeout(120_000);

/** Within so many milliseconds a post is acknowledged, whatever an impostor does. */
const ACK_MS = 1000;

/** What a server says of it; whether the other end's greeting is read before it closes is chance. */
const WHY = /tcp:\S+ (?:has another key than this process expects|and this process do not agree on encryption)/;

let cluster: Cluster;
let impostor: Impostor | undefined;
afterEach(async () => {
  await impostor?.close();
  await cluster.stop();
});

type Guise = readonly [name: string, keys: KeyPair | undefined];

/** With whose keys it comes. */
function guises(config: ClusterConfig, holders: readonly string[]): readonly Guise[] {
  const own = (holder: string) => pairOf(readKeyFile(keyFileOf(config, holder)));
  return [
    ['in the clear', undefined],
    ['an unknown key', newKeyPair()],
    ...holders.map((holder) => [`the key of ${holder}`, own(holder)] as const),
  ];
}

async function postedIn(client: JsonClient, id: string): Promise<number> {
  const start = performance.now();
  client.post(id, id);
  await client.allAcked();
  return performance.now() - start;
}

const linesOf = (name: string) => (cluster.logs.get(name) ?? '').split('\n').length;

/** Counts what each process logs until `check`: a line a second at most. */
function logWatch(names: readonly string[]) {
  const startMs = performance.now();
  const before = new Map(names.map((name) => [name, linesOf(name)]));
  return {
    check() {
      const seconds = Math.ceil((performance.now() - startMs) / 1000);
      for (const [name, lines] of before) {
        const more = linesOf(name) - lines;
        expect([name, more > 0, more <= seconds]).toEqual([name, true, true]);
      }
    },
  };
}

test('an impostor at the addresses of a server that is down is not heard, whatever key of another it has', async () => {
  cluster = await Cluster.start();
  const config = loadConfig(cluster.config, {}, {});
  const client = cluster.client('still');
  await client.joined();
  const { leader } = await cluster.status();
  const away = [3, 2].find((id) => id !== leader) ?? 3;
  const living = [1, 2, 3].filter((id) => id !== away);
  const names = living.map((id) => `server ${id}`);
  await cluster.signal(`server ${away}`, 'SIGKILL');
  await client.online();
  await postedIn(client, 'without-it');
  const before = await cluster.status();
  const others = ['client', 'balancer', ...living.map((id) => `server-${id}`)];
  const watch = logWatch(names);
  for (const [guise, keys] of guises(config, others)) {
    const there = await Impostor.ofServer(config, away, keys);
    impostor = there;
    // Each living server comes to both addresses.
    const { pub, rep } = config.servers[away - 1] as { pub: string; rep: string };
    await until('all have come', () => [pub, rep].every((address) => (there.met.get(address) ?? 0) >= living.length));
    expect([guise, (await postedIn(client, guise)) < ACK_MS]).toEqual([guise, true]);
    await there.close();
    expect([guise, there.admitted, there.heard]).toEqual([guise, 0, 0]);
  }
  watch.check();
  for (const name of names) expect(cluster.logs.get(name)).toMatch(WHY);
  const after = await cluster.status();
  const stateOf = ({ servers }: typeof after) => servers.map(({ state, ballot, pid }) => [state, ballot, pid]);
  expect([after.leader, stateOf(after)]).toEqual([before.leader, stateOf(before)]);
  const [one, two] = after.servers.filter(({ id }) => living.includes(id));
  const posts = guises(config, others).length;
  expect(one?.position).toBe((before.servers.find(({ id }) => id === one?.id)?.position ?? 0) + posts);
  expect([two?.position, two?.digest]).toEqual([one?.position, one?.digest]);
  cluster.startServer(away);
  await cluster.untilEqual();
});

test("an impostor at the balancer's addresses stops no server and no client, and gets nothing from them", async () => {
  cluster = await Cluster.start();
  const config = loadConfig(cluster.config, {}, {});
  const client = cluster.client('still');
  await client.joined();
  const before = await cluster.status();
  const names = cluster.serverIds.map((id) => `server ${id}`);
  await cluster.signal('balancer', 'SIGKILL');
  const watch = logWatch(names);
  const { clients, servers } = config.balancer;
  const all = guises(config, ['client', 'server-1', 'server-2']);
  for (const [guise, keys] of all) {
    const there = await Impostor.ofBalancer(config, keys);
    impostor = there;
    client.post(guise, guise);
    await until('all have come', () => (there.met.get(clients) ?? 0) >= 1 && (there.met.get(servers) ?? 0) >= 3);
    await there.close();
    expect([guise, there.admitted, there.heard]).toEqual([guise, 0, 0]);
  }
  watch.check();
  for (const name of names) expect(cluster.logs.get(name)).toMatch(WHY);
  expect(client.stderr).toBe('');
  expect(client.acked).toEqual([]);
  cluster.startBalancer();
  await client.allAcked();
  expect(client.acked).toEqual(all.map(([guise]) => guise));
  const after = await cluster.untilEqual();
  const stateOf = ({ servers }: typeof after) => servers.map(({ state, ballot, pid }) => [state, ballot, pid]);
  expect([after.leader, stateOf(after)]).toEqual([before.leader, stateOf(before)]);
  expect(await client.end()).toBe(0);
});

test('what an impostor says is believed where it has the key of the one whose addresses it has', async () => {
  cluster = await Cluster.start();
  const config = loadConfig(cluster.config, {}, {});
  const client = cluster.client('misled');
  await client.joined();
  const own = (holder: string) => pairOf(readKeyFile(keyFileOf(config, holder)));
  await cluster.signal('server 1', 'SIGKILL');
  impostor = await Impostor.ofServer(config, 1, own('server-1'));
  await cluster.until(({ servers }) => servers[1]?.ballot === '1000000.1', 'server 2 follows the impostor');
  await impostor.close();
  // That much a server may do. When it is gone, nothing of it has stayed.
  cluster.startServer(1);
  await cluster.untilServing();
  await postedIn(client, 'after all');
  await cluster.untilEqual();
  await cluster.signal('balancer', 'SIGKILL');
  impostor = await Impostor.ofBalancer(config, own('balancer'));
  expect(await client.exited).not.toBe(0);
  for (const id of cluster.serverIds) expect(await cluster.ended(`server ${id}`)).not.toBe(0);
});
