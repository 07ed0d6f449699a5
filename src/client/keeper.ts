/**
 * What is kept of a session for the process after this one, and when: before anything is sent that rests on it, and now
 * and then else.
 */
import type { Doubts } from './doubts';
import type { SessionEffect } from './effects';
import type { Identity } from './identity';
import type { Kept } from './kept';
import { KEEP_MS } from './limits';
import type { Posts } from './posts';
import type { Reader } from './reader';
import type { Rooms } from './rooms';

/** All of a session that is kept. */
export interface KeptParts {
  readonly identity: Identity;
  readonly posts: Posts;
  readonly reader: Reader;
  readonly rooms: Rooms;
  readonly doubts: Doubts;
}

export class Keeper {
  private keptAs = '';
  /** What can wait. */
  private keptRest = '';
  private keptMs = Number.NEGATIVE_INFINITY;
  private isOver: boolean;

  /** @param isKept false: nothing is */
  constructor(
    private readonly parts: KeptParts,
    isKept: boolean,
  ) {
    this.isOver = !isKept;
  }

  /** Goes on with what was kept. */
  revive(kept: Kept): void {
    const { posts, reader, rooms, doubts } = this.parts;
    reader.restart(kept.position);
    rooms.revive(kept.rooms);
    doubts.revive(kept.doubts);
    posts.revive(kept);
    doubts.look();
  }

  /** What is to be done before all else: nothing, or one effect. */
  due(nowMs: number): readonly SessionEffect[] {
    if (this.isOver) return [];
    const { identity, posts, reader, doubts } = this.parts;
    // As soon as the end is said, nothing without an outcome is left.
    this.isOver = posts.hasClosed;
    if (this.isOver) return [{ type: 'keep', kept: undefined }];
    const as = `${identity.session} ${identity.birth} ${posts.keptAs} ${doubts.size}`;
    const rest = `${reader.position} ${posts.size}`;
    if (as === this.keptAs && (rest === this.keptRest || nowMs - this.keptMs < KEEP_MS)) return [];
    this.keptAs = as;
    this.keptRest = rest;
    this.keptMs = nowMs;
    return [{ type: 'keep', kept: this.keep() }];
  }

  /** For when the session ends with posts that another one may go on with. */
  atLast(nowMs: number): readonly SessionEffect[] {
    const last = this.due(nowMs);
    this.isOver = true;
    return last;
  }

  private keep(): Kept {
    const { identity, posts, reader, rooms, doubts } = this.parts;
    const { salt, birth } = identity;
    return { salt, birth, position: reader.position, rooms: rooms.names, ...posts.keep(), doubts: doubts.keep() };
  }
}
