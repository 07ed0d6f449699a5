/** etcd: each post is a key of its own; whoever reads watches them all. */
import { execFileSync } from 'node:child_process';
import { freePorts } from '../ports';
import { EtcdClient, EtcdConnection } from './etcd-client';
import type { PeerNodes } from './nodes';
import { NODES, type Peer, type PeerCluster, type PeerSettings } from './peer';

export const etcd: Peer = {
  name: 'etcd',
  program: 'etcd',
  debianPackage: 'etcd-server',
  durable: true,
  start: startEtcd,
};

async function startEtcd(nodes: PeerNodes, program: string, { size }: PeerSettings): Promise<PeerCluster> {
  const basePort = await freePorts(2 * NODES);
  const ids = Array.from({ length: NODES }, (_, index) => index);
  const clientUrl = (id: number) => `http://127.0.0.1:${basePort + 2 * id}`;
  const peerUrl = (id: number) => `http://127.0.0.1:${basePort + 2 * id + 1}`;
  for (const id of ids) {
    nodes.start(`etcd-${id}`, [
      program,
      ...['--name', `etcd-${id}`, '--data-dir', nodes.folderOf(`etcd-${id}`)],
      ...['--listen-client-urls', clientUrl(id), '--advertise-client-urls', clientUrl(id)],
      ...['--listen-peer-urls', peerUrl(id), '--initial-advertise-peer-urls', peerUrl(id)],
      ...['--initial-cluster', ids.map((each) => `etcd-${each}=${peerUrl(each)}`).join(',')],
      ...['--logger', 'zap', '--log-level', 'error'],
    ]);
  }
  const leader = () => leaderOf(ids.map(clientUrl));
  await nodes.until(leader);
  const [, version = ''] = /etcd Version: (\S+)/.exec(execFileSync(program, ['--version']).toString()) ?? [];
  let connections = 0;
  const connect = async (_: number, node: number) => {
    connections += 1;
    return new EtcdClient(new EtcdConnection(clientUrl(node)), String(connections), size);
  };
  return { version, leader, connect };
}

/** Which one leads. @throws when one of them does not answer, or knows no leader */
async function leaderOf(urls: readonly string[]): Promise<number> {
  const leading = await Promise.all(
    urls.map(async (url) => {
      const connection = new EtcdConnection(url);
      try {
        return await connection.isLeader();
      } finally {
        connection.close();
      }
    }),
  );
  const leader = leading.indexOf(true);
  if (leader < 0) throw new Error('no node of etcd leads');
  return leader;
}
