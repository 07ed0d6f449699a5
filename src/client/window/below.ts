/** What a pane that is scrolled up says of what is below it, and what the window said meanwhile. Pure. */

import { isConversation } from '../../chat/names';
import * as inertly from '../inert';
import { cut, settled, wrap } from './cells';
import { isOfLog, lastBefore, linesBefore } from './logged';
import type { RoomModel, Scrolled } from './model';
import { type Glyphs, SGR } from './style';

/** The last row of the pane: how much is below it, lines that are not loaded among them, and how much of it is news. */
export function belowRow(room: RoomModel, { below, told }: Scrolled, width: number): string {
  const { echoes, unread } = room;
  const count = below + missingBelow(room, below) + echoes.length - told.length;
  // There may be rows only, of the last line.
  const words = ` ${count > 0 ? count : 'more'} below${unread > 0 ? `, ${unread} new` : ''}: PgDn, Alt-End `;
  return `${SGR.reverse}${cut(words, width)}${SGR.reset}`;
}

/** Rows over the last ones of the pane: what the window said is at the end, where nobody would see it. */
export function toldRows({ told }: Scrolled, { goesOn }: Glyphs, width: number, most: number): readonly string[] {
  if (told.length === 0) return [];
  const rows = told.flatMap((text) => settled(inertly.inert(text)).split('\n'));
  const wrapped = rows.flatMap((row) => wrap(`-- ${row}`, width, ` ${goesOn} `));
  const rest = '-- the rest of it is below';
  const shown = wrapped.length > most - 1 ? [...wrapped.slice(0, Math.max(1, most - 2)), rest] : wrapped;
  const rule = `${SGR.dim}${'-'.repeat(width)}${SGR.reset}`;
  const answer = shown.map((row) => cut(row, width));
  return (most > 2 ? [rule, ...answer] : answer).slice(0, most);
}

/** Lines of the log below that were not loaded. In a conversation that is not known, as for its gaps. */
function missingBelow({ name, lines }: RoomModel, below: number): number {
  if (isConversation(name)) return 0;
  let before = lastBefore(lines, lines.length - below);
  let missing = 0;
  for (let at = lines.length - below; at < lines.length; at += 1) {
    const line = lines.at(at);
    if (!isOfLog(line)) continue;
    if (before) missing += Math.max(0, linesBefore(line) - before.index);
    before = line;
  }
  return missing;
}
