/** What lies over the conversation for a while: its rows, and what of them is in sight. Pure. */
import { clusterLines } from '../agreement-lines';
import { type HelpRow, helpOn } from '../commands';
import { clockOf, spanInWords } from '../days';
import type { ClusterEvent, StatusEvent } from '../events';
import { cut, wrap } from './cells';
import { inertLine } from './conversation';
import { KEYS } from './keys';
import { SGR } from './style';

/** All commands and keys, or what operators may do. */
export interface HelpOverlay {
  readonly type: 'help';
  readonly operators: boolean;
  /** Rows above the first one in sight. */
  readonly top: number;
}

/** The servers, and how many may fail. */
export interface ClusterOverlay {
  readonly type: 'cluster';
  /** The servers are being asked. */
  readonly isAsked: boolean;
  readonly top: number;
}

export type Overlay = HelpOverlay | ClusterOverlay;

/** What was heard of the servers, and when, milliseconds since the epoch. */
export interface HeardOfServers {
  readonly event: ClusterEvent;
  readonly time: number;
}

/** Where it is painted, in cells, and what it shows. */
export interface OverlayPane {
  readonly width: number;
  readonly height: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How the link is, and since when it is not as it should be. */
  readonly link: StatusEvent;
  readonly troubleSince: number | undefined;
  /** Of the servers, last; undefined: nothing yet. */
  readonly heard: HeardOfServers | undefined;
}

/** Later rows of what does not fit into one. */
const MARGIN = ' '.repeat(4);
const CLOSES = { help: 'Esc or F1 closes', cluster: 'Esc or F2 closes' };

/** The rows in sight below their heading, none wider than the pane. */
export function overlayInSight(overlay: Overlay, pane: OverlayPane): readonly string[] {
  const { width, height } = pane;
  const rows = rowsOf(overlay, pane);
  // The pane may be another one than when it was scrolled.
  const { top } = overlayScrolled(overlay, 0, pane);
  const shown = rows.slice(top, top + Math.max(0, height - 1));
  const which = shown.length < rows.length ? ` ${top + 1}-${top + shown.length} of ${rows.length}` : '';
  const heading = ` ${titleOf(overlay, pane)}${which}: ${CLOSES[overlay.type]} `;
  return [`${SGR.reverse}${cut(heading, width)}${SGR.reset}`, ...shown];
}

/** Scrolled by so many rows, down when positive, no further than there is something to see. */
export function overlayScrolled<Kind extends Overlay>(overlay: Kind, by: number, pane: OverlayPane): Kind {
  const most = Math.max(0, rowsOf(overlay, pane).length - Math.max(1, pane.height - 1));
  return { ...overlay, top: Math.max(0, Math.min(overlay.top + by, most)) };
}

function titleOf(overlay: Overlay, { now, heard }: OverlayPane): string {
  if (overlay.type === 'help') return overlay.operators ? 'Help for operators' : 'Help';
  const seconds = heard ? Math.round((now - heard.time) / 1000) : 0;
  return seconds < 3 ? 'Cluster' : `Cluster as it was ${seconds} s ago`;
}

function rowsOf(overlay: Overlay, pane: OverlayPane): readonly string[] {
  if (overlay.type === 'help') return helpRows(overlay.operators, pane.width);
  return clusterPaneLines(pane).flatMap((line) => wrap(line, pane.width, MARGIN));
}

/** What was heard last of the servers, below what is wrong with the way to them. */
function clusterPaneLines({ heard, width, link, troubleSince, now }: OverlayPane): readonly string[] {
  const since = troubleSince === undefined ? '' : ` for ${spanInWords(now - troubleSince)}`;
  const trouble = link.server === 0 ? [`no server serves you${since}: ${inertLine(link.reason)}`] : [];
  const lines = heard ? clusterLines(heard.event, width) : link.server === 0 ? [] : ['the servers are being asked'];
  if (trouble.length > 0) return [...trouble, ...(heard ? ['', 'when one was heard last:'] : []), ...lines];
  if (link.state !== 'no-majority' || troubleSince === undefined) return lines;
  const [margin = '', ...rest] = lines;
  return [`${margin}, since ${clockOf(troubleSince, 'seconds')}`, ...rest];
}

function helpRows(operators: boolean, width: number): readonly string[] {
  const { rows, last } = helpOn(operators, 'window');
  const keys = operators ? [] : ['', ...inColumns(KEYS, width)];
  return [...inColumns(rows, width), ...wrap(last, width, MARGIN), ...keys];
}

/** Side by side; where that is too narrow, one below the other. */
function inColumns(rows: readonly HelpRow[], width: number): readonly string[] {
  const left = Math.max(...rows.map(([what]) => what.length)) + 2;
  if (left < width / 2) return rows.flatMap(([what, does]) => wrap(what.padEnd(left) + does, width, ' '.repeat(left)));
  return rows.flatMap(([what, does]) => [...wrap(what, width, '  '), ...wrap(`  ${does}`, width, '  ')]);
}
