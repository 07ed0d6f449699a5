/** A cluster that was begun anew while a window was open, and a conversation whose partner is another session. */
import type { RoomModel } from '../../../src/client/window/model';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import { message, OWN, presence, Story, TIME } from './window-model';

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const bare = (row: string) => row.replace(/\u001b\[[\d;]*m/g, '').trimEnd();
const rows = (story: Story) => view(story.model, UNICODE_GLYPHS).conversation.map(bare);
const status = (story: Story) => bare(view(story.model, UNICODE_GLYPHS).status);
const lines = (from: number, to: number, fields = {}) =>
  Array.from({ length: to - from + 1 }, (_, at) => message({ index: from + at, text: `line ${from + at}`, ...fields }));
const lobby = (story: Story) => story.model.rooms[0] as RoomModel;

/** In #dev, while the log in which #lobby had 500 lines is gone. */
function renewed(): Story {
  const story = Story.online().hear(...lines(2, 500));
  story.hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 0, position: 501 }));
  story.hear({ type: 'digest-differs', room: 'lobby', index: 41, ours: 'aa', theirs: 'bb' });
  return story
    .press('M-2')
    .hear(
      { type: 'error', code: 'other-birth', message: 'this is another log; starting a new session' },
      { type: 'welcome', session: 'cc', server: 2, nick: 'alice', position: 5 },
      presence({ nick: 'alice', session: 'cc', index: 2, position: 6 }),
    );
}

test('nothing of the log before is counted, and what comes is news', () => {
  const story = renewed().hear(message({ index: 3, position: 7, text: 'alice: look' }));
  expect(status(story)).toContain('| complete through 7');
  expect(lobby(story)).toMatchObject({ unread: 1, mentions: 1 });
  expect(story.model.alarm).toBeUndefined();
});

test('what was on the screen stays there, without a mark, and lines of the new log come behind it', () => {
  const story = renewed().press('M-1');
  const history = lines(1, 2, { nick: 'carol' }).map((line) => ({
    ...line,
    position: line.index + 2,
    time: TIME + 1000,
  }));
  story.hear({ type: 'history', room: 'lobby', more: false, lines: history });
  const said = [...lobby(story).lines].map((line) => ('text' in line ? line.text : ''));
  expect(said.indexOf('line 500')).toBeGreaterThan(0);
  const own = [...lobby(story).lines].findIndex((line) => line.type === 'presence');
  expect(said.slice(own - 2, own)).toEqual(['line 1', 'line 2']);
  expect(rows(story).filter((row) => row.includes('not loaded'))).toEqual([]);
});

test('a conversation that counts anew is another one: its first line is new, the lines before it have no mark', () => {
  const story = Story.online().hear(...lines(1, 50, { room: '@bob' }));
  story
    .press('M-2', 'M-1')
    .hear(message({ room: '@bob', index: 1, position: 900, text: 'another bob', session: 'dd' }));
  expect(story.model.rooms[1]).toMatchObject({ unread: 1, mentions: 1, readThrough: 0 });
  expect(rows(story.press('M-2')).slice(-5)).toEqual([
    '09:10   bob: line 50',
    '09:10 -- a conversation of its own begins here: one of you has',
    '       ┊ come anew',
    ' -- new --',
    '09:10 ✓ bob: another bob',
  ]);
});

test('a line that comes twice, or late, begins none', () => {
  const story = Story.online().hear(...lines(1, 5, { room: '@bob' }), ...lines(3, 5, { room: '@bob' }));
  expect([...(story.model.rooms[1]?.lines ?? [])].map(({ type }) => type)).toEqual(Array(5).fill('message'));
});
