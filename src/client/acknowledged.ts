/** What a session learns of its own lines by being told of them: they are in the log. */
import type { SessionId } from '../chat/commands';
import { isSaid } from '../chat/event-runs';
import type { AckRun, WireRun } from '../wire/client';

/** The acknowledgements that these events are for the commands of a session. */
export function acksIn(runs: readonly WireRun[], session: SessionId): readonly AckRun[] {
  return runs
    .filter((run) => run.session === session && isSaid(run))
    .map(({ seq, texts, position, round }) => {
      return { firstSeq: seq, count: texts.count, firstPosition: position, round };
    });
}
