/** The keys while something lies over the conversation: they scroll it and close it, and type nothing. Pure. */

import { only, type Updated } from './effects';
import type { Key } from './key';
import type { WindowModel } from './model';
import { overlayScrolled } from './overlay';
import { layoutOf } from './view';

const CLOSING = new Set(['escape', 'f1', 'f2', 'q']);
/** With Ctrl: to leave, to paint anew, to the shell. */
const NOT_ITS_OWN = new Set(['c', 'l', 'z']);

/** What a key does to the overlay; undefined when there is none, or the key is for the window as ever. */
export function onOverlayKey(model: WindowModel, key: Key): Updated | undefined {
  const { overlay } = model;
  if (!overlay || (key.ctrl && NOT_ITS_OWN.has(key.name ?? ''))) return undefined;
  if (key.ctrl) return only(model);
  if (CLOSING.has(key.name ?? '')) return only({ ...model, overlay: undefined });
  const { conversation: width, height } = layoutOf(model);
  const by = rowsBy(key.name ?? '', Math.max(1, height - 2));
  const { time: now, link, troubleSince } = model;
  return only({ ...model, overlay: overlayScrolled(overlay, by, { width, height, now, link, troubleSince }) });
}

function rowsBy(name: string, page: number): number {
  switch (name) {
    case 'up':
    case 'k':
      return -1;
    case 'down':
    case 'j':
    case 'return':
      return 1;
    case 'pageup':
    case 'b':
      return -page;
    case 'pagedown':
    case 'space':
      return page;
    case 'home':
      return Number.NEGATIVE_INFINITY;
    case 'end':
      return Number.POSITIVE_INFINITY;
    default:
      return 0;
  }
}
