/**
 * Whether what this client was told is what the servers have: follows the lines of each room, chains them from a digest
 * that a server gave for what was before the first, and compares where it has come to, one question at a time.
 */
import { isConversation } from '../chat/names';
import { digestAfterLine, digestOfText, digestText, type RoomDigest } from '../chat/room-digest';
import type { MessageEvent } from './events';
import type { Asked } from './questions';

/** Between two comparisons, milliseconds. */
const COMPARE_MS = 180_000;
/** Lines of a room that wait for the digest of what was before them; beyond it the later half stays. */
const MAX_WAITING = 1024;

export type DigestQuestion = Extract<Asked, { readonly type: 'digest' }>;

/** Two histories of one room. Digests are 16 hexadecimal digits. */
export interface Difference {
  readonly room: string;
  readonly index: number;
  readonly ours: string;
  readonly theirs: string;
}

interface Followed {
  /** Of all lines through `index`; undefined: it is not known what was before those that wait. */
  digest: RoomDigest | undefined;
  index: number;
  /** It was told that they are not the server's; that is so whatever comes after them. */
  differs: boolean;
  /** Without a gap; empty once the digest is known. */
  waiting: MessageEvent[];
}

/** What was asked: the digest before the first line that waits, or that of all lines through one. */
interface Under {
  readonly id: number;
  readonly room: string;
  readonly ours: RoomDigest | undefined;
}

export class Comparison {
  private readonly rooms = new Map<string, Followed>();
  /** Rooms of which it is not known yet what was before the first line that was told. */
  private readonly begun = new Set<string>();
  /** Rooms that are to be compared. */
  private due: string[] = [];
  private asked: Under | undefined;
  private dueMs = Number.POSITIVE_INFINITY;

  /** @param ask asks the server @returns the question's id, undefined when it cannot be asked now */
  constructor(private readonly ask: (question: DigestQuestion) => number | undefined) {}

  /** A question has no answer yet. */
  get isAsking(): boolean {
    return this.asked !== undefined;
  }

  /** The next line of its room, as it is told. */
  onLine(line: MessageEvent): void {
    const { room, index } = line;
    // A conversation is called by its partner's nick, which may become another session's: that is another conversation.
    if (isConversation(room)) return;
    const known = this.rooms.get(room);
    if (!known || known.index + 1 !== index) {
      this.rooms.set(room, { digest: undefined, index, differs: false, waiting: [line] });
      this.begun.add(room);
      return;
    }
    known.index = index;
    if (known.digest) known.digest = after(known.digest, line);
    else known.waiting.push(line);
    if (known.waiting.length > MAX_WAITING) known.waiting.splice(0, MAX_WAITING / 2);
  }

  /** The digest of the lines of a room that were told, through this one; undefined: it is not known here. */
  digestAt(room: string, index: number): string | undefined {
    const known = this.rooms.get(room);
    return known?.digest && known.index === index ? digestText(known.digest) : undefined;
  }

  /** Everything that was missed has been read. */
  onLive(nowMs: number): void {
    this.dueMs = nowMs + COMPARE_MS;
    this.due = [...this.rooms.keys()];
    this.begun.clear();
    this.next();
  }

  /** Everything that was missed has been read, and time has passed. */
  tick(nowMs: number): void {
    if (nowMs >= this.dueMs) this.onLive(nowMs);
    if (this.begun.size === 0) return;
    this.due.push(...this.begun);
    this.begun.clear();
    this.next();
  }

  /** @returns whether it is an answer to a question of this; and what differs */
  onDigest(id: number, index: number, text: string): { readonly isOurs: boolean; readonly difference?: Difference } {
    const { asked } = this;
    if (asked?.id !== id) return { isOurs: false };
    this.asked = undefined;
    const { room, ours } = asked;
    const known = this.rooms.get(room);
    const theirs = digestOfText(text);
    let difference: Difference | undefined;
    if (ours && known) {
      const differs = digestText(ours) !== text;
      if (differs && !known.differs) difference = { room, index, ours: digestText(ours), theirs: text };
      known.differs = differs;
    } else if (!ours && theirs && known && known.waiting[0]?.index === index + 1) {
      known.digest = known.waiting.reduce(after, theirs);
      known.waiting = [];
      this.due.unshift(room);
    }
    this.next();
    return difference ? { isOurs: true, difference } : { isOurs: true };
  }

  /** There is no answer. @returns whether it is to a question of this */
  onNoAnswer(id: number): boolean {
    if (this.asked?.id !== id) return false;
    this.asked = undefined;
    this.next();
    return true;
  }

  /** The log is another one: what was told is not of it. */
  restart(): void {
    this.rooms.clear();
    this.begun.clear();
    this.due = [];
    // The answer may come from the other log.
    if (this.asked) this.asked = { ...this.asked, ours: undefined };
  }

  private next(): void {
    while (!this.asked) {
      const room = this.due.shift();
      if (room === undefined) return;
      const known = this.rooms.get(room);
      if (!known) continue;
      const { digest, index, waiting } = known;
      const [first] = waiting;
      const question: DigestQuestion | undefined = digest
        ? { type: 'digest', room, index, position: 0 }
        : first && { type: 'digest', room, index: 0, position: first.position - 1 };
      const id = question && this.ask(question);
      if (id !== undefined) this.asked = { id, room, ours: digest };
    }
  }
}

function after(digest: RoomDigest, { action, ...line }: MessageEvent): RoomDigest {
  return digestAfterLine(digest, { ...line, kind: action ? 'action' : 'message' });
}
