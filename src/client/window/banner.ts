/** The banner over everything while something is lost: what, for how long, why, and what happens next. Pure. */
import { spanInWords } from '../days';
import { padTo } from './cells';
import { inertLine } from './conversation';
import { alarmText, isAlarmed } from './flaw';
import type { WindowModel } from './model';
import { SGR } from './style';

/** What is the matter, in the words that catch the eye. */
const WORDS: Readonly<Record<WindowModel['link']['state'], string>> = {
  online: '',
  connecting: 'NOT CONNECTED',
  waiting: 'NO SERVER',
  rerouted: 'MOVED',
  'no-majority': 'NO MAJORITY',
  slowed: 'SLOWED',
};

/** Lower windows show it in the status line: there is no row to spare. */
export const BANNER_FROM_ROWS = 8;

/** Whether something is lost, or wrong, that the person has to know of. */
export function isTroubled(model: WindowModel): boolean {
  return model.link.state !== 'online' || isAlarmed(model);
}

/** One row as wide as the window. */
export function bannerRow(model: WindowModel): string {
  return `${SGR.loud}${padTo(` ${troubleOf(model)}`, model.size.columns)}${SGR.reset}`;
}

/** In one line, what matters most first: the end may be cut. @param posts what waits, in words; '' for nothing */
export function troubleOf(model: WindowModel, posts = ''): string {
  const { link, troubleSince, nextTry, time, alarm } = model;
  const waiting = posts === '' ? '' : ` (${posts})`;
  if (link.state === 'online' && alarm) {
    const what = alarm.type === 'digest-differs' ? 'HISTORY DIFFERS' : 'LINES MISSING';
    return `${what}${waiting} (Esc hides this): ${inertLine(alarmText(alarm))}`;
  }
  const since = troubleSince === undefined ? '' : ` for ${spanInWords(time - troubleSince)}`;
  const next = nextTry === undefined ? '' : `, next try in ${spanInWords(nextTry - time)}`;
  return `${WORDS[link.state]}${waiting}${since}${next}: ${inertLine(link.reason)}`;
}
