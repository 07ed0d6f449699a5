/** `--json`: one JSON object a line, in and out, and nothing else. */
import { helpLines } from './commands';
import type { ClientEvent } from './events';
import type { Voice } from './headless';
import { parseJsonInput } from './json-input';

/** What happens on the way of a post: a script waits for its outcome. */
const STEPS: ReadonlySet<ClientEvent['type']> = new Set(['sent', 'cancelled', 'kept']);

export const jsonVoice: Voice = {
  errorsAreEvents: true,
  parse: parseJsonInput,
  show: (event) => (STEPS.has(event.type) ? '' : `${JSON.stringify(event)}\n`),
  moved: () => '',
  help: (about) => `${JSON.stringify({ type: 'help', lines: helpLines(about, 'json') })}\n`,
};
