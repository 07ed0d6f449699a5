/** How a round was agreed on, as this server can tell: what it saw, and for older ones what the log says. */
import type { ChatEvent } from '../chat/events';
import { NO_BALLOT } from '../paxos/ballot';
import type { Agreement } from '../wire/agreement';
import type { ServerParts } from './parts';

type Known = Pick<Agreement, 'ballot' | 'accepted' | 'repeats' | 'steps'>;

/** How what happened in a room was agreed on. */
export function agreementOf({ position, round, time }: ChatEvent, parts: ServerParts): Agreement {
  const { id, servers } = parts.options;
  return { position, round, time, server: id, servers: servers.length, ...knownOf(round, parts) };
}

function knownOf(round: number, { facts, ballotOf, options: { clock } }: ServerParts): Known {
  const seen = facts.of(round);
  if (!seen) return { ballot: ballotOf(round) ?? NO_BALLOT, accepted: [], repeats: 0, steps: [] };
  // Noted on the clock that only grows: how far apart they are is right, whatever became of the time of day.
  const startMs = clock.wallMs() - clock.monotonicMs();
  const steps = seen.steps.map(({ what, server, atMs }) => {
    return { what, server, timeUs: Math.max(0, Math.round((startMs + atMs) * 1000)) };
  });
  return { ballot: seen.ballot, accepted: seen.accepted, repeats: seen.repeats, steps };
}
