/**
 * Whether what a session is told has no gap and nothing twice. It should be so always; here it is counted instead of
 * believed. Pure.
 */
import { isSaid } from '../chat/event-runs';
import type { WireEvent } from '../wire/client';

export class Continuity {
  /** Of each room, the index of the last line told, which the next one has to follow. */
  private readonly last = new Map<string, number>();
  /** Own lines come in the order in which they were said. */
  private ownSeq = 0;
  private missingLines = 0;
  private doubledLines = 0;

  /** Lines that should have come before one that did. */
  get missing(): number {
    return this.missingLines;
  }

  /** Own lines that the log has once more. */
  get doubled(): number {
    return this.doubledLines;
  }

  /** The next event of the log, as the session is told it. @param isOwn this session did it */
  onEvent(event: WireEvent, isOwn: boolean): void {
    const { room, index, seq } = event;
    const last = this.last.get(room);
    // What was said before somebody came is not for them; earlier lines are asked for.
    const isNew = last === undefined || (isOwn && event.kind === 'join');
    if (!isSaid(event)) {
      if (isNew) this.last.set(room, index);
      return;
    }
    // A conversation is called by its partner's nick, which may become another session's: that counts anew.
    if (!isNew && !room.startsWith('@') && index > last + 1) this.missingLines += index - last - 1;
    this.last.set(room, Math.max(index, last ?? 0));
    if (!isOwn) return;
    if (seq <= this.ownSeq) this.doubledLines += 1;
    else this.ownSeq = seq;
  }

  /** The session is another one: its sequences begin anew, and what it joins is told from there. */
  restart(): void {
    this.last.clear();
    this.ownSeq = 0;
  }
}
