import { InvariantError, invariant, unreachable } from '../../src/lib/assert';

test('an invariant that does not hold throws its message', () => {
  expect(() => invariant(1, 'holds')).not.toThrow();
  for (const broken of [false, 0, '', null, undefined]) {
    expect(() => invariant(broken, 'does not hold')).toThrow(new InvariantError('does not hold'));
  }
});

test('what cannot be reached names what reached it', () => {
  expect(() => unreachable({ type: 'new kind' } as never)).toThrow('unreachable: {"type":"new kind"}');
});
