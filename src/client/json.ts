/** `--json`: one JSON object a line, in and out, and nothing else. */
import { helpLines } from './commands';
import type { Voice } from './headless';
import { parseJsonInput } from './json-input';

export const jsonVoice: Voice = {
  errorsAreEvents: true,
  parse: parseJsonInput,
  show: (event) => `${JSON.stringify(event)}\n`,
  help: (operators) => `${JSON.stringify({ type: 'help', lines: helpLines(operators) })}\n`,
};
