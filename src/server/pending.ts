/**
 * Commands that clients of this server have handed over and that are not committed yet. What was proposed may be lost
 * whenever the leader changes, so it is kept here, in each session's order, until the log has it, and proposed again.
 */
import type { SessionId } from '../chat/commands';

/** One encoded group as it came from its client. */
interface PendingGroup {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly bytes: Uint8Array;
}

interface PendingSession {
  groups: PendingGroup[];
  commands: number;
  /** When the oldest group was last proposed, on the monotonic clock. */
  proposedAtMs: number;
}

export class Pending {
  private readonly sessions = new Map<SessionId, PendingSession>();

  /** @param maxCommands the most commands kept for one session: more are not taken, the client sends them again */
  constructor(private readonly maxCommands: number) {}

  /**
   * Keeps a group.
   * @returns false when it need not be proposed now: it waits here already, or the session has too much waiting
   */
  add(session: SessionId, firstSeq: number, count: number, bytes: Uint8Array, nowMs: number): boolean {
    const lastSeq = firstSeq + count - 1;
    const waiting = this.sessions.get(session) ?? { groups: [], commands: 0, proposedAtMs: nowMs };
    const newest = waiting.groups[waiting.groups.length - 1];
    if (newest && lastSeq <= newest.lastSeq) return false;
    if (waiting.commands + count > this.maxCommands) return false;
    waiting.groups.push({ firstSeq, lastSeq, bytes });
    waiting.commands += count;
    this.sessions.set(session, waiting);
    return true;
  }

  /** The log has everything of this session up to `lastSeq`. */
  settle(session: SessionId, lastSeq: number, nowMs: number): void {
    const waiting = this.sessions.get(session);
    if (!waiting) return;
    let settled = 0;
    for (const group of waiting.groups) {
      if (group.lastSeq > lastSeq) break;
      waiting.commands -= group.lastSeq - group.firstSeq + 1;
      settled += 1;
    }
    if (settled === 0) return;
    waiting.groups.splice(0, settled);
    waiting.proposedAtMs = nowMs;
    if (waiting.groups.length === 0) this.sessions.delete(session);
  }

  /** The session is served elsewhere, or is gone. */
  forget(session: SessionId): void {
    this.sessions.delete(session);
  }

  /** The groups of one session that the log misses, to be proposed again, in order. */
  again(session: SessionId, nowMs: number): readonly Uint8Array[] {
    const waiting = this.sessions.get(session);
    if (!waiting) return [];
    waiting.proposedAtMs = nowMs;
    return waiting.groups.map((group) => group.bytes);
  }

  /** The groups of all sessions, those of each in order. */
  allAgain(nowMs: number): readonly Uint8Array[] {
    return [...this.sessions.keys()].flatMap((session) => this.again(session, nowMs));
  }

  /** The groups of sessions whose oldest was proposed before `beforeMs`. */
  overdue(beforeMs: number, nowMs: number): readonly Uint8Array[] {
    const late: Uint8Array[] = [];
    for (const [session, waiting] of this.sessions) {
      if (waiting.proposedAtMs <= beforeMs) late.push(...this.again(session, nowMs));
    }
    return late;
  }
}
