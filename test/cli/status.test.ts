/** What `synod status` makes of what answers. */
import path from 'node:path';
import { look, showReport } from '../../src/cli/status';
import { loadConfig } from '../../src/config/load';
import type { Dealer, Frames, Requester, Transport } from '../../src/transport/transport';
import { type BalancerInfo, encodeToClient } from '../../src/wire/frames';

const config = loadConfig(path.resolve(__dirname, '../../config/cluster-3.json'), {}, {});
const INFO: BalancerInfo = {
  cluster: config.cluster,
  pid: 7,
  phase: 'serving',
  clients: 2,
  uptimeMs: 61_000,
  connected: [1, 3],
};

/** Nobody answers but a balancer. */
function answering(info: BalancerInfo): Transport {
  const connectDealer = (_: string, onFrames: (frames: Frames) => void): Dealer => ({
    send: () => onFrames([encodeToClient({ type: 'info', info }), new Uint8Array(0)]),
    close: () => {},
  });
  const connectRequester = (): Requester => ({ ask: async () => undefined, close: () => {} });
  return { connectDealer, connectRequester } as unknown as Transport;
}

test('the balancer of the cluster', async () => {
  const report = await look(config, answering(INFO));
  expect(report.balancer).toEqual(INFO);
  expect(showReport(report)[1]).toBe('balancer serving   clients 2   servers 1 3   up 1 min   pid 7');
});

test('the balancer of another cluster is not taken for its own', async () => {
  const report = await look(config, answering({ ...INFO, cluster: 'theirs' }));
  expect(report.balancer).toEqual({ phase: 'other-cluster', cluster: 'theirs' });
  expect(showReport(report)[1]).toMatch(/^balancer of another cluster, theirs, answers/);
});
