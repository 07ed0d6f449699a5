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
  /** Each begins where the one before it ends, or below: nothing is missing between them. */
  groups: PendingGroup[];
  commands: number;
  bytes: number;
  /** When the oldest group was last proposed, on the monotonic clock. */
  proposedAtMs: number;
  /** When all was last proposed again because others had overtaken it. */
  overtakenAtMs: number;
}

/** What is kept at most; more is not taken, the client sends it again. */
export interface PendingLimits {
  /** Of one session. */
  readonly pendingCommands: number;
  /** Of one session. */
  readonly pendingBytes: number;
  /** Of all sessions together. */
  readonly pendingBytesOfAll: number;
}

export class Pending {
  private readonly sessions = new Map<SessionId, PendingSession>();
  private bytesOfAll = 0;

  constructor(private readonly limits: PendingLimits) {}

  /**
   * Keeps a group.
   * @param logged the last sequence of the session that the log has
   * @returns false when it need not be proposed now: it waits here already, there is too much waiting, or one before it
   *   was lost on its way here and has to be sent again first
   */
  add(session: SessionId, logged: number, firstSeq: number, count: number, bytes: Uint8Array, nowMs: number): boolean {
    const lastSeq = firstSeq + count - 1;
    const waiting = this.sessions.get(session) ?? newSession(nowMs);
    const newest = waiting.groups[waiting.groups.length - 1];
    const reached = Math.max(newest?.lastSeq ?? 0, logged);
    if (newest && lastSeq <= newest.lastSeq) return false;
    if (firstSeq > reached + 1) return false;
    const { pendingCommands, pendingBytes, pendingBytesOfAll } = this.limits;
    if (waiting.commands + count > pendingCommands || waiting.bytes + bytes.length > pendingBytes) return false;
    if (this.bytesOfAll + bytes.length > pendingBytesOfAll) return false;
    waiting.groups.push({ firstSeq, lastSeq, bytes });
    waiting.commands += count;
    waiting.bytes += bytes.length;
    this.bytesOfAll += bytes.length;
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
      waiting.bytes -= group.bytes.length;
      this.bytesOfAll -= group.bytes.length;
      settled += 1;
    }
    if (settled === 0) return;
    waiting.groups.splice(0, settled);
    waiting.proposedAtMs = nowMs;
    if (waiting.groups.length === 0) this.sessions.delete(session);
  }

  /** The session is served elsewhere, or is gone. */
  forget(session: SessionId): void {
    this.bytesOfAll -= this.sessions.get(session)?.bytes ?? 0;
    this.sessions.delete(session);
  }

  /**
   * The groups of a session were overtaken by later ones, to be proposed again, in order. Once for all that is under
   * way: each of those comes back as a gap too.
   */
  overtaken(session: SessionId, expectedSeq: number, beforeMs: number, nowMs: number): readonly Uint8Array[] {
    const waiting = this.sessions.get(session);
    const oldest = waiting?.groups[0];
    if (!waiting || !oldest) return [];
    // What the log expects is not here: it comes from the client, and all after it with it.
    if (oldest.firstSeq > expectedSeq) this.forget(session);
    if (oldest.firstSeq > expectedSeq || waiting.overtakenAtMs > beforeMs) return [];
    waiting.overtakenAtMs = nowMs;
    return this.again(session, nowMs);
  }

  /** The groups of one session that the log misses, to be proposed again, in order. */
  again(session: SessionId, nowMs: number): readonly Uint8Array[] {
    const waiting = this.sessions.get(session);
    if (!waiting) return [];
    waiting.proposedAtMs = nowMs;
    return waiting.groups.map((group) => group.bytes);
  }

  /** The groups of all sessions, those of each in order: a list for each, as there may be no room for all of them. */
  allAgain(nowMs: number): readonly (readonly Uint8Array[])[] {
    return [...this.sessions.keys()].map((session) => this.again(session, nowMs));
  }

  /** The groups of sessions whose oldest was proposed before `beforeMs`, a list for each. */
  overdue(beforeMs: number, nowMs: number): readonly (readonly Uint8Array[])[] {
    const late: (readonly Uint8Array[])[] = [];
    for (const [session, waiting] of this.sessions) {
      if (waiting.proposedAtMs <= beforeMs) late.push(this.again(session, nowMs));
    }
    return late;
  }
}

function newSession(nowMs: number): PendingSession {
  return { groups: [], commands: 0, bytes: 0, proposedAtMs: nowMs, overtakenAtMs: Number.NEGATIVE_INFINITY };
}
