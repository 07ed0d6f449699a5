/** PUB/SUB may lose what it likes: it costs time, never a message. On real sockets. */
import type { MessageEvent } from '../../src/client/events';
import { seededRandom } from '../../src/lib/prng';
import { LocalCluster } from './local-cluster';

jest.setTimeout(120_000);

const POSTS = 300;
const PATIENCE_MS = 60_000;

let cluster: LocalCluster | undefined;
afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

/** Posts through one client while another listens, and waits until both have everything. */
async function converse(running: LocalCluster): Promise<readonly MessageEvent[]> {
  const heard: MessageEvent[] = [];
  const joined = new Set<string>();
  let acks = 0;
  const until = async (what: string, isTrue: () => boolean) => {
    const deadline = performance.now() + PATIENCE_MS;
    while (!isTrue()) {
      if (performance.now() > deadline)
        throw new Error(`no ${what}: ${acks} acks, ${heard.length} lines, ${[...joined]}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const listener = running.client('listener', (event) => {
    if (event.type === 'message') heard.push(event);
    if (event.type === 'presence' && event.event === 'join') joined.add(event.nick);
  });
  listener.post({ type: 'join', room: 'lobby' });
  // The other one has to come later: nobody hears of who was there before.
  await until('listener', () => joined.has('listener'));
  const speaker = running.client('speaker', (event) => {
    if (event.type === 'ack') acks += 1;
  });
  speaker.post({ type: 'join', room: 'lobby' });
  await until('speaker', () => joined.has('speaker'));
  for (let number = 1; number <= POSTS; number += 1) {
    speaker.post({ type: 'say', room: 'lobby', text: `line ${number}`, action: false }, String(number));
    if (number % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await until('end', () => acks === POSTS && heard.length === POSTS);
  return heard;
}

test('a third of everything published is lost and a tenth comes late: the log converges all the same', async () => {
  const policy = (id: number) => ({ random: seededRandom(id), loss: 0.33, reorder: 0.1, late: 5 });
  cluster = await LocalCluster.start(3, policy);
  const heard = await converse(cluster);
  expect(heard.map(({ text }) => text)).toEqual(Array.from({ length: POSTS }, (_, index) => `line ${index + 1}`));
  const { servers } = await cluster.until('three equal servers', ({ servers: all }) => {
    const states = all.map((server) => ('digest' in server ? `${server.applied} ${server.digest}` : server.state));
    return new Set(states).size === 1;
  });
  expect(servers).toHaveLength(3);
  expect(cluster.transports.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThan(20);
});

test('a server that hears nothing of what is published gets everything by asking', async () => {
  const policy = (id: number) => ({ random: seededRandom(id), loss: id === 3 ? 1 : 0, reorder: 0, late: 1 });
  cluster = await LocalCluster.start(3, policy);
  await converse(cluster);
  await cluster.until('three equal servers', ({ servers }) => {
    const positions = servers.map((server) => ('position' in server ? server.position : -1));
    return new Set(positions).size === 1 && (positions[0] ?? 0) >= POSTS;
  });
});
