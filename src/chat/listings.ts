/** What people and operators can look up about nicks, rulings, and how far they have read. */
import type { PersonKey, SessionId } from './commands';
import { isConversation } from './names';
import { conversationOf } from './rooms';
import type { ChatState, Row } from './state';

/** A person's nicks, and whether each is offered to somebody. */
export function nicksOf({ claims }: ChatState, key: PersonKey): readonly Row[] {
  return [...claims]
    .filter((claim) => claim.key === key || claim.offered === key)
    .map(({ nick, key: owner, offered }) => {
      const to = offered === '' || offered === owner ? '' : `offered to ${offered}`;
      return { name: nick, text: owner === key ? to : 'offered to you: /nick takes it', count: 0 };
    });
}

/** Who is let in, and what operators decided of people, in the order in which they did. */
export function rulingsOf({ people }: ChatState): readonly Row[] {
  const { rules, rulings } = people.image();
  const operators = rules.operators.map((key) => ({ name: 'operator', text: key, count: 0 }));
  const rows = rulings.map(({ kind, key, nick, text, by }) => {
    const who = nick === '' ? key : `${nick} (${key})`;
    return { name: kind, text: `${who}, by ${by}${text && `: ${text}`}`, count: 0 };
  });
  return [{ name: 'access', text: people.mode, count: 0 }, ...operators, ...rows];
}

/** How far the person of a session has read, a row for each room: its name, and as the count the index. */
export function markersOf(state: ChatState, id: SessionId): readonly Row[] {
  const session = state.sessions.get(id);
  if (!session) return [];
  return state.markers.of(session.key).flatMap(({ room, index }) => {
    const name = nameFor(state, id, room);
    return name === undefined ? [] : [{ name, text: '', count: index }];
  });
}

/** What a session calls a room; undefined: it is a conversation of another one, or with somebody who is gone. */
function nameFor(state: ChatState, reader: SessionId, room: string): string | undefined {
  if (!isConversation(room)) return state.nameOf(room);
  if (!state.canRead(reader, room)) return undefined;
  const [one, other] = conversationOf(room);
  const partner = state.sessions.get(one === reader ? other : one);
  return partner && `@${partner.nick}`;
}
