/** Clients in this process that keep a number of posts outstanding, and what came back. */
import type { ClientEvent } from '../src/client/events';
import type { Client } from '../src/client/shell';
import type { BenchCluster } from './cluster';

export interface LoadSettings {
  readonly clients: number;
  /** Posts of each client that are sent and not acknowledged. */
  readonly window: number;
  /** Bytes of a post. */
  readonly size: number;
  /** One room for all, or a room for each. */
  readonly rooms: 'one' | 'each';
  /** What its clients are called. */
  readonly name: string;
}

/** What one client did since the last `reset`. */
class Poster {
  readonly latenciesMs: number[] = [];
  readonly ackTimesMs: number[] = [];
  deliveries = 0;
  posted = 0;
  private readonly sentAt = new Map<string, number>();
  /** Every post that was acknowledged and not seen in the room, or the other way round. */
  private readonly unmatched = new Set<number>();
  private readonly client: Client;
  private posting = false;
  private session = '';
  readonly online: Promise<void>;

  constructor(
    cluster: BenchCluster,
    name: string,
    private readonly room: string,
    private readonly text: string,
    private readonly fail: (reason: string) => void,
  ) {
    let onOnline = () => {};
    this.online = new Promise((resolve) => {
      onOnline = resolve;
    });
    this.client = cluster.client(name, (event) => {
      if (event.type === 'presence' && event.session === this.session && event.event === 'join') onOnline();
      this.onEvent(event);
    });
    this.client.post({ type: 'join', room });
  }

  start(window: number): void {
    this.posting = true;
    for (let count = 0; count < window; count += 1) this.postOne();
  }

  stop(): void {
    this.posting = false;
  }

  get settled(): boolean {
    return this.client.unconfirmed === 0 && this.unmatched.size === 0;
  }

  reset(): void {
    this.latenciesMs.length = 0;
    this.ackTimesMs.length = 0;
    this.deliveries = 0;
  }

  dispose(): void {
    this.client.dispose();
  }

  private postOne(): void {
    this.posted += 1;
    const id = String(this.posted);
    this.sentAt.set(id, performance.now());
    this.client.post({ type: 'say', room: this.room, text: this.text, action: false }, id);
  }

  private onEvent(event: ClientEvent): void {
    switch (event.type) {
      case 'ack':
        this.onAck(event.id, event.position);
        break;
      case 'message':
        this.deliveries += 1;
        if (event.session === this.session) this.match(event.position);
        break;
      case 'welcome':
        this.session = event.session;
        break;
      case 'error':
        this.fail(`${event.code}: ${event.message}`);
        break;
      default:
    }
  }

  private onAck(id: string, position: number): void {
    const now = performance.now();
    this.latenciesMs.push(now - (this.sentAt.get(id) ?? now));
    this.ackTimesMs.push(now);
    this.sentAt.delete(id);
    this.match(position);
    if (this.posting) this.postOne();
  }

  private match(position: number): void {
    if (!this.unmatched.delete(position)) this.unmatched.add(position);
  }
}

export class Load {
  readonly posters: readonly Poster[];
  private failure: string | undefined;

  constructor(cluster: BenchCluster, settings: LoadSettings) {
    const text = 'x'.repeat(settings.size);
    this.posters = Array.from({ length: settings.clients }, (_, index) => {
      const { name } = settings;
      const room = settings.rooms === 'one' ? name : `${name}-${index}`;
      return new Poster(cluster, `${name}-${index}`, room, text, (reason) => {
        this.failure ??= reason;
      });
    });
  }

  async online(): Promise<void> {
    await Promise.all(this.posters.map((poster) => poster.online));
  }

  /** Posts so far, those on their way among them. */
  get posted(): number {
    return this.posters.reduce((sum, { posted }) => sum + posted, 0);
  }

  start(window: number): void {
    for (const poster of this.posters) poster.start(window);
  }

  reset(): void {
    for (const poster of this.posters) poster.reset();
  }

  /** Ends the posting, and checks that every acknowledged post was delivered once and nothing else was. */
  async finish(): Promise<void> {
    for (const poster of this.posters) poster.stop();
    const deadline = performance.now() + 30_000;
    while (!this.posters.every((poster) => poster.settled)) {
      if (performance.now() > deadline) throw new Error('posts that were acknowledged were not delivered, or not once');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (this.failure) throw new Error(this.failure);
  }

  dispose(): void {
    for (const poster of this.posters) poster.dispose();
  }
}
