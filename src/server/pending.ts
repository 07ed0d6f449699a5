/**
 * Commands that clients of this server have handed over and that are not committed yet. What was proposed may be lost
 * whenever the leader changes, so it is kept here, in each session's order, until the log has it, and proposed again.
 *
 *   add ─▶ [waits] ─ take ─▶ [proposed] ─ settle ─▶
 *             ▲                  │
 *             └──── again ───────┘
 *
 * Only as much is proposed as the Paxos object has room for, a group of each session in turn, and no session faster than
 * it may (pace.ts): the rest waits here, where it costs nobody anything.
 */
import type { SessionId } from '../chat/commands';
import type { Pace } from './pace';

/** The pause before what came to nothing is proposed again doubles so often. */
const MOST_DOUBLINGS = 4;

/** One encoded group as it came from its client. */
interface PendingGroup {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly bytes: Uint8Array;
  /** It was proposed once: to do that again costs its session nothing. */
  paid: boolean;
  /** It came while its session had to wait. */
  readonly slowed: boolean;
  /** When it came, on the monotonic clock. */
  readonly takenAtMs: number;
  /** When it was proposed last; NaN: it was not. */
  proposedAtMs: number;
}

/** When a group came, and when it was proposed. */
export type Handled = Pick<PendingGroup, 'takenAtMs' | 'proposedAtMs'>;

interface PendingSession {
  /** Each begins where the one before it ends, or below: nothing is missing between them. */
  groups: PendingGroup[];
  commands: number;
  bytes: number;
  /** So many of the groups, the first ones, are proposed. */
  proposed: number;
  /** When the log last had something of it, or the oldest group was proposed, on the monotonic clock. */
  progressAtMs: number;
  /** How often it was proposed again since, because nothing came of it. */
  retries: number;
  /** When all was last proposed again because others had overtaken it. */
  overtakenAtMs: number;
}

/** What is kept until it is committed, at most; more is not taken, the client sends it again. */
export interface PendingLimits {
  /** Of one session; at least the client's window. */
  readonly pendingCommands: number;
  /** Of one session; at least the client's window. */
  readonly pendingBytes: number;
  /** Of all sessions together. */
  readonly pendingBytesOfAll: number;
  /** Of a session that has to wait its turn … */
  readonly slowedBytes: number;
  /** … and of all those together: they take no room from the others. */
  readonly slowedBytesOfAll: number;
}

export class Pending {
  private readonly sessions = new Map<SessionId, PendingSession>();
  /** Those of the sessions that have groups to propose, in turn. */
  private readonly turns = new Set<SessionId>();
  private bytesOfAll = 0;
  /** Those of them that came while their session had to wait. */
  private slowedOfAll = 0;

  constructor(
    private readonly limits: PendingLimits,
    private readonly pace: Pace,
  ) {}

  /**
   * Keeps a group, to be proposed.
   * @param logged the last sequence of the session that the log has
   * @returns false when it does not: it is here already, there is too much waiting, or one before it was lost on its way
   *   here and has to be sent again first
   */
  add(session: SessionId, logged: number, firstSeq: number, count: number, bytes: Uint8Array, nowMs: number): boolean {
    const lastSeq = firstSeq + count - 1;
    const waiting = this.sessions.get(session) ?? newSession();
    const newest = waiting.groups[waiting.groups.length - 1];
    const reached = Math.max(newest?.lastSeq ?? 0, logged);
    if (newest && lastSeq <= newest.lastSeq) return false;
    if (firstSeq > reached + 1) return false;
    const { pendingCommands, pendingBytes, pendingBytesOfAll, slowedBytes, slowedBytesOfAll } = this.limits;
    if (waiting.commands + count > pendingCommands) return false;
    const slowed = this.pace.isWaiting(session);
    const [mine, all] = slowed ? [slowedBytes, slowedBytesOfAll] : [pendingBytes, pendingBytesOfAll];
    const ofAll = slowed ? this.slowedOfAll : this.bytesOfAll;
    if (waiting.bytes + bytes.length > mine || ofAll + bytes.length > all) return false;
    // What the log has is not proposed to be said, but to be told what came of it.
    const paid = lastSeq <= logged;
    waiting.groups.push({ firstSeq, lastSeq, bytes, paid, slowed, takenAtMs: nowMs, proposedAtMs: Number.NaN });
    waiting.commands += count;
    waiting.bytes += bytes.length;
    this.count(bytes.length, slowed);
    this.sessions.set(session, waiting);
    this.takesTurn(session, waiting);
    return true;
  }

  /** Proposes as much as there is room for. */
  proposeTo(
    replica: { readonly roomBytes: number },
    propose: (groups: readonly Uint8Array[]) => void,
    nowMs: number,
  ): void {
    for (const session of this.pace.takeDue(nowMs)) this.turns.add(session);
    while (this.turns.size > 0 && replica.roomBytes > 0) propose(this.take(replica.roomBytes, nowMs));
  }

