/** What people and operators can look up about nicks and rulings. */
import type { PersonKey } from './commands';
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
