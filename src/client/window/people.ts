/** Who is in a room, and whether they can be expected to read what is said there. Pure. */
import type { QueryRow } from '../../wire/client';
import type { PresenceEvent } from '../events';

export interface Person {
  readonly nick: string;
  /** They said so. */
  readonly away: boolean;
  /** Their client has no connection at present. */
  readonly offline: boolean;
}

/** What a server says of somebody without a connection, in place of what they are away with. */
const OFFLINE = 'offline';

/** The people in an answer to who is here. */
export function peopleOf(rows: readonly QueryRow[]): readonly Person[] {
  return rows.map(({ name: nick, text }) => ({
    nick,
    away: text !== '' && text !== OFFLINE,
    offline: text === OFFLINE,
  }));
}

/** Who is here after something happened. */
export function peopleAfter(people: readonly Person[], { event, nick, text }: PresenceEvent): readonly Person[] {
  const changed = (change: Partial<Person>) =>
    people.map((person) => (person.nick === nick ? { ...person, ...change } : person));
  switch (event) {
    case 'join':
      return [...without(people, nick), { nick, away: false, offline: false }];
    case 'leave':
    case 'quit':
    case 'kick':
      return without(people, nick);
    case 'nick':
      return changed({ nick: text });
    case 'offline':
    case 'online':
      return changed({ offline: event === 'offline' });
    case 'away':
    case 'back':
      return changed({ away: event === 'away' });
    case 'shut':
      return [];
    case 'topic':
    case 'retain':
    case 'mute':
    case 'unmute':
    case 'reopen':
    case 'slow':
      return people;
  }
}

function without(people: readonly Person[], nick: string): readonly Person[] {
  return people.filter((person) => person.nick !== nick);
}