  /** The next groups to propose, about so many bytes of them: one of each session in turn. They count as proposed. */
  take(mostBytes: number, nowMs: number): readonly Uint8Array[] {
    const taken: Uint8Array[] = [];
    let bytes = 0;
    for (const session of this.turns) {
      if (bytes >= mostBytes) break;
      this.turns.delete(session);
      const waiting = this.sessions.get(session);
      const group = waiting?.groups[waiting.proposed];
      if (!waiting || !group) continue;
      if (!group.paid && !this.pace.admits(session, group.lastSeq - group.firstSeq + 1, nowMs)) continue;
      group.paid = true;
      group.proposedAtMs = nowMs;
      if (waiting.proposed === 0) waiting.progressAtMs = nowMs;
      waiting.proposed += 1;
      taken.push(group.bytes);
      bytes += group.bytes.length;
      // At the end of the turns: this loop comes to it again.
      if (waiting.proposed < waiting.groups.length) this.turns.add(session);
    }
    return taken;
  }

  /**
   * The log has everything of this session up to `lastSeq`.
   * @returns the first group that is thereby settled; undefined: none is
   */
  settle(session: SessionId, lastSeq: number, nowMs: number): Handled | undefined {
    const waiting = this.sessions.get(session);
    if (!waiting) return undefined;
    const [first] = waiting.groups;
    let settled = 0;
    for (const group of waiting.groups) {
      if (group.lastSeq > lastSeq) break;
      waiting.commands -= group.lastSeq - group.firstSeq + 1;
      waiting.bytes -= group.bytes.length;
      this.count(-group.bytes.length, group.slowed);
      settled += 1;
    }
    if (settled === 0) return undefined;
    waiting.groups.splice(0, settled);
    waiting.proposed = Math.max(0, waiting.proposed - settled);
    waiting.progressAtMs = nowMs;
    waiting.retries = 0;
    if (waiting.groups.length === 0) this.forget(session);
    return first;
  }

  /** The session is served elsewhere, or is gone. */
  forget(session: SessionId): void {
    for (const { bytes, slowed } of this.sessions.get(session)?.groups ?? []) this.count(-bytes.length, slowed);
    this.sessions.delete(session);
    this.turns.delete(session);
  }

  /** All sessions are served elsewhere. */
  clear(): void {
    this.sessions.clear();
    this.turns.clear();
    this.bytesOfAll = 0;
    this.slowedOfAll = 0;
  }

  /**
   * The groups of a session were overtaken by later ones: all are to be proposed again. Once for all that is under way:
   * each of those comes back as a gap too.
   */
  overtaken(session: SessionId, expectedSeq: number, beforeMs: number, nowMs: number): void {
    const waiting = this.sessions.get(session);
    const oldest = waiting?.groups[0];
    if (!waiting || !oldest) return;
    // What the log expects is not here: it comes from the client, and all after it with it.
    if (oldest.firstSeq > expectedSeq) return this.forget(session);
    if (waiting.overtakenAtMs > beforeMs) return;
    waiting.overtakenAtMs = nowMs;
    this.again(session, waiting);
  }

  /** All that was proposed may be lost: it is to be proposed again. */
  allAgain(): void {
    for (const [session, waiting] of this.sessions) this.again(session, waiting);
  }

  /**
   * What was proposed and has come to nothing for `afterMs` is to be proposed again; each time after twice as long: when
   * all is slow nothing is lost, and more of it makes it slower.
   */
  overdueAgain(afterMs: number, nowMs: number): void {
    for (const [session, waiting] of this.sessions) {
      const patienceMs = afterMs * 2 ** Math.min(waiting.retries, MOST_DOUBLINGS);
      if (waiting.proposed === 0 || nowMs - waiting.progressAtMs < patienceMs) continue;
      waiting.retries += 1;
      this.again(session, waiting);
    }
  }

  /** Called now and then. */
  tidy(nowMs: number): void {
    this.pace.tidy(nowMs);
  }

  private again(session: SessionId, waiting: PendingSession): void {
    waiting.proposed = 0;
    this.takesTurn(session, waiting);
  }

  private count(bytes: number, slowed: boolean): void {
    if (slowed) this.slowedOfAll += bytes;
    else this.bytesOfAll += bytes;
  }

  /** It has something to propose; what is new to the log may have to wait. */
  private takesTurn(session: SessionId, { groups, proposed }: PendingSession): void {
    if (groups[proposed]?.paid || !this.pace.isWaiting(session)) this.turns.add(session);
  }
}

function newSession(): PendingSession {
  const never = Number.NEGATIVE_INFINITY;
  return { groups: [], commands: 0, bytes: 0, proposed: 0, progressAtMs: never, retries: 0, overtakenAtMs: never };
}
