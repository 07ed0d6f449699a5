/** A key press, and the name by which tables know it. */

/** As node's readline reports it. */
export interface Key {
  readonly name?: string;
  readonly sequence?: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
  readonly shift?: boolean;
}

/** What the decoder has no name for: Ctrl-_, which many terminals send for Ctrl-/ too. */
const CTRL_UNDERSCORE = '\u001f';

/** `C-` for Ctrl and `M-` for Alt before the name: `C-a`, `M-b`, `C-left`, `up`; '' for what only types itself. */
export function chordOf({ name, sequence = '', ctrl, meta }: Key): string {
  if (sequence === CTRL_UNDERSCORE) return 'C-_';
  // A lone escape comes as one with Alt.
  if (name === 'escape') return name;
  const bare = name ?? (meta ? sequence.slice(1) : '');
  return bare === '' ? '' : `${ctrl ? 'C-' : ''}${meta ? 'M-' : ''}${bare}`;
}

/** What the key types: no control character, no escape sequence; '' when it types nothing. */
export function typedBy({ sequence = '', ctrl, meta }: Key): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
  return ctrl || meta || /[\u0000-\u001f\u007f-\u009f]/.test(sequence) ? '' : sequence;
}
