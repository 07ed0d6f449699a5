/** Going to a room by its number. */
import { currentRoom } from '../../../src/client/window/model';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import { OWN, presence, Story } from './window-model';

const ROOMS = 12;

/** In the lobby and eleven more rooms, of which the lobby is shown. */
function many(): Story {
  const story = Story.online();
  for (let at = 2; at <= ROOMS; at += 1)
    story.hear(presence({ room: `r${at}`, nick: 'alice', session: OWN, index: 0 }));
  return story.press('M-1');
}

const inputOf = ({ model }: Story) => view(model, UNICODE_GLYPHS).input.join('\n');

test('two digits go there, and are not typed', () => {
  const story = many().press('M-j');
  expect(inputOf(story)).toContain('room: __ |');
  story.press('1');
  expect(inputOf(story)).toContain('room: 1_ |');
  story.press('2');
  expect(story.model.current).toBe('r12');
  expect(inputOf(story)).toBe('> ');
});

test('one and Enter', () => {
  const story = many().press('M-j', '3', 'enter');
  expect(story.model.current).toBe('r3');
  expect(story.effects().filter(({ type }) => type === 'post')).toEqual([]);
});

test('a number that no room has is told', () => {
  const story = many().press('M-j', '9', '9');
  expect(story.model.current).toBe('lobby');
  expect(currentRoom(story.model).lines.at(-1)).toMatchObject({ type: 'notice', text: 'there is no room 99' });
});

test('Esc goes back; any other key does what it does', () => {
  const story = many().type('half').press('M-j', '1', 'escape');
  expect(inputOf(story)).toBe('> half');
  story.press('M-j', '1').type('x');
  expect(inputOf(story)).toBe('> halfx');
  expect(story.press('M-j', 'M-2').model.current).toBe('r2');
});
