/** One client that posts, and what came back to it. */
import type { ClientEvent } from '../src/client/events';
import type { Client } from '../src/client/shell';
import type { NewClient } from './client';
import { ageMs, stamped } from './stamp';
import { Tally, type TallySum } from './tally';

export interface PosterSettings {
  readonly nick: string;
  /** It posts to each in turn. */
  readonly rooms: readonly string[];
  /** Bytes of a post. */
  readonly size: number;
  /** Told when something was refused. */
  readonly fail: (reason: string) => void;
}

/** What one client did since the last `reset`. */
export class Poster {
  readonly latenciesMs: number[] = [];
  readonly ackTimesMs: number[] = [];
  /** How old the lines were that it was delivered, where they said so. */
  readonly delaysMs: number[] = [];
  deliveries = 0;
  posted = 0;
  /** All that were acknowledged, from the beginning on. */
  private readonly tally = new Tally();
  private readonly sentAt = new Map<string, number>();
  /** Every post that was acknowledged and not seen in the room, or the other way round. */
  private readonly unmatched = new Set<number>();
  private readonly client: Client;
  private readonly text: string;
  private posting = false;
  private session = '';
  private joined = 0;
  private onOnline = () => {};
  readonly online = new Promise<void>((resolve) => {
    this.onOnline = resolve;
  });

  constructor(
    newClient: NewClient,
    private readonly settings: PosterSettings,
  ) {
    this.text = 'x'.repeat(settings.size);
    this.client = newClient(settings.nick, (event) => this.onEvent(event));
    for (const room of settings.rooms) this.client.post({ type: 'join', room });
  }

  start(window: number): void {
    this.posting = true;
    for (let count = 0; count < window; count += 1) this.post(this.text);
  }

  /** A single line, that says when it was posted. */
  postStamped(): void {
    this.post(stamped(this.settings.size));
  }

  stop(): void {
    this.posting = false;
  }

  get told(): { readonly session: string; readonly posts: TallySum } {
    return { session: this.session, posts: this.tally.sum };
  }

  get settled(): boolean {
    return this.client.unconfirmed === 0 && this.unmatched.size === 0;
  }

  reset(): void {
    this.latenciesMs.length = 0;
    this.ackTimesMs.length = 0;
    this.delaysMs.length = 0;
    this.deliveries = 0;
  }

  dispose(): void {
    this.client.dispose();
  }

  private post(text: string): void {
    const { rooms } = this.settings;
    const room = rooms[this.posted % rooms.length] as string;
    this.posted += 1;
    const id = String(this.posted);
    this.sentAt.set(id, performance.now());
    this.client.post({ type: 'say', room, text, action: false }, id);
  }

  private onEvent(event: ClientEvent): void {
    switch (event.type) {
      case 'ack':
        this.tally.add(event.seq, event.position);
        this.onAck(event.id, event.position);
        break;
      case 'message':
        this.onDelivered(event.text);
        if (event.session === this.session) this.match(event.position);
        break;
      case 'welcome':
        this.session = event.session;
        break;
      case 'presence':
        if (event.event === 'join' && event.session === this.session) this.onJoined();
        break;
      case 'error':
        this.settings.fail(`${event.code}: ${event.message}`);
        break;
      default:
    }
  }

  private onJoined(): void {
    this.joined += 1;
    if (this.joined === this.settings.rooms.length) this.onOnline();
  }

  private onDelivered(text: string): void {
    this.deliveries += 1;
    const delayMs = ageMs(text);
    if (delayMs !== undefined) this.delaysMs.push(delayMs);
  }

  private onAck(id: string, position: number): void {
    const now = performance.now();
    this.latenciesMs.push(now - (this.sentAt.get(id) ?? now));
    this.ackTimesMs.push(now);
    this.sentAt.delete(id);
    this.match(position);
    if (this.posting) this.post(this.text);
  }

  private match(position: number): void {
    if (!this.unmatched.delete(position)) this.unmatched.add(position);
  }
}
