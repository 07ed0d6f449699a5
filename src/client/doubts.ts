/**
 * Lines that were sent in a session which has ended since, without a word of what became of them. Their room's history
 * knows: a line is there with its session and its sequence, or, where all that was said since is there, it was not said.
 * Nothing can follow: an ended session says nothing any more.
 */

import type { SessionId } from '../chat/commands';
import { isSaid } from '../chat/event-runs';
import type { WireEvent } from '../wire/client';
import { NO_ORIGIN, type Origin } from './events';
import type { Doubt } from './kept';
import { MAX_DOUBT_PAGES, MAX_PAGE_LINES } from './limits';
import type { Outlet } from './outlet';
import { MAYBE_SAID, NOT_POSTED, type Post, UNCONFIRMED } from './posts';

export interface DoubtsOut {
  /** Asks for lines before an index. @returns the question's id, undefined when it could not be asked */
  askHistory(room: string, before: number, limit: number): number | undefined;
  /** The answer is not wanted any more. */
  forget(question: number): void;
  /** So many of the lines were not said, or nobody will know. */
  onGone(lines: number): void;
}

interface Doubted extends Doubt {
  readonly origin: Origin;
}

/** A room whose history is looked through, and how much of it was. */
interface Looking {
  readonly room: string;
  readonly pages: number;
}

export class Doubts {
  private doubted: readonly Doubted[] = [];
  /** By the id of the question. */
  private readonly looking = new Map<number, Looking>();

  constructor(
    private readonly out: Outlet,
    private readonly asking: DoubtsOut,
  ) {}

  get size(): number {
    return this.doubted.length;
  }

  /** What is to be kept of it. */
  keep(): readonly Doubt[] {
    return this.doubted.map(({ session, seq, after, command }) => ({ session, seq, after, command }));
  }

  /** Goes on with what was kept, and tells which posts that are. */
  revive(kept: readonly Doubt[]): void {
    this.doubted = kept.map((doubt, at) => ({ ...doubt, origin: { id: `doubt ${at + 1}`, line: 0 } }));
    const posts = this.doubted.map(({ origin, command }) => ({ id: origin.id, command, sent: true }));
    if (posts.length > 0) this.out.tell({ type: 'kept', posts });
  }

  /**
   * A session has ended.
   * @param after if they were said, then behind this position
   * @returns how many of the posts the history may know of
   */
  add(posts: readonly Post[], session: SessionId, after: number): number {
    const doubted = posts.map(({ id, line, seq, command }) => ({ session, seq, after, command, origin: { id, line } }));
    this.doubted = [...this.doubted, ...doubted];
    // A conversation is one of two sessions: the next one cannot look into it.
    this.giveUp(({ command }) => command.type === 'direct');
    return doubted.filter(({ command }) => command.type === 'say').length;
  }

  /** Looks through the rooms from their ends on. */
  look(): void {
    for (const question of this.looking.keys()) this.asking.forget(question);
    this.looking.clear();
    for (const room of new Set(this.doubted.map(roomOf))) this.ask({ room, pages: 0 }, 0);
  }

  /** @returns false when it is no answer to a question of this */
  onHistory(id: number, events: readonly WireEvent[]): boolean {
    const looking = this.looking.get(id);
    if (!looking) return false;
    this.looking.delete(id);
    const { room, pages } = looking;
    for (const line of events) this.settle(line);
    const oldest = events[0];
    if (!oldest) this.giveUp((doubt) => roomOf(doubt) === room);
    else {
      const first = oldest.index + (isSaid(oldest) ? 0 : 1);
      this.refute(room, first <= 1 ? 0 : oldest.position);
      if (!this.doubted.some((doubt) => roomOf(doubt) === room)) return true;
      if (pages + 1 < MAX_DOUBT_PAGES && first > 1) this.ask({ room, pages: pages + 1 }, first);
      else this.giveUp((doubt) => roomOf(doubt) === room);
    }
    return true;
  }

  /** Nobody will know of these any more. @returns how many they were */
  giveUp(which: (doubt: Doubt) => boolean = () => true): number {
    return this.drop(which, UNCONFIRMED, MAYBE_SAID);
  }

  private ask(looking: Looking, before: number): void {
    const id = this.asking.askHistory(looking.room, before, MAX_PAGE_LINES);
    if (id !== undefined) this.looking.set(id, looking);
    else this.giveUp((doubt) => roomOf(doubt) === looking.room);
  }

  private settle({ session, seq, position, round }: WireEvent): void {
    const said = this.doubted.find((doubt) => doubt.session === session && doubt.seq === seq);
    if (!said) return;
    this.doubted = this.doubted.filter((doubt) => doubt !== said);
    this.out.tell({ type: 'ack', id: said.origin.id, seq, position, round });
  }

  /** Everything in the room from this position on was looked through. */
  private refute(room: string, from: number): void {
    const isRefuted = (doubt: Doubt) => roomOf(doubt) === room && doubt.after >= from;
    this.drop(isRefuted, NOT_POSTED, 'its session had ended before it could be said');
  }

  private drop(which: (doubt: Doubt) => boolean, code: string, message: string): number {
    const dropped = this.doubted.filter(which);
    this.doubted = this.doubted.filter((doubt) => !which(doubt));
    for (const { origin } of dropped) this.out.tellError(code, message, origin ?? NO_ORIGIN);
    if (dropped.length > 0) this.asking.onGone(dropped.length);
    return dropped.length;
  }
}

function roomOf({ command }: Doubt): string {
  return command.type === 'say' ? command.room : `@${command.nick}`;
}
