/** Text of others made harmless for a terminal: nothing in it moves the cursor, changes colours or reorders a line. */

/** Whole escape sequences: OSC, DCS, PM, APC and SOS up to their end or that of the line, CSI, and any other escape with its character. */
const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it removes
  /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?/g;
/** Control characters but the line break, controls of direction, and what pretends to be nothing at all. */
const CONTROLS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ufff9-\ufffb]/g;

/** Without escape sequences, controls and halves of characters. Line breaks stay; tabs become spaces. */
export function inert(text: string): string {
  return text.toWellFormed().replace(SEQUENCES, '').replaceAll('\t', ' ').replace(CONTROLS, '');
}

/** The same on one line: line breaks become a visible mark. */
export function inertLine(text: string): string {
  return inert(text).replaceAll('\n', ' ⏎ ');
}
