/**
 * Who of the clients attached here is told of a round's events, in as few frames as can be: clients that get the same
 * events get them in one frame. Each client gets its events of a round in one frame, in order of position.
 */
import type { SessionId } from '../chat/commands';
import type { Applied, ChatEvent } from '../chat/events';
import { isConversation } from '../chat/rooms';
import type { ChatState } from '../chat/state';
import type { WireEvent } from '../wire/client';
import type { AttachedClient, AttachedClients } from './attached';

/** Events, and the clients that they are for. */
export interface Delivery {
  readonly clients: readonly AttachedClient[];
  readonly events: readonly WireEvent[];
}

/** What has to be sent to the live clients attached here. */
export function deliveriesOf(applied: Applied, chat: ChatState, clients: AttachedClients): readonly Delivery[] {
  const { events, audiences } = applied;
  const [audience] = audiences;
  if (!audience || clients.size === 0) return [];
  if (audiences.every((other) => other === audience) && !isConversation(events[0]?.room ?? '')) {
    const live = liveOf(audience, clients);
    return live.length === 0 ? [] : [{ clients: live, events: events.map((event) => viewOf(event, '', chat)) }];
  }
  return grouped(applied, chat, clients);
}

/** An event as this reader sees it: rooms by their name, a conversation by the other one's nick. */
export function viewOf(event: ChatEvent, reader: SessionId, chat: ChatState): WireEvent {
  const { kind, position, round, time, index, session, nick, seq, text, to } = event;
  const room = to ? `@${session === reader ? to.nick : nick}` : chat.nameOf(event.room);
  return { kind, position, round, time, room, index, session, nick, seq, text };
}

/** The general case: clients with the same events, by which events they are. */
function grouped({ events, audiences }: Applied, chat: ChatState, clients: AttachedClients): readonly Delivery[] {
  const eventsOf = new Map<AttachedClient, number[]>();
  const live = new Map<readonly SessionId[], readonly AttachedClient[]>();
  audiences.forEach((audience, index) => {
    let listeners = live.get(audience);
    if (!listeners) {
      listeners = liveOf(audience, clients);
      live.set(audience, listeners);
    }
    for (const client of listeners) {
      const indexes = eventsOf.get(client);
      if (indexes) indexes.push(index);
      else eventsOf.set(client, [index]);
    }
  });
  const groups = new Map<string, { members: AttachedClient[]; reader: SessionId; indexes: readonly number[] }>();
  for (const [client, indexes] of eventsOf) {
    // The two of a conversation see it under different names.
    const personal = indexes.some((index) => isConversation((events[index] as ChatEvent).room));
    const same = `${personal ? client.session : ''}:${indexes.join()}`;
    const group = groups.get(same);
    if (group) group.members.push(client);
    else groups.set(same, { members: [client], reader: client.session, indexes });
  }
  return [...groups.values()].map(({ members, reader, indexes }) => ({
    clients: members,
    events: indexes.map((index) => viewOf(events[index] as ChatEvent, reader, chat)),
  }));
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
