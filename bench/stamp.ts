/** Texts that say when they were posted, so that whoever reads one in the same process knows how long it took. */

/** No other text of a benchmark begins with it. */
const MARK = '@';
const RADIX = 36;

/** @param size bytes of the text, at least ten */
export function stamped(size: number): string {
  const microseconds = Math.round(performance.now() * 1000);
  return `${MARK}${microseconds.toString(RADIX)}`.padEnd(size, '.');
}

/** How long ago it was posted, milliseconds; undefined for a text that does not say. */
export function ageMs(text: string): number | undefined {
  if (!text.startsWith(MARK)) return undefined;
  return performance.now() - Number.parseInt(text.slice(1), RADIX) / 1000;
}
