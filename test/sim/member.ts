/** A client of the virtual cluster: a person who joins rooms, talks, and remembers what was said and shown. */
import type { Command } from '../../src/chat/commands';
import type { ClientEvent, MessageEvent } from '../../src/client/events';
import { Client } from '../../src/client/shell';
import type { ClusterConfig } from '../../src/config/schema';
import { unreachable } from '../../src/lib/assert';
import { type Random, randomInt } from '../../src/lib/prng';
import { keyText, type Signer } from '../../src/lib/signer';
import type { Transport } from '../../src/transport/transport';
import type { Page, Posted, Shown, Transcript } from './history';
import type { VirtualProcess } from './process';
import { Violation } from './trace';

const ROOMS = ['lobby', 'attic', 'cellar'];
/** Refusals that a person may cause: somebody whom it speaks to is gone, or it may not do what it wants to. */
const EXPECTED_ERRORS = [
  'no-such-nick',
  'nick-in-use',
  'muted',
  'slow-mode',
  'not-operator',
  'is-operator',
  'no-such-person',
  'bad-room',
];
/** What the ids of what operators do begin with. */
const RULING = 'ruling';
/** How long a slow room makes a person wait, milliseconds. */
const PAUSES_MS = [0, 0, 300, 2000];

/** What somebody did as an operator: how often, and what came of it. */
export interface Rulings {
  tried: number;
  acked: number;
  refused: number;
}

export interface MemberOptions {
  /** Its nick, too. */
  readonly name: string;
  readonly process: VirtualProcess;
  readonly signer: Signer;
  readonly transport: Transport;
  readonly config: ClusterConfig;
  /** Those that it may speak to. */
  readonly nicks: () => readonly string[];
  /** Those of them that are somebody's for certain: its own, once it is welcome. */
  readonly taken: () => readonly string[];
  readonly random: Random;
  readonly nowMs: () => number;
  /** How many earlier lines it asks for. */
  readonly history: number;
  /** Told of what it says, and of what it is told. */
  readonly note: (what: string) => void;
}

export class Member {
  readonly posts: Posted[] = [];
  readonly shown: Shown[] = [];
  readonly rulings: Rulings = { tried: 0, acked: 0, refused: 0 };
  readonly name: string;
  readonly process: VirtualProcess;
  private readonly pages: Page[] = [];
  private readonly client: Client;
  /** The rooms that it is in for good: those that it never leaves. */
  private readonly home: readonly string[];
  private readonly random: Random;
  private readonly byId = new Map<string, Posted>();
  private readonly texts = new Set<string>();
  private session = '';
  private said = 0;
  private ready: (() => void) | undefined;
  private readyPromise: Promise<void> | undefined;
  private readonly joined = new Map<string, number>();
  private readonly lastIndex = new Map<string, number>();

