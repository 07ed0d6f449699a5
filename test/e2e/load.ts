/** Clients that post without pause, and what must hold of what they saw. */
import type { Cluster } from './cluster';
import type { JsonClient } from './json-client';

const BETWEEN_POSTS_MS = 5;

export class Load {
  readonly clients: JsonClient[] = [];
  private posts = 0;
  private timer: NodeJS.Timeout | undefined;

  private constructor() {}

  /** Brings clients into the lobby and lets them post until `stop`. */
  static async start(cluster: Cluster, clients = 3): Promise<Load> {
    const load = new Load();
    for (let number = 1; number <= clients; number += 1) load.clients.push(cluster.client(`poster${number}`));
    await Promise.all(load.clients.map((client) => client.joined()));
    load.timer = setInterval(() => load.postOnce(), BETWEEN_POSTS_MS);
    return load;
  }

  /** Waits until each client got this many more acknowledgements. */
  async acks(count: number): Promise<void> {
    await Promise.all(
      this.clients.map((client) => {
        const wanted = client.acked.length + count;
        return client.next(() => client.acked.length >= wanted, `${count} more acknowledgements`);
      }),
    );
  }

  /** Ends the load and waits until all is acknowledged and seen by all. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.clients.map((client) => client.allAcked()));
    const all = this.clients.flatMap((client) => client.posted);
    await Promise.all(this.clients.map((client) => client.sees(all)));
  }

  private postOnce(): void {
    this.posts += 1;
    for (const client of this.clients) {
      const id = `${client.nick}-${this.posts}`;
      client.post(id, id);
    }
  }
}

/**
 * Every acknowledged post is in every transcript once; no transcript has a hole, a repeat or another order than any
 * other; each session's posts keep their order. A text begins with the id of its post.
 */
export function checkTranscripts(clients: readonly JsonClient[], room = 'lobby'): void {
  const byPosition = new Map<number, string>();
  for (const client of clients) {
    expect(client.garbage).toEqual([]);
    const lines = client.transcript(room);
    let last = { position: 0, index: 0 };
    for (const line of lines) {
      if (line.position <= last.position)
        throw new Error(`${client.nick}: position ${line.position} after ${last.position}`);
      if (last.index > 0 && line.index !== last.index + 1) {
        throw new Error(`${client.nick}: index ${line.index} after ${last.index}`);
      }
      const known = byPosition.get(line.position);
      const said = `${line.nick}: ${line.text}`;
      if (known !== undefined && known !== said)
        throw new Error(`position ${line.position} is both ${known} and ${said}`);
      byPosition.set(line.position, said);
      last = line;
    }
  }
  const acked = clients.flatMap((client) => client.acked);
  for (const client of clients) {
    const counts = new Map<string, number>();
    for (const { text } of client.transcript(room)) {
      const id = idOf(text);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const wrong = acked.filter((id) => counts.get(id) !== 1);
    expect(wrong.map((id) => `${client.nick} saw ${id} ${counts.get(id) ?? 0} times`)).toEqual([]);
    checkOrderOfEach(client, room);
  }
}

function idOf(text: string): string {
  return text.split(' ', 1)[0] as string;
}

function checkOrderOfEach(client: JsonClient, room: string): void {
  const lastOf = new Map<string, number>();
  for (const { nick, text } of client.transcript(room)) {
    const number = Number(idOf(text).split('-')[1]);
    if (Number.isNaN(number)) continue;
    const last = lastOf.get(nick) ?? 0;
    if (number <= last) throw new Error(`${client.nick} saw ${text} after ${nick}-${last}`);
    lastOf.set(nick, number);
  }
}
