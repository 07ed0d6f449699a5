/** `--peers`: what others make of the same load, where they are installed. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { WorkloadSettings } from '../workloads';
import { etcd } from './etcd';
import { failover } from './failover';
import { nats } from './nats';
import { PeerNodes } from './nodes';
import { NODES, type Peer } from './peer';
import { posting } from './posting';
import { rabbitQuorum, rabbitStream } from './rabbitmq';
import type { PeerResult } from './table';

const PEERS: readonly Peer[] = [etcd, nats, rabbitQuorum, rabbitStream];
const WORKLOADS = ['throughput', 'latency', 'delivery', 'failover'];
/** Where servers are that are not on everybody's PATH. */
const SERVER_FOLDERS = ['/usr/local/sbin', '/usr/sbin'];

type PeersSettings = WorkloadSettings & { readonly workload: string };

/** @throws Error where there is nothing to compare with */
export function checkPeers({ workload, servers }: { readonly workload: string; readonly servers: number }): void {
  if (!WORKLOADS.includes(workload)) throw new Error(`--peers does ${WORKLOADS.join(', ')}, not ${workload}`);
  if (servers !== NODES) throw new Error(`--peers compares clusters of ${NODES}, not of ${servers}`);
}

/** Measures one after the other as the product is measured. */
export async function peers(settings: PeersSettings): Promise<readonly PeerResult[]> {
  const results: PeerResult[] = [];
  for (const peer of PEERS) {
    const { name, durable } = peer;
    results.push({ name, durable, ...(await measure(peer, settings)) });
  }
  return results;
}

async function measure(peer: Peer, settings: PeersSettings): Promise<Omit<PeerResult, 'name' | 'durable'>> {
  const { name, debianPackage, library } = peer;
  const program = programAt(peer.program);
  if (!program) return { missing: `is not installed: apt-get install ${debianPackage}` };
  if (library && !isLibrary(library)) return { missing: `has no client here (${library}): npm ci` };
  const progress = (text: string) => settings.progress(`${name}: ${text}`);
  progress('starting');
  const nodes = new PeerNodes();
  try {
    const load = { ...settings, progress, deliver: settings.workload === 'delivery' };
    const cluster = await peer.start(nodes, program, load);
    const run = settings.workload === 'failover' ? failover : posting;
    return { version: cluster.version, figures: await run(cluster, nodes, load) };
  } catch (error) {
    return { missing: `failed: ${(error as Error).message}` };
  } finally {
    await nodes.stop();
  }
}

function programAt(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), ...SERVER_FOLDERS];
  return folders.map((folder) => path.join(folder, name)).find(existsSync);
}

function isLibrary(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}
