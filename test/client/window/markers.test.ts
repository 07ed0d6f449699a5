/** How far somebody has read goes with them. */
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import { message, OWN, presence, Story, TIME } from './window-model';

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const SGR = /\u001b\[[\d;]*m/g;
const rows = (story: Story) =>
  view(story.model, UNICODE_GLYPHS).conversation.map((row) => row.replace(SGR, '').trimEnd());
const QUESTION = { type: 'ask', question: { type: 'query', what: 'markers', name: '' }, id: 'markers' };
const earlier = (...indexes: readonly number[]) =>
  indexes.map((index) => message({ index, text: `line ${index}`, earlier: true }));
const join = presence({ nick: 'alice', session: OWN, index: 9 });

function coming(): Story {
  const story = new Story().hear({ type: 'welcome', session: OWN, server: 1, nick: 'alice', position: 0 });
  story.hear({ type: 'status', state: 'online', server: 1, reason: '' });
  return story;
}

function markers(story: Story, index: number, room = 'lobby'): Story {
  return story.hear({ type: 'markers', markers: [{ room, index }] });
}

test('they are asked for on coming online, again after a loss, and when somebody comes back to the window', () => {
  const story = coming();
  expect(story.effects()).toContainEqual(QUESTION);
  markers(story, 1);
  story.hear({ type: 'status', state: 'waiting', server: 0, reason: '' });
  story.happen({ type: 'focus', focused: false }).happen({ type: 'focus', focused: true });
  expect(story.effects().filter(({ type }) => type === 'ask')).toEqual([]);
  story.hear({ type: 'status', state: 'online', server: 2, reason: '' });
  expect(story.effects()).toEqual([QUESTION]);
  // That has no answer yet.
  story.happen({ type: 'focus', focused: false }).happen({ type: 'focus', focused: true });
  expect(story.effects().filter(({ type }) => type === 'ask')).toEqual([]);
  story.hear({ type: 'error', code: 'x', message: 'not now', id: 'markers' });
  story.happen({ type: 'focus', focused: false }).happen({ type: 'focus', focused: true });
  expect(story.effects()).toEqual([QUESTION]);
});

test.each(['before', 'behind'])('a window that comes shows where one stopped reading: known %s the lines', (when) => {
  const story = coming();
  if (when === 'before') markers(story, 7);
  story.hear(...earlier(6, 7, 8, 9), join);
  if (when === 'behind') markers(story, 7);
  expect(rows(story).slice(-5)).toEqual([
    '09:10 ✓ bob: line 7',
    ' -- new --',
    '09:10 ✓ bob: line 8',
    '09:10 ✓ bob: line 9',
    '09:10 -- alice has joined',
  ]);
  expect(story.effects()).toContainEqual({ type: 'read', room: 'lobby', index: 9 });
});

test('so does a room that is joined later', () => {
  const story = coming().hear(join);
  markers(story, 2, 'Dev');
  story.hear(...[2, 3].map((index) => message({ room: 'dev', index, text: `line ${index}`, earlier: true })));
  story.hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 3 }));
  expect(story.model.current).toBe('dev');
  expect(rows(story)).toContain(' -- new --');
});

test('what is seen is told, once it is known what was read before', () => {
  const story = coming().hear(join, message({ index: 10 }));
  expect(story.effects().filter(({ type }) => type === 'read')).toEqual([]);
  markers(story, 10);
  story.effects();
  story.hear(message({ index: 11 }), message({ index: 12 }), message({ room: '@bob', index: 1 }));
  expect(story.effects().filter(({ type }) => type === 'read')).toEqual([
    { type: 'read', room: 'lobby', index: 11 },
    { type: 'read', room: 'lobby', index: 12 },
  ]);
  story.press('M-2');
  expect(story.effects()).toEqual([{ type: 'read', room: '@bob', index: 1 }]);
  story.press('M-1', 'pageup').hear(...Array.from({ length: 40 }, (_, at) => message({ index: 13 + at })));
  story.effects();
  story.press('pageup').hear(message({ index: 53 }));
  expect(story.effects().filter(({ type }) => type === 'read')).toEqual([]);
});

test('what was read at another machine is not unread here any more', () => {
  const story = coming().hear(join);
  markers(story, 9);
  story.hear(...[1, 2, 3].map((index) => message({ room: '@bob', index })));
  expect(story.model.rooms[1]).toMatchObject({ unread: 3, mentions: 3 });
  markers(story, 2, '@bob');
  expect(story.model.rooms[1]).toMatchObject({ unread: 1, mentions: 1 });
  markers(story, 1, '@bob');
  expect(story.model.rooms[1]).toMatchObject({ unread: 1 });
  markers(story, 3, '@bob');
  expect(story.model.rooms[1]).toMatchObject({ unread: 0, mentions: 0 });
});

test('what is unread here is asked for again, once a minute: it may have been read elsewhere', () => {
  const story = markers(coming().hear(join), 1).enter('/query bob');
  const tick = (ms: number) => story.happen({ type: 'tick', time: TIME + ms, nextTryMs: undefined }).effects();
  story.effects();
  expect(tick(120_000)).toEqual([]);
  story.hear(message({ index: 10 }));
  expect(tick(120_001)).toContainEqual(QUESTION);
  expect(tick(300_000)).not.toContainEqual(QUESTION);
  markers(story, 1);
  expect(tick(300_001)).toContainEqual(QUESTION);
  markers(story, 1);
  expect(tick(300_002)).not.toContainEqual(QUESTION);
  markers(story, 10);
  expect(tick(900_000)).not.toContainEqual(QUESTION);
});
