/**
 * Logs of rooms: a folder for each room, a file for each day, the lines as `--plain` prints them. Each line is written
 * once, also after the window was closed and opened again, or when two windows write: beside the files it says how far they
 * go, and one window at a time writes on from there. What was said and is not in them is told in them.
 */
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { isConversation } from '../../chat/names';
import { codeOf } from '../../lib/error-code';
import { fileName } from '../../lib/file-name';
import { isGone, processMark } from '../../lib/process-mark';
import { dateOf } from '../days';
import type { MessageEvent, PresenceEvent } from '../events';
import { logLine } from '../plain';
import { linesBefore } from '../window/logged';

export type Logged = MessageEvent | PresenceEvent;

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What was said in the meantime is written at once. */
const FLUSH_MS = 200;
/** A lock that says nothing for so long says nothing for good. */
const TAKING_MS = 10_000;
/** Lines that wait for a disk that takes none; the oldest go first. */
const MAX_WAITING = 10_000;

/** How far the files of a room go. */
interface Last {
  readonly time: number;
  readonly position: number;
  /** Of the last line in them, or before the first; undefined: that is not known. */
  readonly index: number | undefined;
}

const NOTHING: Last = { time: 0, position: 0, index: undefined };

export class RoomLogs {
  /** By the folder of their room. */
  private waiting = new Map<string, Logged[]>();
  private count = 0;
  /** How far this window has written. Of a conversation of two another window has lines of its own. */
  private readonly ownLast = new Map<string, Last>();
  private timer: NodeJS.Timeout | undefined;
  /** Why what cannot be written: the codes of errors by folder. */
  private readonly failing = new Map<string, string>();
  private ended = false;

  /**
   * @param onTrouble told once for all rooms that cannot be written for the same reason
   * @param wallMs milliseconds since the epoch
   */
  constructor(
    private readonly onTrouble: (text: string) => void,
    private readonly wallMs: () => number,
  ) {}

  /** @param folder of all logs of a cluster, absolute */
  add(folder: string, line: Logged): void {
    if (this.ended) return;
    const room = path.join(folder, fileName(line.room));
    const lines = this.waiting.get(room) ?? [];
    lines.push(line);
    this.waiting.set(room, lines);
    this.count += 1;
    while (this.count > MAX_WAITING) this.dropOldest();
    this.flushSoon();
  }

  /** Writes what waits. */
  end(): void {
    this.ended = true;
    this.flush();
  }

  private flushSoon(): void {
    this.timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [room, lines] of [...this.waiting]) {
      try {
        if (!this.writeInTurn(room, lines)) {
          this.flushSoon();
          continue;
        }
        this.failing.delete(room);
      } catch (error) {
        this.tell(room, codeOf(error));
        continue;
      }
      this.waiting.delete(room);
      this.count -= lines.length;
    }
  }

  private dropOldest(): void {
    for (const [room, lines] of this.waiting) {
      lines.shift();
      this.count -= 1;
      if (lines.length === 0) this.waiting.delete(room);
      return;
    }
  }

  /** @returns false: another window is writing just now */
  private writeInTurn(room: string, lines: readonly Logged[]): boolean {
    mkdirSync(room, { recursive: true, mode: FOLDER_MODE });
    const lock = path.join(room, '.lock');
    const isOurs = takeLock(lock, this.wallMs());
    // At the end nobody is waited for: at worst a few lines are there twice.
    if (!isOurs && !this.ended) return false;
    try {
      this.write(room, lines);
    } finally {
      if (isOurs) release(lock);
    }
    return true;
  }

  private write(room: string, lines: readonly Logged[]): void {
    const written = lastOf(room);
    const own = this.ownLast.get(room);
    const isOfTwo = lines.some((line) => isConversation(line.room));
    let last = own && (isOfTwo || isAfter(own, written)) ? own : written;
    const days = new Map<string, { text: string; last: Last }>();
    for (const line of lines) {
      if (!isAfter(line, last)) continue;
      const file = dayFile(line.time);
      const text = `${days.get(file)?.text ?? ''}${missingBefore(line, last)}${logLine(line)}\n`;
      last = { time: line.time, position: line.position, index: line.index };
      days.set(file, { text, last });
    }
    for (const [file, day] of days) {
      append(path.join(room, file), day.text);
      // It is there, whatever becomes of the next file, or of the note how far they go.
      this.ownLast.set(room, day.last);
    }
    if (isAfter(last, written)) writeLast(room, last);
  }

  private tell(room: string, code: string): void {
    const isTold = [...this.failing.values()].includes(code);
    this.failing.set(room, code);
    if (isTold) return;
    this.onTrouble(`error: ${room}: the log cannot be written (${code}); it is tried again with the next lines`);
  }
}

