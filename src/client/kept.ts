/**
 * What is kept of a session, so that another process can go on with it: it is the same session to the log, whose
 * sequences see to it that nothing that is sent once more is said twice.
 */
import type { SessionId } from '../chat/commands';
import type { KeptCommands } from './outstanding';
import type { SaidCommand } from './posts';

export interface Kept extends KeptCommands {
  /** The bytes that the session's id follows from. */
  readonly salt: Uint8Array;
  /** Of the log that has the session; '' as long as no server has welcomed it: then nothing was sent either. */
  readonly birth: string;
  /** The last position seen. */
  readonly position: number;
  /** Rooms that it is in. */
  readonly rooms: readonly string[];
  readonly doubts: readonly Doubt[];
}

/** A line that was sent in a session that has ended since: whether it was said, the history may know. */
export interface Doubt {
  readonly session: SessionId;
  readonly seq: number;
  /** If it was said, then behind this position. */
  readonly after: number;
  readonly command: SaidCommand;
}

/** Where it is kept. */
export interface Outbox {
  /** What the window before this one left behind. */
  readonly kept: Kept | undefined;
  /**
   * Keeps it, at once and as a whole: what depends on it is done afterwards.
   * @param kept undefined: nothing is left to go on with
   * @returns what went wrong, in a line; '' for nothing
   */
  keep(kept: Kept | undefined): string;
}
