/** What becomes of everything when a session is gone for good and another one takes its place. */
import type { KeptParts } from './keeper';
import type { Outlet } from './outlet';
import { MAYBE_SAID, type Post, UNCONFIRMED } from './posts';
import type { Questions } from './questions';

/** The session goes on, but somebody else had it meanwhile: its sequences are not this client's any more. */
export const SHARED = 'session-shared';
/** The log is another one. */
export const OTHER_BIRTH = 'other-birth';

export class Renewal {
  constructor(
    private readonly parts: KeptParts,
    private readonly questions: Questions,
    private readonly out: Outlet,
  ) {}

  /**
   * Goes on as another session, and says what that means for what was posted.
   * @param isRevived no server has welcomed the session since it was kept
   * @returns how many posts were sent of which nobody can say any more what became
   */
  start(code: string, message: string, isRevived: boolean, nowMs: number): number {
    const { identity, posts, rooms, doubts, reader } = this.parts;
    const sameLog = code !== OTHER_BIRTH;
    // The history settles what was said by a session that is over, and by no other one.
    const isOver = sameLog && code !== SHARED;
    if (code === SHARED) posts.suspect();
    const sent = posts.restart(rooms.restart(sameLog), sameLog || !isRevived, nowMs);
    this.questions.restart(posts.lastChange);
    const looked = isOver ? doubts.add(sent, identity.session, reader.position) : this.giveUp(sent);
    if (!sameLog) doubts.giveUp();
    const about = looked === 0 ? '' : `; whether ${looked} of your posts were said is looked up`;
    this.out.tellError(code, `${message}${about}; starting a new session`);
    identity.renew(code === SHARED);
    doubts.look();
    return isOver ? 0 : sent.length;
  }

  private giveUp(sent: readonly Post[]): number {
    for (const open of sent) this.out.tellError(UNCONFIRMED, MAYBE_SAID, open);
    return 0;
  }
}
