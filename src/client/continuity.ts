/**
 * Whether what a session is told has no gap and nothing twice. It should be so always; here it is counted instead of
 * believed. Where lines did not come, the history is asked for them: it may have let go of them, but when it has them they
 * should have come, and that is an alarm. Pure.
 */
import { isSaid } from '../chat/event-runs';
import { isConversation } from '../chat/names';
import type { WireEvent } from '../wire/client';
import type { DiscontinuityEvent } from './events';
import { MAX_PAGE_LINES } from './limits';

export interface ContinuityOut {
  /** Asks for so many lines of a room before one. @returns the question's id, undefined when it cannot be asked */
  askHistory(room: string, before: number, limit: number): number | undefined;
  /** There will be no answer to this question, or none is wanted. */
  forget(question: number): void;
  tell(event: DiscontinuityEvent): void;
}

/** Between two lines that were told one after the other. */
type Gap = Pick<DiscontinuityEvent, 'room' | 'after' | 'before'>;

export class Continuity {
  /** Of each room, the index of the last line told, which the next one has to follow. */
  private readonly last = new Map<string, number>();
  /** By the question for the lines that belong there. */
  private readonly gaps = new Map<number, Gap>();
  /** Own lines come in the order in which they were said. */
  private ownSeq = 0;
  private missingLines = 0;
  private doubledLines = 0;

  constructor(private readonly out: ContinuityOut) {}

  /** Lines that should have come before one that did. */
  get missing(): number {
    return this.missingLines;
  }

  /** Own lines that the log has once more. */
  get doubled(): number {
    return this.doubledLines;
  }

  /** Gaps of which it is not known yet whether anything belongs there. */
  get unexplained(): number {
    return this.gaps.size;
  }

  /** The next event of the log, as the session is told it. @param isOwn this session did it */
  onEvent(event: WireEvent, isOwn: boolean): void {
    // A conversation is called by its partner's nick, which may become another session's: that counts anew.
    if (!isConversation(event.room)) this.follow(event, isOwn);
    if (!isOwn || !isSaid(event)) return;
    if (event.seq <= this.ownSeq) this.doubledLines += 1;
    else this.ownSeq = event.seq;
  }

  /** @returns false when it is no answer to a question of this */
  onHistory(id: number, events: readonly WireEvent[]): boolean {
    const gap = this.gaps.get(id);
    if (!gap) return false;
    this.gaps.delete(id);
    const there = events.filter((event) => isSaid(event) && event.index > gap.after);
    const [first] = there;
    // What comes before a full page of lines that are there is not looked at: it was not told either.
    const isPage = there.length === MAX_PAGE_LINES && first;
    this.miss(gap, isPage ? there.length + first.index - gap.after - 1 : there.length);
    return true;
  }

  /** The session is another one: its sequences begin anew, and what it joins is told from there. */
  restart(): void {
    this.last.clear();
    this.ownSeq = 0;
    for (const question of this.gaps.keys()) this.out.forget(question);
    this.gaps.clear();
  }

  private follow(event: WireEvent, isOwn: boolean): void {
    const { room, index } = event;
    const last = this.last.get(room);
    // What was said before somebody came is not for them; earlier lines are asked for.
    const isNew = last === undefined || (isOwn && event.kind === 'join');
    if (!isNew && !isSaid(event)) return;
    if (!isNew && index > last + 1) this.onGap({ room, after: last, before: index });
    this.last.set(room, Math.max(index, last ?? 0));
  }

  private onGap(gap: Gap): void {
    const { room, after, before } = gap;
    const lines = before - after - 1;
    const question = this.out.askHistory(room, before, Math.min(lines, MAX_PAGE_LINES));
    if (question === undefined) this.miss(gap, lines);
    else this.gaps.set(question, gap);
  }

  private miss(gap: Gap, lines: number): void {
    if (lines === 0) return;
    this.missingLines += lines;
    this.out.tell({ type: 'discontinuity', ...gap, missing: lines });
  }
}
