/** `synod history`: a room of a running cluster, read from its store, line for line. */
import { Cluster, synod } from './cluster';

jest.setTimeout(240_000);

const LINES = 1300;

let cluster: Cluster | undefined;
afterEach(async () => {
  await cluster?.stop();
});

function textsOf(output: string): readonly string[] {
  return output
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { text: string }).text);
}

test('prints all lines of a room, a part of them, or those with a text, in order', async () => {
  cluster = await Cluster.create();
  cluster.configure((config) => Object.assign(config, { limits: { snapshotBytes: 65_536, batchBytes: 65_536 } }));
  cluster.startAll();
  await cluster.untilServing();
  const alice = cluster.client('alice', '--room', 'dev');
  const texts = Array.from({ length: LINES }, (_, at) => `Line ${at + 1} ${'x'.repeat(100)}`);
  for (const text of texts) alice.post(text, text, 'dev');
  await alice.allAcked();
  const { config } = cluster;
  const history = async (...flags: readonly string[]) =>
    textsOf((await synod(['history', '--config', config, '--room', 'dev', '--json', ...flags])).stdout);
  const found = texts.filter((text) => text.includes('ine 11'));
  const look = async () => {
    expect(await history()).toEqual(texts);
    expect(await history('--from', '700', '--to', '1250')).toEqual(texts.slice(699, 1250));
    expect(await history('--from', '1299')).toEqual(texts.slice(1298));
    expect(await history('--search', 'INE 11')).toEqual(found);
    expect(await history('--search', 'INE 11', '--from', '12', '--to', '1149')).toEqual(found.slice(1, 61));
  };
  await look();
  // From a snapshot they start with nothing in memory that was before it.
  await Promise.all(cluster.serverIds.map((id) => cluster?.signal(`server ${id}`, 'SIGKILL')));
  for (const id of cluster.serverIds) cluster.startServer(id);
  await cluster.untilServing();
  await look();
  const wrong = await synod(['history', '--config', config, '--room', 'nowhere']);
  expect([wrong.status, wrong.stderr]).toEqual([1, 'synod: there is no room or conversation nowhere\n']);
});
