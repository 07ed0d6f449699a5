/** A living cluster with all that is attacked in it, and how to come to it. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePorts } from '../../bench/ports';
import { statusKeys } from '../../src/cli/security';
import { look } from '../../src/cli/status';
import { loadConfig } from '../../src/config/load';
import type { ClusterConfig } from '../../src/config/schema';
import { BALANCER, CLIENT, keyFileOf, serverHolder } from '../../src/keys/holders';
import { readKeyFile } from '../../src/keys/key-file';
import { readPublicKeys } from '../../src/keys/public-keys';
import { seededRandom } from '../../src/lib/prng';
import { z85Decoded } from '../../src/lib/z85';
import type { Transport } from '../../src/transport/transport';
import { createZeroMqTransport } from '../../src/transport/zeromq';
import { Cluster } from '../e2e/cluster';
import type { JsonClient } from '../e2e/json-client';
import type { Admit } from './attacks';
import type { CurveKeys, OwnKeys } from './curve';
import { Gauge } from './gauge';
import { Lure } from './lure';
import { AHEAD, type Lures, luredTargets } from './lured';
import { type Place, Speaker } from './speaker';
import { type Bound, placeOf, type Target, targetsOf } from './targets';

export interface Aim {
  readonly target: Target;
  readonly admit: Admit;
}

export interface Stage {
  readonly config: ClusterConfig;
  readonly gauge: Gauge;
  readonly aims: readonly Aim[];
  /** All who should be connected are: called before each reading of the gauge. */
  settled(): Promise<void>;
  /** @returns what is wrong once nobody attacks any more */
  end(): Promise<readonly string[]>;
}

/** The ports of a cluster. @param stolenKey the one who attacks has a client's */
export async function portsStage({ insecure, stolenKey }: { insecure: boolean; stolenKey: boolean }): Promise<Stage> {
  const { cluster, config, transport, healthy } = await begun(insecure);
  const gauge = new Gauge(cluster, config, transport, healthy);
  await gauge.warmUp();
  return {
    config,
    gauge,
    aims: targetsOf(config).map((target) => ({ target, admit: admission(config, target, stolenKey) })),
    settled: async () => {},
    async end() {
      await transport.close();
      await cluster.stop();
      return [];
    },
  };
}

/**
 * One server, and one client, that find somebody else where they look for another server and the balancer. All others of
 * the cluster have its true addresses.
 */
export async function luresStage(): Promise<Stage> {
  const { cluster, config, transport, healthy } = await begun(false);
  const { leader } = await look(config, transport);
  const [victim, peer] = config.servers.map(({ id }) => id).filter((id) => id !== leader) as [number, number];
  const basePort = await freePorts(4);
  const places = [0, 1, 2, 3].map((at) => ({ host: '127.0.0.1', port: basePort + at })) as [Place, Place, Place, Place];
  const [pub, rep, servers, clients] = places.map(({ host, port }) => `tcp://${host}:${port}`) as [
    string,
    string,
    string,
    string,
  ];
  const keysOf = (holder: string): OwnKeys => decoded(readKeyFile(keyFileOf(config, holder)));
  const lures: Lures = {
    pub: await Lure.open(places[0], 'PUB', keysOf(serverHolder(peer))),
    rep: await Lure.open(places[1], 'REP', keysOf(serverHolder(peer))),
    servers: await Lure.open(places[2], 'ROUTER', keysOf(BALANCER)),
    clients: await Lure.open(places[3], 'ROUTER', keysOf(BALANCER)),
  };
  const misled = path.join(cluster.folder, 'misled.json');
  const written = JSON.parse(readFileSync(cluster.config, 'utf8')) as ClusterConfig;
  writeFileSync(
    misled,
    JSON.stringify({
      ...written,
      balancer: { ...written.balancer, servers },
      servers: written.servers.map((one) => (one.id === peer ? { ...one, pub, rep } : one)),
      // It asks more often.
      timeouts: { questionTimeoutMs: 50 },
    }),
  );
  await cluster.signal(`server ${victim}`, 'SIGTERM');
  cluster.startServer(victim, misled);
  const lured = cluster.client('lured', '--connect', clients, '--connect-timeout', '3600');
  const all = Object.values(lures) as readonly Lure[];
  const settled = async () => {
    for (const lure of all) await lure.settled();
  };
  await settled();
  await healthy.online();
  const gauge = new Gauge(cluster, config, transport, healthy, new Map([['client', lured]]));
  await gauge.warmUp();
  const { servers: reports } = await cluster.untilEqual();
  const { committed = 0, birth = '' } = reports.find(({ id }) => id === victim) ?? {};
  const roles = { cluster: config.cluster, victim, peer, birth, ahead: committed + AHEAD };
  return {
    config,
    gauge,
    aims: luredTargets(lures, roles).map(({ target, lure }) => ({
      target,
      admit: (type, identity) => lure.admit(type, identity),
    })),
    settled,
    async end() {
      const server = config.servers.find(({ id }) => id === peer);
      const truth = [server?.pub, server?.rep, config.balancer.servers, config.balancer.clients];
      for (const [index, lure] of all.entries()) lure.forward(placeOf(truth[index] ?? ''));
      const problems = await back(cluster, lured);
      for (const lure of all) lure.close();
      await transport.close();
      await cluster.stop();
      return problems;
    },
  };
}

/** Whether those who were misled are as all others, once they reach whom they look for. */
async function back(cluster: Cluster, lured: JsonClient): Promise<readonly string[]> {
  try {
    lured.post('back', 'back');
    await lured.allAcked();
    await cluster.until(({ balancer }) => balancer.connected.length === 3, 'all servers at the balancer');
    await cluster.untilEqual();
    return [];
  } catch (error) {
    return [String(error)];
  }
}

interface Begun {
  readonly cluster: Cluster;
  readonly config: ClusterConfig;
  readonly transport: Transport;
  readonly healthy: JsonClient;
}

async function begun(insecure: boolean): Promise<Begun> {
  const cluster = await Cluster.start({ insecure });
  const config = loadConfig(cluster.config, {}, {});
  const { security } = statusKeys(config, { insecure }, () => {});
  const transport = createZeroMqTransport({ limits: config.limits.transport, random: seededRandom(1), security });
  const healthy = cluster.client('healthy');
  await healthy.joined();
  return { cluster, config, transport, healthy };
}

function admission(config: ClusterConfig, { place, holder, socketType }: Bound, stolenKey: boolean): Admit {
  let curve: CurveKeys | undefined;
  if (stolenKey) {
    const serverKey = z85Decoded(readPublicKeys(config).get(holder) ?? '');
    if (serverKey) curve = { ...decoded(readKeyFile(keyFileOf(config, CLIENT))), serverKey };
  }
  return (type = socketType, identity = Buffer.alloc(0)) =>
    Speaker.admitted(place, { socketType: type, identity, curve });
}

function decoded({ publicKey, secretKey }: { publicKey: string; secretKey: string }): OwnKeys {
  const [mine, secret] = [publicKey, secretKey].map(z85Decoded);
  if (!mine || !secret) throw new Error('no keys');
  return { publicKey: mine, secretKey: secret };
}
