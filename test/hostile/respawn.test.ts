/** What ends a process from outside, whatever the code in it does: it is started again, and nothing is lost. */
import { loadConfig } from '../../src/config/load';
import { Cluster } from '../e2e/cluster';
import { checkTranscripts, Load } from '../e2e/load';
import { Speaker } from './speaker';
import { targetsOf } from './targets';
import { MORE } from './zmtp';

jest.setTimeout(240_000);

/** As much as the port takes at once. */
const PIECE_BYTES = 64 * 1024;

let cluster: Cluster;
afterEach(() => cluster.stop());

async function pidOf(name: string): Promise<number> {
  const { balancer, servers, leader } = await cluster.status();
  return name === 'balancer' ? balancer.pid : (servers.find(({ id }) => id === leader)?.pid ?? 0);
}

test('a native library that aborts the balancer, and then the leader, costs a moment and no line', async () => {
  cluster = await Cluster.start({ supervised: true });
  const load = await Load.start(cluster);
  await load.acks(50);
  for (const victim of ['balancer', 'leader']) {
    const pid = await pidOf(victim);
    process.kill(pid, 'SIGABRT');
    await load.acks(50);
    await cluster.until(({ balancer, servers }) => {
      const pids = [balancer, ...servers].map((one) => one.pid);
      return !pids.includes(pid) && pids.every((one) => one > 0);
    }, 'all run again');
  }
  await load.stop();
  checkTranscripts(load.clients);
  await cluster.untilEqual();
});

test('a message without end ends the balancer before it has eaten the machine, and no line is lost', async () => {
  cluster = await Cluster.start({ supervised: true, insecure: true });
  const load = await Load.start(cluster);
  await load.acks(50);
  const pid = await pidOf('balancer');
  const [port] = targetsOf(loadConfig(cluster.config, {}, {}));
  if (!port) throw new Error('no port');
  const speaker = await Speaker.admitted(port.place, { socketType: 'DEALER' });
  const piece = Buffer.alloc(PIECE_BYTES, 1);
  while (speaker && !speaker.closed) await speaker.taken(piece, MORE);
  await cluster.untilLogged('balancer', /ZeroMQ takes \d+ MiB, more than anybody can mean/);
  await load.acks(50);
  expect(await pidOf('balancer')).not.toBe(pid);
  await load.stop();
  checkTranscripts(load.clients);
  await cluster.untilEqual();
});
