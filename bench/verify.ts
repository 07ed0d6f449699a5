/** Whether every post that was acknowledged is in the log once, where it was said to be, and no other post of its client. */
import type { BenchCluster } from './cluster';
import { type Figure, figure } from './figures';
import { pagedLines } from './paged-log';
import { storedEvents } from './stored-log';
import { Tally, type TallySum } from './tally';

/** What some clients were told. */
export interface Acknowledged {
  readonly rooms: readonly string[];
  readonly sessions: readonly { readonly session: string; readonly posts: TallySum }[];
}

export function together(all: readonly Acknowledged[]): Acknowledged {
  return { rooms: all.flatMap(({ rooms }) => rooms), sessions: all.flatMap(({ sessions }) => sessions) };
}

/** Ends the servers, where they have their log on disk. @returns how many posts @throws when it is not so */
export async function verified(
  cluster: BenchCluster,
  { rooms, sessions }: Acknowledged,
  { progress }: { readonly progress: (text: string) => void },
): Promise<Figure> {
  progress('verifying');
  // A server that was killed may have caught up a moment ago: whichever is asked has everything.
  await cluster.untilEqual();
  const found = new Map(sessions.map(({ session }) => [session, new Tally()]));
  for await (const lines of linesOf(cluster, rooms)) {
    for (const { session, seq, position } of lines) found.get(session)?.add(seq, position);
  }
  let posted = 0;
  for (const { session, posts } of sessions) {
    const { count, digest } = found.get(session)?.sum ?? new Tally().sum;
    if (count !== posts.count) {
      throw new Error(`session ${session} has ${posts.count} posts acknowledged and ${count} in the log`);
    }
    if (digest !== posts.digest) throw new Error(`the posts of session ${session} are not where they were said to be`);
    posted += count;
  }
  return figure([posted]);
}

interface Line {
  readonly session: string;
  readonly seq: number;
  readonly position: number;
}

async function* linesOf(cluster: BenchCluster, rooms: readonly string[]): AsyncGenerator<readonly Line[], void> {
  const { config } = cluster;
  if (config.storage === 'memory') return yield* pagedLines(cluster.client, rooms);
  await Promise.all(config.servers.map(({ id }) => cluster.end(id, 'SIGTERM')));
  const [first] = config.servers;
  if (!first) return;
  for await (const events of storedEvents(config, first)) yield events.filter(({ kind }) => kind === 'message');
}
