/** Takes the leader of a peer away under load, again and again, and measures how long nothing was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, figure } from '../figures';
import { longestGap, type WorkloadSettings } from '../workloads';
import type { PeerNodes } from './nodes';
import { NODES, type PeerClient, type PeerCluster } from './peer';

/** Nodes of some peers take long to come back. */
const MOST_KILLS = 5;
const RETRY_MS = 10;
const GIVE_UP_MS = 60_000;

export async function failover(
  cluster: PeerCluster,
  nodes: PeerNodes,
  settings: WorkloadSettings,
): Promise<Readonly<Record<string, Figure>>> {
  const kills = Math.min(settings.kills, MOST_KILLS);
  const gaps: number[] = [];
  const clientGaps: number[] = [];
  for (let kill = 1; kill <= kills; kill += 1) {
    settings.progress(`kill ${kill} of ${kills}`);
    const leader = await nodes.until(() => cluster.leader());
    const posters = Array.from(
      { length: settings.clients },
      (_, client) => new Poster(cluster, client, leader + client),
    );
    for (const poster of posters) poster.start(settings.window);
    await sleep(settings.warmUpSeconds * 1000);
    const killedAt = performance.now();
    nodes.kill(leader);
    await acknowledgedBy(posters, killedAt);
    const times = posters.map((poster) => [killedAt, ...poster.ackTimesMs.filter((time) => time > killedAt)]);
    gaps.push(longestGap(times.flat().sort((a, b) => a - b)));
    clientGaps.push(Math.max(...times.map(longestGap)));
    for (const poster of posters) poster.stop();
    nodes.restart(leader);
  }
  return { longestGapMs: figure(gaps), clientGapMs: figure(clientGaps) };
}

/** Until every client has had acknowledgements for a second after the last of them had its first one. */
async function acknowledgedBy(posters: readonly Poster[], sinceMs: number): Promise<void> {
  const all = () => posters.every(({ ackTimesMs }) => (ackTimesMs.at(-1) ?? 0) > sinceMs + 100);
  const deadline = performance.now() + GIVE_UP_MS;
  do {
    await sleep(1000);
    if (performance.now() > deadline) throw new Error('posts did not go on in a minute');
  } while (!all());
  await sleep(1000);
}

/** A client that goes to the next node when it loses its own, and posts again what failed. */
class Poster {
  readonly ackTimesMs: number[] = [];
  private posting = false;
  private connected: Promise<PeerClient> | undefined;

  constructor(
    private readonly cluster: PeerCluster,
    private readonly client: number,
    private node: number,
  ) {}

  start(window: number): void {
    this.posting = true;
    for (let count = 0; count < window; count += 1) void this.keepPosting();
  }

  stop(): void {
    this.posting = false;
    this.connected?.then((client) => client.close()).catch(() => {});
  }

  private async keepPosting(): Promise<void> {
    while (this.posting) {
      try {
        const client = await this.open();
        await new Promise<void>((resolve, reject) => {
          client.post((error) => (error ? reject(error) : resolve()));
        });
        this.ackTimesMs.push(performance.now());
      } catch {
        await sleep(RETRY_MS);
      }
    }
  }

  /** The client; where it has lost its connection, one of the next node. */
  private async open(): Promise<PeerClient> {
    const before = this.connected;
    const client = await before?.catch(() => undefined);
    if (client?.isOpen) return client;
    // Whoever sees it first connects; the others wait for the same.
    if (this.connected === before) {
      client?.close().catch(() => {});
      this.connected = this.cluster.connect(this.client, this.node % NODES);
      this.node += 1;
    }
    return this.connected as Promise<PeerClient>;
  }
}
