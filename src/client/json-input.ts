/** A line of `--json` input: a JSON object, or what a person would type. */
import { type Action, parseInput, say } from './commands';

export interface JsonRequest {
  readonly action: Action;
  /** Comes back in the ack or the error; '' for none. */
  readonly id: string;
}

/** @param room the current room, for lines that name none */
export function parseJsonInput(line: string, room: string): JsonRequest {
  if (!line.trimStart().startsWith('{')) return { action: parseInput(line, room), id: '' };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return problem('a line that begins with { has to be a JSON object', '');
  }
  const { type, id: rawId, room: rawRoom, text, ...rest } = value as Record<string, unknown>;
  if (rawId !== undefined && typeof rawId !== 'string' && typeof rawId !== 'number')
    return problem('id is no text', '');
  const id = rawId === undefined ? '' : String(rawId);
  const [unknown] = Object.keys(rest).filter((key) => key !== 'action');
  if (unknown !== undefined) return problem(`unknown field ${unknown}; allowed: type, id, room, text, action`, id);
  if (type !== 'post') return problem(`type is ${JSON.stringify(type) ?? 'missing'}; allowed: "post"`, id);
  if (typeof text !== 'string') return problem('text is missing, or no text', id);
  if (rawRoom !== undefined && typeof rawRoom !== 'string') return problem('room is no text', id);
  if (rest.action !== undefined && typeof rest.action !== 'boolean')
    return problem('action is neither true nor false', id);
  return { action: say(rawRoom ?? room, text, rest.action === true), id };
}

function problem(message: string, id: string): JsonRequest {
  return { action: { type: 'problem', message }, id };
}
