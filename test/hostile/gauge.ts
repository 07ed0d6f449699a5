/** How a living cluster is, before and after somebody tried to harm it. Linux: memory and files are read in /proc. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type ClusterReport, look, type ServerReport } from '../../src/cli/status';
import type { ClusterConfig } from '../../src/config/schema';
import type { Transport } from '../../src/transport/transport';
import type { Cluster } from '../e2e/cluster';
import type { JsonClient } from '../e2e/json-client';

const MAX_ACK_MS = 1000;
const MAX_GROWTH_MB = 32;
/** How long memory and connections may take to come back, milliseconds. */
const SETTLED_MS = 15_000;
const LOOK_MS = 100;
const MOST_READINGS = 20;
const WARM_UP_ROUNDS = 20;
const WARM_UP_POSTS = 500;

interface Process {
  readonly pid: number;
  readonly rssMb: number;
  readonly connections: number;
  readonly logLines: number;
}

interface Reading {
  readonly atMs: number;
  readonly processes: ReadonlyMap<string, Process>;
  readonly report: ClusterReport;
}

/** What came of a class of inputs, in words. */
export interface Verdict {
  /** What is not as it should be; empty: nothing. */
  readonly problems: readonly string[];
  /** Of those, how much more memory is taken than before. */
  readonly growth: readonly string[];
}

export class Gauge {
  private posts = 0;
  private before: Reading | undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly config: ClusterConfig,
    private readonly transport: Transport,
    private readonly healthy: JsonClient,
    /** Others that are looked at as the cluster's own processes are, by name. */
    private readonly others: ReadonlyMap<string, JsonClient> = new Map(),
  ) {}

  /** A process takes more memory with its first work: that is nobody's attack. */
  async warmUp(): Promise<void> {
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
      for (let each = 0; each < WARM_UP_POSTS; each += 1) this.healthy.post(`warm-${round}-${each}`, 'x'.repeat(1000));
      await this.healthy.allAcked();
    }
  }

  /** Connections that are just being made or closed are waited for. */
  async begin(): Promise<void> {
    const counts = ({ processes }: Reading) => [...processes.values()].map(({ connections }) => connections).join();
    let last = await this.read();
    for (let tries = 0; tries < MOST_READINGS; tries += 1) {
      const next = await this.read();
      if (counts(next) === counts(last)) break;
      last = next;
    }
    this.before = last;
  }

  /** How it is since `begin`. */
  async verdict(): Promise<Verdict> {
    const { before } = this;
    if (!before) throw new Error('nothing was read before');
    const ackMs = await this.post();
    let [problems, growth]: (readonly string[])[] = [[], []];
    for (const deadline = performance.now() + SETTLED_MS; ; ) {
      const after = await this.read();
      problems = compared(before, after);
      growth = grown(before, after);
      if (problems.length + growth.length === 0 || performance.now() > deadline) break;
    }
    if (ackMs > MAX_ACK_MS) problems = [`acknowledged after ${Math.round(ackMs)} ms`, ...problems];
    return { problems, growth };
  }

  private async post(): Promise<number> {
    this.posts += 1;
    const id = `healthy-${this.posts}`;
    const start = performance.now();
    this.healthy.post(id, id);
    await this.healthy.allAcked();
    return performance.now() - start;
  }

  private async read(): Promise<Reading> {
    const report = await look(this.config, this.transport);
    // Whom it asked closes its side of those connections a moment later.
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const pids = new Map<string, number>([
      ['balancer', 'pid' in report.balancer ? report.balancer.pid : 0],
      ...report.servers.map((server) => [`server ${server.id}`, 'pid' in server ? server.pid : 0] as const),
    ]);
    const logs = new Map([...pids.keys()].map((name) => [name, this.cluster.logs.get(name) ?? '']));
    for (const [name, client] of this.others) {
      pids.set(name, client.ended ? 0 : client.pid);
      logs.set(name, client.stderr);
    }
    const processes = new Map([...pids].map(([name, pid]) => [name, processOf(pid, logs.get(name) ?? '')]));
    return { atMs: performance.now(), processes, report };
  }
}

function processOf(pid: number, log: string): Process {
  const logLines = log.split('\n').length;
  if (pid === 0) return { pid, rssMb: 0, connections: 0, logLines };
  const [, kb] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { pid, rssMb: Number(kb) / 1024, connections: connectionsOf(pid), logLines };
}

/** Sockets that are open. Of its other files a server opens and closes some all the time. */
function connectionsOf(pid: number): number {
  const isSocket = (file: string) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${file}`).startsWith('socket:');
    } catch {
      return false; // Closed meanwhile.
    }
  };
  return readdirSync(`/proc/${pid}/fd`).filter(isSocket).length;
}

function grown(before: Reading, after: Reading): readonly string[] {
  return [...before.processes].flatMap(([name, then]) => {
    const more = (after.processes.get(name)?.rssMb ?? 0) - then.rssMb;
    return more > MAX_GROWTH_MB ? [`${name} grew by ${Math.round(more)} MB`] : [];
  });
}

/** One post came between the two readings. */
function compared(before: Reading, after: Reading): readonly string[] {
  const seconds = Math.ceil((after.atMs - before.atMs) / 1000);
  const problems = [...before.processes].flatMap(([name, then]) => {
    const now = after.processes.get(name) as Process;
    return [
      ...(now.pid === then.pid ? [] : [`${name} is another process`]),
      ...(now.connections <= then.connections
        ? []
        : [`${name} has ${now.connections - then.connections} more connections`]),
      ...(now.logLines - then.logLines <= seconds + 1 ? [] : [`${name} logged ${now.logLines - then.logLines} lines`]),
    ];
  });
  const [was, is] = [before.report, after.report].map((report) => report.servers.map(stateOf));
  const moved = was?.filter((state, index) => state === undefined || state !== is?.[index]) ?? [];
  if (moved.length > 0) problems.push(`leader or ballot changed: ${was} to ${is}`);
  const digests = new Set(after.report.servers.map((server) => ('pid' in server ? server.digest : server.state)));
  if (digests.size !== 1) problems.push(`the servers' states differ: ${[...digests]}`);
  const positions = after.report.servers.map(
    (server, index) => positionOf(server) - positionOf(before.report.servers[index]),
  );
  if (positions.some((more) => more !== 1)) problems.push(`${positions} events where one post was made`);
  return problems;
}

function stateOf(server: ServerReport): string | undefined {
  return 'pid' in server ? `${server.state} ${server.ballot}` : undefined;
}

function positionOf(server: ServerReport | undefined): number {
  return server && 'pid' in server ? server.position : Number.NaN;
}
