/** Lines that a session says in one room: each as if it came alone, and those in a row that are heard as one run. */
import type { Application } from './apply';
import { notInRoom, refuseHearing, roomOf } from './apply-command';
import type { Lines } from './commands';
import type { Refusal } from './events';
import type { EditableRoom } from './rooms';
import type { EditableSession } from './sessions';
import { refuseText } from './text';

/** What became of so many lines in a row: said, or refused; then it is one. */
export interface Verdict {
  readonly count: number;
  readonly refusal?: Refusal | undefined;
}

/** The first of them is the command after the session's last one. */
export function applyLines(application: Application, session: EditableSession, lines: Lines): readonly Verdict[] {
  const { state } = application;
  const { texts, action } = lines;
  const room = roomOf(state, session, lines.room);
  const say = (from: number, to: number): Verdict => {
    const said = { kind: action ? 'action' : 'message', seq: session.lastSeq + 1 + from } as const;
    application.happenInARow(room as EditableRoom, { ...said, session, texts: texts.slice(from, to) });
    return { count: to - from };
  };
  const hear = () => (room ? refuseHearing(application, session, [room.key]) : notInRoom(lines.room));
  // Most lines are as they may be: then there is no need to look at each. In a slow room each one counts.
  if (room?.pauseMs === 0 && texts.arePlain(state.limits.textBytes) && !hear()) return [say(0, texts.count)];
  const refusals = texts.toStrings().map((text) => refuseText(text, state.limits) ?? hear());
  const verdicts: Verdict[] = [];
  let from = 0;
  refusals.forEach((refusal, at) => {
    if (!refusal) return;
    if (from < at) verdicts.push(say(from, at));
    verdicts.push({ count: 1, refusal });
    from = at + 1;
  });
  if (from < texts.count) verdicts.push(say(from, texts.count));
  return verdicts;
}
