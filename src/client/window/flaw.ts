/** What is wrong with what the window has of the log: where something is, it does not call it complete. Pure. */
import { isConversation } from '../../chat/names';
import { differsText, missingText } from '../plain';
import type { List } from './list';
import { isOfLog, linesBefore } from './logged';
import { type Alarm, type Line, notice, type RoomModel, type WindowModel } from './model';

/** Of lists that were looked at already: most rooms are as they were when the window was drawn last. */
const counted = new WeakMap<List<Line>, { readonly gone: number; readonly missing: number }>();

/** A history that differs stays the matter, whatever comes after it. */
export function onAlarm(model: WindowModel, alarm: Alarm, time: number): WindowModel {
  const kept = model.alarm?.type === 'digest-differs' && alarm.type === 'discontinuity' ? model.alarm : alarm;
  return notice({ ...model, alarm: kept, alarmHidden: false }, [`error: ${alarmText(alarm)}`], time);
}

/** There is one, and the person has not seen it yet. */
export function isAlarmed({ alarm, alarmHidden }: WindowModel): boolean {
  return alarm !== undefined && !alarmHidden;
}

/** It is what the banner tells of, as nothing is lost that matters more. */
export function isAlarmShown(model: WindowModel): boolean {
  return isAlarmed(model) && model.link.state === 'online';
}

export function alarmText(alarm: Alarm): string {
  return alarm.type === 'digest-differs' ? differsText(alarm) : missingText(alarm);
}

/**
 * In few words, '' when the banner has them; undefined: everything of the log that is for this person is here, from the
 * first line on that is.
 */
export function flawOf({ link, alarm, rooms }: WindowModel): string | undefined {
  if (link.state !== 'online') return '';
  if (alarm?.type === 'digest-differs') return 'a history differs';
  const missing = rooms.reduce((sum, room) => sum + missingIn(room), 0);
  if (missing === 0) return undefined;
  return missing === 1 ? '1 line not loaded' : `${missing} lines not loaded`;
}

/** Lines between those that are here. What the room does not keep any more is not missing. */
function missingIn({ name, lines, gone }: RoomModel): number {
  // Whom the partner's nick belongs to changes, and each conversation counts by itself.
  if (isConversation(name)) return 0;
  const known = counted.get(lines);
  if (known?.gone === gone) return known.missing;
  let missing = 0;
  let last: number | undefined;
  for (const line of lines) {
    if (!isOfLog(line)) continue;
    if (last !== undefined) missing += Math.max(0, linesBefore(line) - Math.max(last, gone));
    last = Math.max(line.index, last ?? 0);
  }
  counted.set(lines, { gone, missing });
  return missing;
}