/** Where a room is written to, in words. @param folder of all logs of the cluster @param now milliseconds since the epoch */
export function whereLogged(folder: string, room: string, now: number): string {
  return `this room is written to ${path.join(folder, fileName(room), dayFile(now))}, each day to another file`;
}

function dayFile(time: number): string {
  return `${dateOf(time)}.log`;
}

/**
 * How many lines of the room are not in its files before this one, in a line; '' for none. No line of the log begins so.
 * Of a conversation that is not known, nor where a cluster began anew.
 */
function missingBefore(line: Logged, { index, position }: Last): string {
  if (index === undefined || isConversation(line.room) || line.position <= position) return '';
  const through = linesBefore(line);
  if (through <= index) return '';
  const [are, which] =
    through === index + 1 ? ['line is', `#${through}`] : ['lines are', `#${index + 1} to #${through}`];
  return `-- ${through - index} ${are} missing here, ${which} --\n`;
}

/** Of a later time, or of the same and later in the log: a cluster that begins anew counts anew, but later. */
function isAfter({ time, position }: Pick<Last, 'time' | 'position'>, last: Last): boolean {
  return time > last.time || (time === last.time && position > last.position);
}

/** All of the text or nothing of it: on a full disk a part may have been written. */
function append(file: string, text: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  try {
    appendFileSync(file, text, { mode: FILE_MODE });
  } catch (error) {
    if (statSync(file, { throwIfNoEntry: false })) truncateSync(file, size);
    throw error;
  }
}

function lastFile(room: string): string {
  return path.join(room, '.last');
}

/** One that is missing or damaged says nothing: at worst a few lines are there twice. */
function lastOf(room: string): Last {
  try {
    const { time, position, index } = JSON.parse(readFileSync(lastFile(room), 'utf8')) as Partial<Last>;
    const isKnown = Number.isSafeInteger(index);
    return { time: Number(time) || 0, position: Number(position) || 0, index: isKnown ? index : undefined };
  } catch {
    return NOTHING;
  }
}

function writeLast(room: string, last: Last): void {
  const next = `${lastFile(room)}.next`;
  writeFileSync(next, JSON.stringify(last), { mode: FILE_MODE });
  renameSync(next, lastFile(room));
}

/** @returns false: another process has it */
function takeLock(lock: string, now: number): boolean {
  const mark = `${processMark(process.pid)}\n`;
  try {
    writeFileSync(lock, mark, { mode: FILE_MODE, flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  if (isHeld(lock, now)) return false;
  writeFileSync(lock, mark, { mode: FILE_MODE });
  return true;
}

/** What stays of it is taken from the next time on, or by others once its process is gone. */
function release(lock: string): void {
  try {
    rmSync(lock, { force: true });
  } catch {}
}

/** By another process, which lives; what a dead one left behind is no lock. */
function isHeld(lock: string, now: number): boolean {
  try {
    const mark = readFileSync(lock, 'utf8').trimEnd();
    // It is being taken just now, or its process died of that.
    if (mark === '') return now - statSync(lock).mtimeMs < TAKING_MS;
    return mark !== processMark(process.pid) && !isGone(mark);
  } catch (error) {
    // It was let go just now: whoever wants it asks again.
    return codeOf(error) === 'ENOENT';
  }
}
