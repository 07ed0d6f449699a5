/** A client of the virtual cluster: a person who joins rooms, talks, and remembers what was said and shown. */
import type { Command } from '../../src/chat/commands';
import type { ClientEvent } from '../../src/client/events';
import { Client } from '../../src/client/shell';
import type { ClusterConfig } from '../../src/config/schema';
import { type Random, randomInt } from '../../src/lib/prng';
import type { Posted, Shown, Transcript } from './history';
import type { Network } from './network';
import type { VirtualProcess } from './process';
import { Violation } from './trace';

const ROOMS = ['lobby', 'attic', 'cellar'];
/** Refusals that a person may cause: a nick that is not there, or taken. */
const EXPECTED_ERRORS = ['no-such-nick', 'nick-in-use', 'not-in-room'];

export class Member {
  readonly posts: Posted[] = [];
  readonly shown: Shown[] = [];
  private readonly client: Client;
  /** The rooms that it is in for good: those that it never leaves. */
  private readonly home: readonly string[];
  private readonly byId = new Map<string, Posted>();
  private session = '';
  private said = 0;
  private ready: (() => void) | undefined;
  private readyPromise: Promise<void> | undefined;
  private readonly joined = new Set<string>();
  private readonly lastIndex = new Map<string, number>();

  constructor(
    readonly name: string,
    readonly process: VirtualProcess,
    network: Network,
    config: ClusterConfig,
    private readonly nicks: () => readonly string[],
    private readonly random: Random,
    private readonly nowMs: () => number,
    /** How many earlier lines it asks for. */
    history: number,
  ) {
    this.home = ROOMS.slice(0, randomInt(random, 1, ROOMS.length + 1));
    this.client = new Client({
      endpoint: config.balancer.clients,
      cluster: config.cluster,
      nick: name,
      history,
      limits: config.limits.client,
      transport: network.transport(process),
      machine: process,
      onEvent: (event) => this.onEvent(event),
      ready: () => this.readyPromise,
    });
    for (const room of this.home) this.client.post({ type: 'join', room });
  }

  /** Everything that it said has an outcome, and every question an answer. */
  get isDone(): boolean {
    return this.client.unconfirmed === 0 && this.client.unanswered === 0;
  }

  /** It was shown the last line of each of its rooms that has any. */
  hasHeard(linesOf: (room: string) => number): boolean {
    return this.home.every((room) => linesOf(room) === (this.lastIndex.get(room) ?? 0));
  }

  /** Says or does something, by chance. */
  act(): void {
    const dice = this.random.next();
    const room = this.pick(this.home);
    if (dice < 0.86) for (let count = randomInt(this.random, 1, 5); count > 0; count -= 1) this.say(room);
    else if (dice < 0.9) this.command({ type: 'topic', room, text: `topic ${this.said}` });
    else if (dice < 0.93) this.direct();
    else if (dice < 0.95) this.command({ type: 'away', text: dice < 0.94 ? 'for a while' : '' });
    else if (dice < 0.97) this.client.query('names', room);
    else this.client.history(room, 0, randomInt(this.random, 1, 60));
  }

  say(room = this.home[0] as string): void {
    const text = this.newText(randomInt(this.random, 0, 120));
    this.post(text, room, { type: 'say', room, text, action: false });
  }

  /** Reads nothing from the cluster until it is woken. */
  sleep(): void {
    this.readyPromise ??= new Promise((resolve) => {
      this.ready = resolve;
    });
  }

  wake(): void {
    this.ready?.();
    this.ready = undefined;
    this.readyPromise = undefined;
  }

  /** @param isHere it stayed to the end */
  transcript(isHere: boolean): Transcript {
    return { client: this.name, shown: this.shown, complete: isHere ? this.home : [] };
  }

  /** It was shown that it is in all of its rooms. */
  get isHome(): boolean {
    return this.home.every((room) => this.joined.has(room));
  }

  private direct(): void {
    const nick = this.pick(this.nicks());
    const text = this.newText(0);
    this.post(text, `@${nick}`, { type: 'direct', nick, text, action: false });
  }

  private newText(more: number): string {
    this.said += 1;
    return `${this.name}-${this.said}${'.'.repeat(more)}`;
  }

  private post(text: string, room: string, command: Command): void {
    const post = { client: this.name, session: this.name, number: this.said, room, text, atMs: this.nowMs() };
    this.posts.push(post);
    this.byId.set(text, post);
    this.client.post(command, text);
  }

  private command(command: Command): void {
    this.client.post(command);
  }

  private onEvent(event: ClientEvent): void {
    switch (event.type) {
      case 'welcome':
        if (this.session !== '' && event.session !== this.session) {
          throw new Violation('sessions stay', `${this.name} lost its session ${this.session}`);
        }
        this.session = event.session;
        break;
      case 'message': {
        const { position, room, index, text, earlier = false } = event;
        this.shown.push({ position, room, index, text, earlier });
        this.lastIndex.set(room, index);
        break;
      }
      case 'presence':
        if (event.event === 'join' && event.session === this.session) {
          this.joined.add(event.room);
          // What was said before it came is not for it.
          this.lastIndex.set(event.room, Math.max(event.index, this.lastIndex.get(event.room) ?? 0));
        }
        break;
      case 'ack': {
        const post = this.byId.get(event.id);
        if (post?.acked) throw new Violation('acknowledged once', `${event.id} was acknowledged twice`);
        if (post) post.acked = { atMs: this.nowMs(), position: event.position };
        break;
      }
      case 'error':
        if (!EXPECTED_ERRORS.includes(event.code)) {
          throw new Violation('no errors', `${this.name} was told ${event.code}: ${event.message}`);
        }
        break;
      case 'ended':
        throw new Violation('sessions stay', `the session of ${this.name} ended with ${event.status}`);
      default:
    }
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[randomInt(this.random, 0, items.length)] as Item;
  }
}
