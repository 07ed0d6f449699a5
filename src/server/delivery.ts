/**
 * Who of the clients attached here is told of a round's events, in as few frames as can be: clients that get the same
 * events get them in one frame. Each client gets its events of a round in one frame, in order of position.
 */
import type { SessionId } from '../chat/commands';
import type { Applied, EventRun } from '../chat/events';
import { isConversation } from '../chat/names';
import type { ChatState } from '../chat/state';
import type { WireRun } from '../wire/client';
import type { AttachedClient, AttachedClients } from './attached';

/** Events, and the clients that they are for. */
export interface Delivery {
  readonly clients: readonly AttachedClient[];
  readonly runs: readonly WireRun[];
}

/** What has to be sent to the live clients attached here. */
export function deliveriesOf(applied: Applied, chat: ChatState, clients: AttachedClients): readonly Delivery[] {
  const { runs, audiences } = applied;
  const [audience] = audiences;
  if (!audience || clients.size === 0) return [];
  if (audiences.every((other) => other === audience) && !isConversation(runs[0]?.room ?? '')) {
    const live = liveOf(audience, clients);
    return live.length === 0 ? [] : [{ clients: live, runs: runs.map((run) => viewOf(run, '', chat)) }];
  }
  return grouped(applied, chat, clients);
}

/** Events as this reader sees them: rooms by their name, a conversation by the other one's nick. */
export function viewOf(run: EventRun, reader: SessionId, chat: ChatState): WireRun {
  const { kind, position, round, time, index, session, nick, seq, texts, to } = run;
  const name = chat.nameOf(run.room);
  // Most rooms are written as they are looked up: then nothing is to be said otherwise.
  if (!to && name === run.room) return run;
  const room = to ? `@${session === reader ? to.nick : nick}` : name;
  return { kind, position, round, time, room, index, session, nick, seq, texts };
}

/** The general case: clients with the same events, by which stretches of runs they are. */
function grouped({ runs, audiences }: Applied, chat: ChatState, clients: AttachedClients): readonly Delivery[] {
  const stretches = stretchesOf(audiences);
  const stretchesFor = new Map<AttachedClient, number[]>();
  // Where rooms take turns an audience has many stretches.
  const live = new Map<readonly SessionId[], readonly AttachedClient[]>();
  stretches.forEach(({ audience }, number) => {
    const listeners = live.get(audience) ?? liveOf(audience, clients);
    live.set(audience, listeners);
    for (const client of listeners) {
      const numbers = stretchesFor.get(client);
      if (numbers) numbers.push(number);
      else stretchesFor.set(client, [number]);
    }
  });
  const groups = new Map<string, { members: AttachedClient[]; reader: SessionId; runs: readonly EventRun[] }>();
  for (const [client, numbers] of stretchesFor) {
    const own = numbers.map((number) => stretches[number] as Stretch);
    // The two of a conversation see it under different names.
    const personal = own.some(({ from }) => isConversation((runs[from] as EventRun).room));
    const same = `${personal ? client.session : ''}:${numbers.join()}`;
    const group = groups.get(same);
    if (group) group.members.push(client);
    else {
      const theirs = own.flatMap(({ from, to }) => runs.slice(from, to));
      groups.set(same, { members: [client], reader: client.session, runs: theirs });
    }
  }
  return [...groups.values()].map(({ members, reader, runs: theirs }) => ({
    clients: members,
    runs: theirs.map((run) => viewOf(run, reader, chat)),
  }));
}

/** Runs in a row that are for the same sessions. */
interface Stretch {
  readonly audience: readonly SessionId[];
  readonly from: number;
  /** The one after the last. */
  to: number;
}

function stretchesOf(audiences: Applied['audiences']): readonly Stretch[] {
  const stretches: Stretch[] = [];
  audiences.forEach((audience, index) => {
    const last = stretches[stretches.length - 1];
    if (last?.audience === audience) last.to = index + 1;
    else stretches.push({ audience, from: index, to: index + 1 });
  });
  return stretches;
}

function liveOf(audience: readonly SessionId[], clients: AttachedClients): readonly AttachedClient[] {
  const live: AttachedClient[] = [];
  if (clients.size < audience.length) {
    const wanted = new Set(audience);
    for (const client of clients.all()) if (client.live && wanted.has(client.session)) live.push(client);
    return live;
  }
  for (const session of new Set(audience)) {
    const client = clients.ofSession(session);
    if (client?.live) live.push(client);
  }
  return live;
}
