/** `synod status`: asks every server and the balancer how they are, and shows it at a glance. */
import { table } from '../client/columns';
import { marginInWords } from '../client/margin';
import type { ClusterConfig, ServerConfig } from '../config/schema';
import { EXIT } from '../lib/exit';
import type { Transport } from '../transport/transport';
import { createPeerCodec } from '../wire/codec-peer';
import { type BalancerInfo, decodeToClient, encodeClient } from '../wire/frames';
import type { ServerStatus } from '../wire/peer';
import { type ConfigFlags, configOf, freshRandom, transportOf } from './context';
import { type SecurityFlags, type StatusKeys, statusKeys } from './security';
import { complain } from './target';

/** How long an answer is waited for, milliseconds. */
const ANSWER_TIMEOUT_MS = 1500;
/** Between two looks with --watch, milliseconds. */
const WATCH_MS = 1000;

export interface StatusFlags extends ConfigFlags, SecurityFlags {
  readonly json?: boolean;
  readonly watch?: boolean;
}

/** A server that did not answer, or that there is no key to ask with, has no more than its id and that state. */
export type ServerReport = ServerStatus | { readonly id: number; readonly state: 'unreachable' | 'not-asked' };

/** Whoever is in one of these states does not count for a majority yet. */
const NOT_VOTING: readonly ServerReport['state'][] = ['unreachable', 'not-asked', 'new', 'recovering', 'restoring'];

/** Another cluster's balancer answers at the address: the configuration is not of what runs there. */
export interface ForeignBalancer {
  readonly phase: 'other-cluster';
  readonly cluster: string;
}

/** What `--json` prints: one object a line. */
export interface ClusterReport {
  readonly cluster: string;
  /** The id of the leader that a majority follows; 0: none. */
  readonly leader: number;
  readonly servers: readonly ServerReport[];
  readonly balancer:
    | BalancerInfo
    | ForeignBalancer
    | { readonly phase: 'unreachable' }
    | { readonly phase: 'not-asked' };
}

/** @returns the exit status: 0 when anything answered */
export async function status(flags: StatusFlags): Promise<number> {
  const config = configOf(flags);
  const keys = statusKeys(config, flags, complain);
  const transport = transportOf(config, freshRandom(), keys.security);
  try {
    for (;;) {
      const report = await look(config, transport, keys);
      print(report, flags);
      if (!flags.watch) return reached(report) ? EXIT.ok : EXIT.unreachable;
      await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    }
  } finally {
    await transport.close();
  }
}

/** Asks all of them at once. @param who can be asked */
export async function look(
  config: ClusterConfig,
  transport: Transport,
  who: Pick<StatusKeys, 'servers' | 'balancer'> = { servers: true, balancer: true },
): Promise<ClusterReport> {
  const [balancer, servers] = await Promise.all([
    who.balancer ? askBalancer(config, transport) : ({ phase: 'not-asked' } as const),
    who.servers ? askServers(config, transport) : config.servers.map(({ id }) => ({ id, state: 'not-asked' }) as const),
  ]);
  return { cluster: config.cluster, leader: leaderOf(servers), servers, balancer };
}

/** Asks all servers at once. */
export function askServers(config: ClusterConfig, transport: Transport): Promise<readonly ServerReport[]> {
  return Promise.all(config.servers.map((server) => askServer(config, server, transport)));
}

async function askServer(config: ClusterConfig, server: ServerConfig, transport: Transport): Promise<ServerReport> {
  const codec = createPeerCodec(config.cluster);
  const requester = transport.connectRequester(server.rep);
  const question = codec.encodePeer({ from: 0, birth: '', question: 0, message: { type: 'StatusRequest' } });
  const answer = await requester.ask(question, ANSWER_TIMEOUT_MS);
  requester.close();
  const envelope = answer && answer.length > 0 ? codec.decodePeer(answer) : undefined;
  if (!envelope || 'bad' in envelope || envelope.message.type !== 'StatusReply') {
    return { id: server.id, state: 'unreachable' };
  }
  return envelope.message.status;
}

