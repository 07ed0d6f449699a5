/** PUB/SUB may lose what it likes: it costs time, never a message. On real sockets. */
import type { ClientEvent, MessageEvent } from '../../src/client/events';
import { seededRandom } from '../../src/lib/prng';
import { LocalCluster } from './local-cluster';

jest.setTimeout(120_000);

const POSTS = 300;

let cluster: LocalCluster | undefined;
afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

/** Posts through one client while another listens, and waits until both have everything. */
async function converse(running: LocalCluster): Promise<readonly MessageEvent[]> {
  const heard: MessageEvent[] = [];
  let acks = 0;
  let joined = 0;
  let settle = () => {};
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const onEvent = (listens: boolean) => (event: ClientEvent) => {
    if (event.type === 'ack') acks += 1;
    if (event.type === 'message' && listens) heard.push(event);
    if (event.type === 'presence' && event.event === 'join' && listens) joined += 1;
    if (acks === POSTS && heard.length === POSTS) settle();
  };
  const listener = running.client('listener', onEvent(true));
  listener.post({ type: 'join', room: 'lobby' });
  const speaker = running.client('speaker', onEvent(false));
  speaker.post({ type: 'join', room: 'lobby' });
  while (joined < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  for (let number = 1; number <= POSTS; number += 1) {
    speaker.post({ type: 'say', room: 'lobby', text: `line ${number}`, action: false }, String(number));
    if (number % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await done;
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
