/** What lies over the conversation for a while: its rows, and what of them is in sight. Pure. */
import { helpLines } from '../commands';
import { cut, wrap } from './cells';
import { keyLines } from './keys';
import { SGR } from './style';

/** All commands and keys, or what operators may do. */
export interface HelpOverlay {
  readonly type: 'help';
  readonly operators: boolean;
  /** Rows above the first one in sight. */
  readonly top: number;
}

export type Overlay = HelpOverlay;

/** Where it is painted, in cells. */
export interface OverlayPane {
  readonly width: number;
  readonly height: number;
}

/** Later rows of what does not fit into one. */
const INDENT = 4;
const CLOSES = 'Esc, F1 or q closes';

/** The rows in sight below their heading, none wider than the pane. */
export function overlayInSight(overlay: Overlay, pane: OverlayPane): readonly string[] {
  const { width, height } = pane;
  const rows = rowsOf(overlay, width);
  // The pane may be another one than when it was scrolled.
  const { top } = overlayScrolled(overlay, 0, pane);
  const shown = rows.slice(top, top + Math.max(0, height - 1));
  const which = shown.length < rows.length ? ` ${top + 1}-${top + shown.length} of ${rows.length}` : '';
  const heading = ` ${titleOf(overlay)}${which}: ${CLOSES} `;
  return [`${SGR.reverse}${cut(heading, width)}${SGR.reset}`, ...shown];
}

/** Scrolled by so many rows, down when positive, no further than there is something to see. */
export function overlayScrolled<Kind extends Overlay>(overlay: Kind, by: number, { width, height }: OverlayPane): Kind {
  const most = Math.max(0, rowsOf(overlay, width).length - Math.max(1, height - 1));
  return { ...overlay, top: Math.max(0, Math.min(overlay.top + by, most)) };
}

function titleOf({ operators }: Overlay): string {
  return operators ? 'Help for operators' : 'Help';
}

function rowsOf(overlay: Overlay, width: number): readonly string[] {
  const lines = overlay.operators ? helpLines('operators') : [...helpLines(''), '', ...keyLines()];
  return lines.flatMap((line) => wrap(line, width, INDENT));
}
