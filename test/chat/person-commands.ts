/** Commands about people, at random: whose nick it is, and what operators do. */
import fc from 'fast-check';
import type { Command, RulingKind } from '../../src/chat/commands';

const RULINGS: readonly RulingKind[] = ['ban', 'mute', 'admit', 'expel'];

/** @param who nicks and keys */
export function personCommands(
  nick: fc.Arbitrary<string>,
  who: fc.Arbitrary<string>,
  room: fc.Arbitrary<string>,
  text: fc.Arbitrary<string>,
): fc.Arbitrary<Command> {
  const ruling = fc.constantFrom(...RULINGS);
  return fc.oneof(
    fc.record({ type: fc.constant('release' as const), nick }),
    fc.record({ type: fc.constant('give' as const), nick, to: who }),
    fc.record({ type: fc.constant('kick' as const), room, who, text }),
    fc.record({ type: fc.constant('rule' as const), ruling, who, text }),
    fc.record({ type: fc.constant('pardon' as const), ruling, who, text }),
    fc.record({ type: fc.constant('shut' as const), room, text }),
    fc.record({ type: fc.constant('strip' as const), nick, text }),
    fc.record({ type: fc.constant('reopen' as const), room, text }),
    fc.record({ type: fc.constant('slow' as const), room, pauseMs: fc.constantFrom(0, 500, 5000) }),
    fc.record({ type: fc.constant('access' as const), mode: fc.constantFrom('open' as const, 'listed' as const) }),
  );
}