function askBalancer(config: ClusterConfig, transport: Transport): Promise<ClusterReport['balancer']> {
  return new Promise((resolve) => {
    const dealer = transport.connectDealer(
      config.balancer.clients,
      ([route]) => {
        const frame = route && decodeToClient(route);
        if (frame?.type === 'info') done(ofCluster(config.cluster, frame.info));
      },
      () => {},
    );
    const timer = setTimeout(() => done({ phase: 'unreachable' }), ANSWER_TIMEOUT_MS);
    const done = (info: ClusterReport['balancer']) => {
      clearTimeout(timer);
      dealer.close();
      resolve(info);
    };
    dealer.send([encodeClient({ type: 'info-request' }), new Uint8Array(0)]);
  });
}

/** Of another cluster no more is told than whose it is. */
function ofCluster(cluster: string, info: BalancerInfo): BalancerInfo | ForeignBalancer {
  return info.cluster === cluster ? info : { phase: 'other-cluster', cluster: info.cluster };
}

/** The leader that more than half of all servers follow. */
function leaderOf(servers: readonly ServerReport[]): number {
  const followers = new Map<number, number>();
  for (const server of servers) {
    if ('leader' in server && server.leader !== 0)
      followers.set(server.leader, (followers.get(server.leader) ?? 0) + 1);
  }
  for (const [leader, count] of followers) if (count > servers.length / 2) return leader;
  return 0;
}

/** Whether a server counts for a majority. */
export function votes({ state }: ServerReport): boolean {
  return !NOT_VOTING.includes(state);
}

function reached(report: ClusterReport): boolean {
  return 'pid' in report.balancer || report.servers.some((server) => 'pid' in server);
}

function print(report: ClusterReport, flags: StatusFlags): void {
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  if (flags.watch && process.stdout.isTTY) process.stdout.write('\u001b[H\u001b[2J');
  process.stdout.write(`${showReport(report).join('\n')}\n`);
}

/** The report as lines for a person. */
export function showReport(report: ClusterReport): string[] {
  const { balancer } = report;
  const voting = report.servers.filter(votes).length;
  const isAsked = report.servers.every(({ state }) => state !== 'not-asked');
  const margin = isAsked
    ? marginInWords(voting, report.servers.length, report.leader)
    : 'the servers were not asked: no key of one is here';
  const head = `cluster ${report.cluster}   leader ${report.leader === 0 ? 'none' : report.leader}   ${margin}`;
  const most = Math.max(0, ...report.servers.map((server) => ('committed' in server ? server.committed : 0)));
  const rows = report.servers.map((server) =>
    'pid' in server
      ? [
          server.id,
          server.state === 'restoring' ? `restoring ${Math.floor(server.restored / 10)} %` : server.state,
          server.ballot,
          server.committed,
          most - server.committed,
          server.clients,
          duration(server.uptimeMs),
          server.pid,
        ]
      : [server.id, server.state, '-', '-', '-', '-', '-', '-'],
  );
  return [
    head,
    showBalancer(balancer),
    '',
    ...table(['server', 'state', 'ballot', 'committed', 'lag', 'clients', 'up', 'pid'], rows),
  ];
}

function showBalancer(balancer: ClusterReport['balancer']): string {
  if (balancer.phase === 'unreachable') return 'balancer unreachable';
  if (balancer.phase === 'not-asked') return 'balancer not asked: no key of a client is here';
  if (balancer.phase === 'other-cluster') {
    return `balancer of another cluster, ${balancer.cluster}, answers at this address: is this the right configuration?`;
  }
  const { phase, clients, connected, uptimeMs, pid } = balancer;
  const servers = connected.join(' ') || 'none';
  return `balancer ${phase}   clients ${clients}   servers ${servers}   up ${duration(uptimeMs)}   pid ${pid}`;
}

function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
