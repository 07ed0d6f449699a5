/** The bytes that make a terminal call its person. */
import type { WindowEffect } from '../window/effects';

type Call = Extract<WindowEffect, { readonly type: 'call' }>;

const BELL = '\u0007';

/**
 * A bell, or a notification of the desktop: OSC 777 for the terminals that know no other, else OSC 9. Never both: those
 * that know both would show two.
 * @param environment tells which terminal it is
 */
export function callSequence({ how, title, text }: Call, environment: NodeJS.ProcessEnv): string {
  if (how === 'off') return '';
  if (how === 'bell') return BELL;
  const { TERM = '', TMUX, VTE_VERSION } = environment;
  const knows777Only = TERM.startsWith('rxvt') || VTE_VERSION !== undefined;
  // A semicolon ends the title.
  const words = knows777Only ? `777;notify;${title.replaceAll(';', ',')};${text}` : `9;${title}: ${text}`;
  const sequence = `\u001b]${words}${BELL}`;
  // tmux hands on what it does not know only when it is told to.
  return TMUX ? `\u001bPtmux;${sequence.replaceAll('\u001b', '\u001b\u001b')}\u001b\\` : sequence;
}
