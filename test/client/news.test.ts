/** Whom a line names. */
import { concerns } from '../../src/client/news';
import { message } from './window/window-model';

test.each([
  ['bob: hi', 'bob', true],
  ['BOB!', 'bob', true],
  ['hi bob.', 'bob', true],
  ['so...bob?', 'bob', true],
  ['(bob)', 'bob', true],
  ['bobby: hi', 'bob', false],
  ['bobby and bob', 'bob', true],
  ['bob-2: hi', 'bob', false],
  ['bob.smith: hi', 'bob', false],
  ['ask j.bob', 'bob', false],
  ['john.doe: are you there?', 'john.doe', true],
  ['ask john.doe.', 'john.doe', true],
  ['ask john', 'john.doe', false],
  ['Ame\u0301lie: hi', 'Am\u00e9lie', true],
  ['Ame\u0301lies hat', 'Am\u00e9lie', false],
  ['नमस्ते', 'नमस', false],
])('%j names %s: %s', (text, nick, expected) => {
  expect(concerns(message({ text }), nick)).toBe(expected);
});

test('what is said to somebody alone is about them', () => {
  expect(concerns(message({ room: '@bob', text: 'psst' }), 'alice')).toBe(true);
});
