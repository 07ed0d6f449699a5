/** What the measured window tells of itself: escape sequences between those that it paints with. */

/** What is typed during a phase. */
export type Typing = 'lines' | 'back' | 'pages' | 'resizes';

export interface PhaseReport {
  readonly phase: string;
  /** Messages that came, a second. */
  readonly messagesPerSec: number;
  readonly keys: number;
  /** Between two handled key presses, milliseconds. */
  readonly longestGapMs: number;
  readonly p99GapMs: number;
  /** Lines of the past that the cluster gave so far. */
  readonly earlierLines: number;
  /** Once the garbage is collected, megabytes. */
  readonly heapMb: number;
  readonly residentMb: number;
}

export type Signal =
  | { readonly type: 'phase'; readonly phase: string; readonly typing: Typing }
  /** The phase is over: nothing more is to be typed or said. */
  | { readonly type: 'rest' }
  | { readonly type: 'report'; readonly report: PhaseReport }
  | { readonly type: 'end' };

/** An operating system command of a number that no terminal knows: it is passed over. */
const START = '\u001b]5379;';
const END = '\u0007';

export function encodeSignal(signal: Signal): string {
  return START + JSON.stringify(signal) + END;
}

/** Finds signals in what a window writes, however it is cut into pieces. */
export class SignalReader {
  private rest = '';

  read(piece: string): readonly Signal[] {
    const parts = (this.rest + piece).split(START);
    const last = parts.pop() ?? '';
    const found = parts.slice(1).map(decode);
    const isWhole = parts.length > 0 && last.includes(END);
    if (isWhole) found.push(decode(last));
    // The beginning of a signal may be at the end of a piece.
    this.rest = parts.length > 0 && !isWhole ? START + last : last.slice(-START.length);
    return found;
  }
}

function decode(text: string): Signal {
  return JSON.parse(text.slice(0, text.indexOf(END))) as Signal;
}
