/** What is being typed, from one window to the next. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DRAFTS_FILE } from '../../src/client/drafts-file';
import { DraftKeeper } from '../../src/client/ui/draft-keeper';
import { type Drafts, draftsOf, MAX_DRAFTS } from '../../src/client/window/drafts';
import { currentRoom, type Size } from '../../src/client/window/model';
import { opening } from '../../src/client/window/update';
import { openWindowFile } from '../../src/client/window-file';
import { GONE, leftBehind } from './left-behind';
import { OWN, presence, Story } from './window/window-model';

const DRAFTS: Drafts = [
  { name: 'lobby', text: 'half a\nthought 👍' },
  { name: '@bob', text: '' },
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'synod-drafts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => openWindowFile(folder, 'owner', DRAFTS_FILE);

const left = (start: number, content: Drafts) =>
  leftBehind({ folder, owner: 'owner', kind: DRAFTS_FILE, content }, GONE, start);

/** A window that was opened after one with these. */
function openedWith(drafts: Drafts, size: Size = { columns: 80, rows: 24 }): Story {
  const story = new Story(size);
  story.model = opening({ nick: 'alice', room: 'lobby', greeting: [], drafts }, size, 0).model;
  return story;
}

describe('the file', () => {
  test('is for its owner only, and the next window’s', () => {
    expect(open().keep(DRAFTS)).toBe('');
    const [file = ''] = readdirSync(folder);
    expect(file).toMatch(/^drafts-owner-/);
    expect(statSync(path.join(folder, file)).mode & 0o777).toBe(0o600);
    const next = open();
    expect(next.found).toEqual(DRAFTS);
    next.keep(undefined);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['{', 'it is no JSON'],
    ['{"version":1,"rooms":[{"name":"lobby"}]}', 'text is no text'],
    [JSON.stringify({ version: 1, rooms: [{ name: 'x'.repeat(257), text: '' }] }), 'name is too long for a name'],
    [JSON.stringify({ version: 1, rooms: [{ name: 'x', text: 'x'.repeat(65_537) }] }), 'text is too long'],
  ])('that is damaged is put aside: %.40s', (content, why) => {
    open().keep(DRAFTS);
    writeFileSync(path.join(folder, readdirSync(folder)[0] ?? ''), content);
    const { found, warnings } = open();
    expect(found).toBeUndefined();
    expect(warnings.join()).toContain(`what was being typed cannot be read (${why}`);
    expect(readdirSync(folder).join()).toMatch(/\.damaged$/);
  });

  test('of a later program stays where it is', () => {
    open().keep(DRAFTS);
    writeFileSync(path.join(folder, readdirSync(folder)[0] ?? ''), '{"version":2,"other":true}');
    expect(open().warnings.join()).toContain('a later synod wrote it');
    expect(readdirSync(folder).join()).toMatch(/\.json$/);
  });

  test('of a second window is left for a third one, if something was being typed in it', () => {
    left(1, DRAFTS);
    left(2, DRAFTS);
    left(3, [{ name: '@bob', text: '' }]);
    const { found, warnings } = open();
    expect(found).toEqual(DRAFTS);
    expect(warnings).toEqual([DRAFTS_FILE.words.more]);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test.each([
    [1, 2],
    [2, 1],
  ])('in which something was being typed comes before one of a conversation alone: %i, %i', (first, second) => {
    left(first, [{ name: '@bob', text: '' }]);
    left(second, DRAFTS);
    expect(open()).toMatchObject({ found: DRAFTS, warnings: [] });
    expect(open().found).toEqual(DRAFTS);
    expect(readdirSync(folder)).toHaveLength(1);
  });
});

describe('a window', () => {
  test('goes on with what was being typed, and with whom one talked to', () => {
    const story = openedWith([...DRAFTS, { name: 'dev', text: 'later' }]);
    expect(story.model.rooms.map(({ name }) => name)).toEqual(['lobby', '@bob']);
    expect(story.model.current).toBe('lobby');
    expect(currentRoom(story.model).editor.before.join('')).toBe('half a\nthought 👍');
    expect(draftsOf(story.model)).toEqual([...DRAFTS, { name: 'dev', text: 'later' }]);
    story.hear(presence({ room: 'Dev', nick: 'alice', session: OWN })).press('M-3');
    expect(currentRoom(story.model).editor.before.join('')).toBe('later');
    expect(draftsOf(story.model).at(-1)).toEqual({ name: 'Dev', text: 'later' });
  });

  test('keeps what is being typed, not the earlier line that is looked at meanwhile; what is left is nothing', () => {
    const story = Story.online().enter('said').type('unsaid').press('up');
    expect(draftsOf(story.model)).toEqual([{ name: 'lobby', text: 'unsaid' }]);
    story.press('down', 'C-u').enter('/query bob');
    expect(draftsOf(story.model)).toEqual([{ name: '@bob', text: '' }]);
    story.enter('/leave');
    expect(draftsOf(story.model)).toEqual([]);
  });

  test('takes nothing from the file that does something to a terminal', () => {
    const story = openedWith([{ name: 'lobby', text: 'a\u001b[31mb\u202ec' }]);
    expect(currentRoom(story.model).editor.before.join('')).toBe('abc');
  });

  test('keeps nothing of what is no name, and so all else', () => {
    const story = Story.online();
    for (const nick of ['bob', 'x'.repeat(255), 'y'.repeat(256)]) story.press('M-1').enter(`/query ${nick}`).type('hi');
    const kept = draftsOf(story.press('M-1').type('half').model);
    expect(story.model.rooms).toHaveLength(4);
    expect(kept.map(({ name }) => name.length)).toEqual(['lobby'.length, '@bob'.length, 256]);
    open().keep(kept);
    expect(open()).toMatchObject({ found: kept, warnings: [] });
  });

  test('keeps no more than the file may have', () => {
    const all = Array.from({ length: MAX_DRAFTS + 9 }, (_, at) => ({ name: `r${at}`, text: 'x'.repeat(8000) }));
    const kept = draftsOf(openedWith(all).model);
    expect(kept.length).toBeLessThan(MAX_DRAFTS);
    const withBob = [...all, { name: '@bob', text: '' }];
    expect(draftsOf({ ...openedWith([]).model, drafts: withBob }).at(-1)).toEqual({ name: '@bob', text: '' });
    open().keep(kept);
    expect(open().found).toEqual(kept);
  });
});

test('is written soon, once for all that changes, at the end at once, and trouble is told once', () => {
  jest.useFakeTimers();
  const written: Drafts[] = [];
  const told: string[] = [];
  let trouble = '';
  const keeper = new DraftKeeper(
    [],
    (drafts) => {
      written.push(drafts);
      return trouble;
    },
    (text) => told.push(text),
  );
  const story = Story.online();
  for (const character of 'abc') keeper.onChange(story.type(character).model);
  expect(written).toEqual([]);
  jest.runAllTimers();
  expect(written).toEqual([[{ name: 'lobby', text: 'abc' }]]);
  trouble = 'full';
  keeper.onChange(story.type('d').model);
  keeper.keepNow();
  keeper.onChange(story.type('e').model);
  keeper.keepNow();
  keeper.keepNow();
  // What could not be written is tried again.
  expect(written).toHaveLength(4);
  trouble = '';
  keeper.keepNow();
  keeper.keepNow();
  expect(written).toHaveLength(5);
  expect(told).toEqual(['full']);
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});
