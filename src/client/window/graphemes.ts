/** Text as the characters that a person counts. */

/** UTF-16 units that are segmented at once. */
const PIECE_UNITS = 64;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * The characters as a person counts them. A piece at a time: for each of them the segmenter copies all the text that it
 * was given, which for a long one is more than there is memory.
 */
export function graphemes(text: string): readonly string[] {
  const all: string[] = [];
  let length = PIECE_UNITS;
  for (let at = 0; at < text.length; ) {
    const end = at + length + (isInsideCharacter(text, at + length) ? 1 : 0);
    const found = [...segmenter.segment(text.slice(at, end))].map(({ segment }) => segment);
    // The last one may go on in the next piece.
    if (end < text.length) found.pop();
    length = found.length === 0 ? length * 2 : PIECE_UNITS;
    for (const grapheme of found) {
      all.push(grapheme);
      at += grapheme.length;
    }
  }
  return all;
}

/** Between the two halves of a surrogate pair. */
function isInsideCharacter(text: string, at: number): boolean {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff;
}
