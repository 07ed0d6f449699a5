/** The keys while something lies over the conversation: they scroll it and close it. All others are as ever. Pure. */
import { only, type Updated } from './effects';
import type { Key } from './key';
import type { WindowModel } from './model';
import { overlayScrolled } from './overlay';
import { overlayPaneOf } from './view';

const CLOSING = new Set(['escape', 'f1', 'f2']);
/** With Ctrl, what leaves it there: to paint anew, to the shell. */
const NOT_CLOSING = new Set(['l', 'z']);

/** What a key does to the overlay; undefined when there is none, or the key is for the window as ever. */
export function onOverlayKey(model: WindowModel, { name = '', ctrl, meta }: Key): Updated | undefined {
  const { overlay } = model;
  if (!overlay || ctrl || meta) return undefined;
  if (CLOSING.has(name)) return only({ ...model, overlay: undefined });
  const pane = overlayPaneOf(model);
  const by = rowsBy(name, Math.max(1, pane.height - 2));
  return by === 0 ? undefined : only({ ...model, overlay: overlayScrolled(overlay, by, pane) });
}

/** A key did something below the overlay, where nobody would see it; typing goes on under it. */
export function uncovered(before: WindowModel, updated: Updated, { name = '', ctrl }: Key): Updated {
  const { model, effects } = updated;
  const isOld = model.overlay !== undefined && model.overlay === before.overlay;
  if (!isOld || (ctrl && NOT_CLOSING.has(name))) return updated;
  return { model: { ...model, overlay: undefined }, effects };
}

function rowsBy(name: string, page: number): number {
  switch (name) {
    case 'up':
      return -1;
    case 'down':
      return 1;
    case 'pageup':
      return -page;
    case 'pagedown':
      return page;
    case 'home':
      return Number.NEGATIVE_INFINITY;
    case 'end':
      return Number.POSITIVE_INFINITY;
    default:
      return 0;
  }
}