  constructor(private readonly options: MemberOptions) {
    const { name, process, signer, transport, config, random, history } = options;
    this.name = name;
    this.process = process;
    this.random = random;
    this.home = ROOMS.slice(0, randomInt(random, 1, ROOMS.length + 1));
    this.client = new Client({
      endpoint: config.balancer.clients,
      cluster: config.cluster,
      nick: name,
      signer,
      reclaim: false,
      history,
      limits: config.limits.client,
      transport,
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

  hasSeen(text: string): boolean {
    return this.texts.has(text);
  }

  /** Says or does something, by chance. */
  act(): void {
    const dice = this.random.next();
    const room = this.pick(this.home);
    if (dice < 0.86) for (let count = randomInt(this.random, 1, 5); count > 0; count -= 1) this.say(room);
    else if (dice < 0.9) this.command({ type: 'topic', room, text: `topic ${this.said}` });
    else if (dice < 0.93) this.direct();
    else if (dice < 0.94) this.command({ type: 'away', text: dice < 0.935 ? 'for a while' : '' });
    else if (dice < 0.945) this.command({ type: 'nick', nick: this.pick([this.name, ...this.options.taken()]) });
    else if (dice < 0.955) this.rule(room);
    else if (dice < 0.97) this.client.ask({ type: 'query', what: 'names', name: room });
    else this.client.ask({ type: 'history', room, before: 0, limit: randomInt(this.random, 1, 60) });
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
    const { name, shown, pages, joined, home } = this;
    return { client: name, shown, pages, joined, isHere, complete: isHere ? home : [] };
  }

  get isWelcome(): boolean {
    return this.session !== '';
  }

  /** It was shown that it is in all of its rooms. */
  get isHome(): boolean {
    return this.home.every((room) => this.joined.has(room));
  }

  private direct(): void {
    const nick = this.pick(this.options.nicks());
    const text = this.newText(0);
    this.post(text, `@${nick}`, { type: 'direct', nick, text, action: false });
  }

  /** Does what only operators may, whether it is one or not. */
  private rule(room: string): void {
    const who = this.pick(this.options.nicks());
    const text = `${this.name} has a reason`;
    const command = this.pick<Command>([
      { type: 'slow', room, pauseMs: this.pick(PAUSES_MS) },
      { type: 'rule', ruling: 'mute', who, text },
      { type: 'pardon', ruling: 'mute', who, text },
      { type: 'pardon', ruling: 'mute', who, text },
    ]);
    this.rulings.tried += 1;
    this.client.post(command, `${RULING} ${this.rulings.tried}`);
  }

  private newText(more: number): string {
    this.said += 1;
    return `${this.name}-${this.said}${'.'.repeat(more)}`;
  }

  private post(text: string, room: string, command: Command): void {
    const post = { client: this.name, session: this.name, number: this.said, room, text, atMs: this.options.nowMs() };
    this.posts.push(post);
    this.byId.set(text, post);
    this.options.note(`says ${text} in ${room}`);
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
        if (event.nick !== this.name) throw new Violation('nicks are owned', `${this.name} is called ${event.nick}`);
        break;
      case 'message':
        this.shown.push(shownOf(event));
        this.texts.add(event.text);
        this.lastIndex.set(event.room, event.index);
        this.options.note(`is shown ${event.position}: ${event.text} in ${event.room}`);
        break;
      case 'presence':
        if (event.event === 'join' && event.session === this.session) this.onJoined(event.room, event.index);
        // All of them are taken, and those that are gone may come back.
        if (event.event === 'nick') throw new Violation('nicks are owned', `${event.nick} took ${event.text}`);
        break;
      case 'ack':
        this.onAck(event.id, event.position);
        break;
      case 'error':
        this.onError(event.code, event.message, event.id);
        break;
      case 'history': {
        const lines = event.lines.flatMap((line) => (line.type === 'message' ? [shownOf(line)] : []));
        this.pages.push({ room: event.room, lines, more: event.more });
        this.options.note(`gets ${lines.length} lines of ${event.room}, from ${lines[0]?.index ?? 'nowhere'} on`);
        break;
      }
      case 'ended':
        throw new Violation('sessions stay', `the session of ${this.name} ended with ${event.status}`);
      case 'seam':
        if (event.lost + event.doubled > 0) {
          throw new Violation('seams hold', `${this.name}: ${event.lost} lost, ${event.doubled} doubled`);
        }
        this.options.note(`goes on at server ${event.to}, ${event.resent} sent again`);
        break;
      case 'status':
      case 'sent':
      case 'kept':
      case 'cancelled':
      case 'found':
      case 'answer':
      case 'why':
      case 'cluster':
      case 'digest':
      case 'place':
      case 'markers':
        break;
      case 'discontinuity':
        throw new Violation(
          'nothing is left out',
          `${this.name}: ${event.missing} lines of ${event.room} did not come`,
        );
      case 'digest-differs':
        throw new Violation('digests agree', `${this.name}: ${event.room} through ${event.index} differs`);
      default:
        unreachable(event);
    }
  }

  /** What was said before it came is not for it. */
  private onJoined(room: string, index: number): void {
    if (!this.joined.has(room)) this.joined.set(room, index);
    this.lastIndex.set(room, Math.max(index, this.lastIndex.get(room) ?? 0));
  }

  private onAck(id: string, position: number): void {
    if (id.startsWith(RULING)) this.onRuled(id);
    const post = this.byId.get(id);
    if (!post) return;
    if (post.acked || post.refused) throw new Violation('acknowledged once', `${id} has two outcomes`);
    post.acked = { atMs: this.options.nowMs(), position };
    this.options.note(`knows that ${id} is at ${position}`);
  }

  private onError(code: string, message: string, id = ''): void {
    if (!EXPECTED_ERRORS.includes(code)) throw new Violation('no errors', `${this.name} was told ${code}: ${message}`);
    if (id.startsWith(RULING)) this.rulings.refused += 1;
    const post = this.byId.get(id);
    if (!post) return;
    if (post.acked || post.refused) throw new Violation('acknowledged once', `${id} has two outcomes`);
    post.refused = true;
    this.options.note(`knows that nothing came of ${id}`);
  }

  private onRuled(id: string): void {
    const { config, signer } = this.options;
    this.rulings.acked += 1;
    if (config.access.operators.includes(keyText(signer.key))) return;
    throw new Violation('operators rule', `${this.name} did ${id}, and is no operator`);
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[randomInt(this.random, 0, items.length)] as Item;
  }
}

function shownOf({ position, room, index, text, earlier }: MessageEvent): Shown {
  return { position, room, index, text, earlier: earlier === true };
}
