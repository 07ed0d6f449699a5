/** How a line was agreed on, and how the servers are, as lines for a person. */
import { isConversation } from '../chat/names';
import { table } from './columns';
import { clockOf } from './days';
import type { ClusterEvent, WhyEvent, WhyStep } from './events';
import { marginOf } from './margin';
import { linkTo } from './place';

/** The answer to `/why`. */
export function whyLines(event: WhyEvent): readonly string[] {
  const { position, room, round, time, ballot, leader, accepted, servers, server, repeats, steps } = event;
  const where = `position ${position} was agreed on in round ${round}, ${clockOf(time, 'seconds')} by the log`;
  const chosen = ballot === '' ? [] : [`ballot ${ballot}, led by server ${leader}`];
  // What two say to each other is nowhere else.
  const link = isConversation(room) ? [] : [`a link to it: ${linkTo(room, position)}`];
  const known = [where, ...chosen, ...link, resendsInWords(event)];
  if (steps.length === 0) {
    return [
      ...known,
      `server ${server} knows no more of it: what it sees it keeps of its latest rounds, until it is stopped`,
    ];
  }
  const start = steps[0]?.time ?? 0;
  const again = repeats === 0 ? [] : [`the leader asked again ${repeats === 1 ? 'once' : `${repeats} times`}`];
  return [
    ...known,
    acceptedInWords(accepted, servers),
    ...again,
    `as server ${server} saw it, from ${clockOf(start, 'seconds')}.${millisecond(start)} on:`,
    ...steps.map((step) => `  ${`+${(step.time - start).toFixed(1)} ms`.padStart(9)}  ${stepInWords(step, server)}`),
  ];
}

function resendsInWords({ resends, afterMs = 0 }: WhyEvent): string {
  if (resends === undefined) return 'whether it was sent again is known to the client that posted it, not here';
  const again = resends === 0 ? 'sent once' : `sent again ${resends === 1 ? '1 time' : `${resends} times`}`;
  return `${again}, acknowledged ${afterMs} ms after it was posted`;
}

function acceptedInWords(accepted: readonly number[], servers: number): string {
  if (accepted.length === 0) return 'who accepted it was not heard';
  const who = accepted.length === 1 ? `server ${accepted[0]}` : `servers ${accepted.join(', ')}`;
  return `accepted by ${who} of ${servers}, as far as was heard`;
}

function stepInWords({ what, server }: WhyStep, teller: number): string {
  switch (what) {
    case 'taken':
      return 'taken from the client';
    case 'proposed':
      return 'proposed';
    case 'accept':
      return server === teller ? 'asked all servers to accept it' : `server ${server}, the leader, asked to accept it`;
    case 'accepted':
      return `accepted by server ${server}: written to its disk`;
    case 'told':
      return `given by server ${server}, which had it already`;
    case 'committed':
      return 'known to be chosen, with all rounds before it';
    case 'delivered':
      return 'applied, and sent to the clients';
  }
}

/** The answer to `/status`. @param width cells for a line: a table that is wider is told in words */
export function clusterLines(event: ClusterEvent, width = Number.POSITIVE_INFINITY): readonly string[] {
  const { server, leader, ballot, servers } = event;
  const led = leader === 0 ? 'no leader' : `leader ${leader}, ballot ${ballot}`;
  const rows = servers.map(({ id, state, committed, lag, clients, silentMs }) => {
    return [id, state, committed, lag, clients, state === 'silent' ? `${(silentMs / 1000).toFixed(0)} s` : '-'];
  });
  const lines = table(['server', 'state', 'committed', 'lag', 'clients', 'silent'], rows).map((row) => `  ${row}`);
  const fits = lines.every((line) => line.length <= width);
  return [
    marginOf(event),
    `${led}; as server ${server} knows, which serves you`,
    ...(fits ? lines : servers.map(serverInWords)),
  ];
}

function serverInWords({ id, state, committed, lag, clients, silentMs }: ClusterEvent['servers'][number]): string {
  const since = state === 'silent' ? ` for ${(silentMs / 1000).toFixed(0)} s` : '';
  return `${id} ${state}${since}: round ${committed}, lag ${lag}, clients ${clients}`;
}

function millisecond(time: number): string {
  return String(Math.floor(time) % 1000).padStart(3, '0');
}
