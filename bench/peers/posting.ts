/** Posts to a peer without pause, as the product's load does, and counts by the same code. */
import type { Figure } from '../figures';
import { steady } from '../steady';
import type { WorkloadSettings } from '../workloads';
import type { PeerNodes } from './nodes';
import { NODES, type PeerClient, type PeerCluster, type PeerSettings } from './peer';

export async function posting(
  cluster: PeerCluster,
  nodes: PeerNodes,
  settings: WorkloadSettings & PeerSettings,
): Promise<Readonly<Record<string, Figure>>> {
  const leader = await nodes.until(() => cluster.leader());
  // The first one has the leader, each further one the next node.
  const connecting = Array.from({ length: settings.clients }, (_, id) => cluster.connect(id, (leader + id) % NODES));
  const posters = (await Promise.all(connecting)).map((client) => new Poster(client));
  if (settings.deliver) await Promise.all(posters.map((poster) => poster.read()));
  for (const poster of posters) poster.start(settings.window);
  const { deliveriesPerSec, ...acknowledged } = await steady(
    {
      reset: () => {
        for (const poster of posters) poster.reset();
      },
      latenciesMs: () => posters.flatMap(({ latenciesMs }) => latenciesMs),
      deliveries: () => posters.reduce((sum, { deliveries }) => sum + deliveries, 0),
      serverCpuMs: () => {
        for (const { failure } of posters) if (failure) throw failure;
        return nodes.cpuMs();
      },
    },
    settings,
  );
  await Promise.all(posters.map((poster) => poster.close()));
  return settings.deliver ? { ...acknowledged, deliveriesPerSec } : acknowledged;
}

/** A client that keeps a number of posts outstanding, and what came back since the last `reset`. */
class Poster {
  latenciesMs: number[] = [];
  deliveries = 0;
  /** Why a post was not acknowledged. */
  failure: Error | undefined;
  private posting = false;

  constructor(private readonly client: PeerClient) {}

  /** Counts what everybody posts from now on. */
  async read(): Promise<void> {
    await this.client.read((count) => {
      this.deliveries += count;
    });
  }

  start(window: number): void {
    this.posting = true;
    for (let count = 0; count < window; count += 1) this.postOne();
  }

  reset(): void {
    this.latenciesMs = [];
    this.deliveries = 0;
  }

  async close(): Promise<void> {
    this.posting = false;
    await this.client.close();
  }

  private postOne(): void {
    const sentAt = performance.now();
    this.client.post((error) => {
      if (!this.posting) return;
      this.failure ??= error;
      if (this.failure) return;
      this.latenciesMs.push(performance.now() - sentAt);
      if (this.client.isOpen) this.postOne();
      else this.failure = new Error('it lost a connection');
    });
  }
}
