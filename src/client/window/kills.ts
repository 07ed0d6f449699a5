/** The kill ring: what was cut and can be put in again, in whichever room one is. Pure. */
import { newest } from './newest';

export interface Kills {
  /** The oldest first. */
  readonly texts: readonly string[];
  /** Which of them is put in next. */
  readonly at: number;
}

const MAX_KILLS = 32;
/** UTF-16 units of all of them. */
const MAX_KILLED_UNITS = 262_144;

export const NO_KILLS: Kills = { texts: [], at: 0 };

/** After something was cut. */
export function killed({ texts }: Kills, text: string): Kills {
  if (text === '') return { texts, at: texts.length - 1 };
  const kept = newest([...texts, text], MAX_KILLS, MAX_KILLED_UNITS, ({ length }) => length);
  return { texts: kept, at: kept.length - 1 };
}

/** After another cut in a row: both are one. @param side where the later one was, as seen from the cursor */
export function killedOn({ texts }: Kills, text: string, side: 'before' | 'after'): Kills {
  const last = texts.at(-1) ?? '';
  return killed({ texts: texts.slice(0, -1), at: 0 }, side === 'before' ? text + last : last + text);
}

/** What is put in next; '' when nothing was cut. */
export function yanked({ texts, at }: Kills): string {
  return texts[at] ?? '';
}

/** The one before it is next; after the oldest comes the newest. */
export function turned({ texts, at }: Kills): Kills {
  return { texts, at: at > 0 ? at - 1 : texts.length - 1 };
}
