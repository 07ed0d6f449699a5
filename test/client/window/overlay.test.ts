/** What lies over the conversation: the list of commands and keys. */
import { COMMANDS } from '../../../src/client/commands';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import { Story } from './window-model';

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const SGR = /\u001b\[[\d;]*m/g;

function conversation(story: Story): readonly string[] {
  return view(story.model, UNICODE_GLYPHS).conversation.map((row) => row.replace(SGR, ''));
}

/** All rows of what lies over the conversation, by scrolling through it. */
function everyRow(story: Story): ReadonlySet<string> {
  const rows = new Set<string>();
  for (let page = 0; page < 500; page += 1) {
    for (const row of conversation(story).slice(1)) rows.add(row);
    story.press('down');
  }
  return rows;
}

test.each(['f1', 'help'])('%s: all commands and keys, in any size', (how) => {
  for (const [columns, rows] of [
    [80, 24],
    [120, 40],
    [40, 12],
    [20, 5],
  ] as const) {
    const story = Story.online({ columns, rows });
    if (how === 'f1') story.press('f1');
    else story.enter('/help');
    expect(conversation(story).length).toBe(rows - 3);
    expect(conversation(story)[0]).toMatch(/^ Help/);
    const text = [...everyRow(story)].join(' ').replace(/\s+/g, ' ');
    for (const { name, operators } of COMMANDS) if (!operators) expect(text).toContain(`/${name}`);
    expect(text).toContain('Ctrl-C twice');
  }
});

test.each(['escape', 'f1'])('%s closes it, and types nothing', (key) => {
  const story = Story.online().type('draft').press('f1', 'down', key);
  expect(story.model.overlay).toBeUndefined();
  expect(view(story.model, UNICODE_GLYPHS).input).toEqual(['> draft']);
  expect(conversation(story)[1]).toMatch(/alice has joined/);
});

test('typing goes on under it, and what is said or shown by a key closes it', () => {
  const story = Story.online().press('f1').type('quick j').press('C-w');
  expect(story.model.overlay).toBeDefined();
  expect(view(story.model, UNICODE_GLYPHS).input).toEqual(['> quick ']);
  story.effects();
  expect(story.press('return').effects()).toMatchObject([{ command: { text: 'quick ' } }]);
  expect(story.model.overlay).toBeUndefined();
  expect(story.press('f1', 'M-1').model.overlay).toBeUndefined();
  expect(story.press('f1', 'C-l').model.overlay).toBeDefined();
});

test('candidates are shown over it', () => {
  const story = Story.online().press('f2').type('/re').press('tab');
  expect(conversation(story)[0]).toMatch(/^ Cluster/);
  expect(conversation(story).at(-1)).toMatch(/^ \/re\w+ {2}/);
});

test('it scrolls, no further than there is something to see', () => {
  const story = Story.online().press('f1', 'pageup');
  expect(conversation(story)[0]).toMatch(/ Help 1-20 of \d+: Esc or F1 closes/);
  const [, first, second] = conversation(story);
  expect(conversation(story.press('down'))[1]).toBe(second);
  expect(conversation(story.press('end', 'down')).at(-1)).toMatch(/Ctrl-D on an empty line$/);
  expect(conversation(story.press('home'))[1]).toBe(first);
  story.press('end').resize(80, 300);
  expect(conversation(story)[1]).toBe(first);
});

test('what leaves, paints anew or goes to the shell does so from there', () => {
  const story = Story.online().press('f1', 'C-l', 'C-z', 'C-c', 'C-c');
  expect(story.effects()).toEqual([{ type: 'repaint' }, { type: 'suspend' }, { type: 'close', text: '' }]);
});

test('where both do not fit side by side, what a command or key does is below it', () => {
  const narrow = Story.online({ columns: 20, rows: 24 }).press('f1');
  expect(conversation(narrow).slice(1, 4)).toEqual(['/join ROOM', '  join a room, and', '  go on there']);
  const wide = conversation(Story.online({ columns: 80, rows: 24 }).press('f1'));
  const [at, next] = [
    wide.findIndex((row) => row.startsWith('/room')),
    wide.findIndex((row) => row.startsWith('/query')),
  ];
  expect(wide.slice(at, next)).toEqual([
    expect.stringMatching(/^\/room ROOM +go on/),
    expect.stringMatching(/^ {37}@NICK$/),
  ]);
});

test('what operators may do', () => {
  const story = Story.online().enter('/help operators');
  expect(conversation(story)[0]).toMatch(/^ Help for operators/);
  expect([...everyRow(story)].join('\n')).toMatch(/\/ban WHO/);
});

test('one command is told where one is', () => {
  const story = Story.online().enter('/help msg');
  expect(story.model.overlay).toBeUndefined();
  expect(conversation(story).join('\n')).toMatch(/\/msg NICK TEXT\n +say something to one person/);
});
