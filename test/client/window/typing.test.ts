/** What is typed, pasted, looked for and written elsewhere, as a person sees it in the window. */
import { MAX_DRAFT_UNITS } from '../../../src/client/window/draft';
import { draftsOf } from '../../../src/client/window/drafts';
import { currentRoom } from '../../../src/client/window/model';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { composedText } from '../../../src/client/window/typing';
import { view } from '../../../src/client/window/view';
import { message, OWN, presence, Story, TIME } from './window-model';

const SIX = 'one\ntwo\n\n/quit\nfive\nsix\n';

/** The rows at the bottom of the window, without colours. */
function input(story: Story): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
  return view(story.model, UNICODE_GLYPHS).input.map((row) => row.replace(/\u001b\[[\d;]*m/g, ''));
}

function rooms(story: Story): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
  return view(story.model, UNICODE_GLYPHS).rooms.map((row) => row.replace(/\u001b\[[\d;]*m/g, '').trimEnd());
}

function paste(story: Story, text: string): Story {
  return story.happen({ type: 'paste', text, time: TIME });
}

function lastNotice(story: Story): string {
  const texts = [...(story.model.rooms.find(({ name }) => name === story.model.current)?.lines ?? [])];
  return texts.flatMap((line) => (line.type === 'notice' ? [line.text] : [])).at(-1) ?? '';
}

/** Online in the lobby, with a room `dev`; the lobby is shown. */
function two(): Story {
  const story = Story.online()
    .hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 1 }))
    .press('M-1');
  story.effects();
  return story;
}

test('a text that no server takes stays in the line, and says by how much', () => {
  const story = Story.online();
  story.model = { ...story.model, textBytes: 10 };
  story.effects();
  story.enter('ümlaute 👍');
  expect(story.effects()).toEqual([]);
  expect(lastNotice(story)).toBe('3 bytes too long: a message has at most 10; it stays in the line');
  expect(input(story)).toEqual(['> ümlaute 👍']);
  expect(story.press('backspace', 'return').effects()).toHaveLength(1);
  paste(story, `${'x'.repeat(11)}\n`.repeat(6)).press('M-s');
  expect(story.effects()).toEqual([]);
  expect(input(story)[0]).toMatch(/^ 6 lines/);
});

test('what is asked while nobody can answer shows that it waits; a post and what the window does itself do not', () => {
  const story = Story.online().hear({ type: 'status', state: 'waiting', server: 0, reason: '' });
  expect(lastNotice(story.enter('/topic new'))).toBe('/topic waits until you are connected');
  expect(lastNotice(story.enter('/whois bob'))).toBe('/whois waits until you are connected');
  story.hear({ type: 'status', state: 'no-majority', server: 2, reason: '' });
  expect(lastNotice(story.enter('/topic new'))).toBe('/topic waits until a majority of the servers is there');
  expect(lastNotice(story.enter('/status').enter('/whois bob'))).toMatch(/^\/topic waits/);
  story.hear({ type: 'status', state: 'slowed', server: 2, reason: '' });
  const notices = () => [...currentRoom(story.model).lines].filter(({ type }) => type === 'notice').length;
  const before = notices();
  story.enter('/whois bob').enter('hello').enter('/clear').enter('/ignore bob');
  expect(notices()).toBeLessThanOrEqual(before);
});

describe('a paste', () => {
  test('of four lines goes into the line, of five it is asked about', () => {
    expect(input(paste(Story.online(), 'a\nb\nc\nd\n'))).toEqual(['> a', '  b', '  c', '  d']);
    expect(input(paste(Story.online(), 'a\nb\nc\nd\ne'))[0]).toMatch(/^ 5 lines, 9 characters/);
  });

  test('goes into the line as one edit, and is not sent by that', () => {
    const story = paste(Story.online().type('x').press('left'), SIX).press('return');
    expect(input(story)).toEqual(['> one', '  two', '  ', '  /quit', '  five', '  sixx']);
    expect(input(story.press('C-_'))).toEqual(['> x']);
    expect(story.effects()).toEqual([]);
  });

  test('is sent line by line, as it is, beside what is being typed', () => {
    const story = paste(Story.online().type('draft'), SIX).press('M-s');
    const said = ['one', 'two', '/quit', 'five', 'six'];
    expect(story.effects()).toEqual(
      said.map((text, at) => ({
        type: 'post',
        command: { type: 'say', room: 'lobby', text, action: false },
        id: `${at + 1}`,
      })),
    );
    expect(input(story)).toEqual(['> draft']);
  });

  test('is thrown away', () => {
    const story = paste(Story.online().type('draft'), SIX).press('escape');
    expect(story.effects()).toEqual([]);
    expect(input(story)).toEqual(['> draft']);
  });

  test('waits for an answer, whatever else happens', () => {
    const story = paste(two().type('draft'), SIX);
    const asked = input(story);
    story.type('xyzs').press('tab', 'C-d', 'backspace', 'C-u', 'C-y', 'up', 'C-r', 'pageup', 'pagedown', 'C-c', 'C-l');
    story.hear(message({ text: 'meanwhile', index: 2 }));
    expect(input(story)).toEqual(asked);
    expect(view(story.model, UNICODE_GLYPHS).conversation.at(-1)).toContain('meanwhile');
    expect(story.effects()).toEqual([expect.objectContaining({ type: 'ask' }), { type: 'repaint' }]);
    expect(input(story.press('M-2').type('here'))).toEqual(['> here']);
    expect(input(story.press('M-1'))).toEqual(asked);
    expect(rooms(story.press('M-2'))[0]).toBe('1 #lobby       ✎');
  });

  test('and another one before the answer are one', () => {
    const story = paste(paste(Story.online(), SIX), SIX);
    expect(input(story)[0]).toMatch(/^ 12 lines, 48 characters/);
  });

  test('in no room is not sent, nor lost', () => {
    const story = Story.online().hear(presence({ nick: 'alice', session: OWN, event: 'leave', index: 2 }));
    paste(story, SIX).effects();
    expect(story.press('M-s').effects()).toEqual([]);
    expect(lastNotice(story)).toBe('you are in no room; /join one first');
    expect(input(story)[0]).toMatch(/^ 6 lines/);
  });

  test('of more lines than one says at once is not sent', () => {
    const story = paste(Story.online(), 'x\n'.repeat(201));
    expect(input(story)[0]).toBe(' 201 lines, 402 characters: Enter into the line, Esc drops them');
    expect(story.press('M-s').effects()).toEqual([]);
    expect(input(story)[0]).toMatch(/^ 201 lines/);
  });

  test('that is too long is told, and changes nothing', () => {
    const story = paste(Story.online().type('draft'), 'x\n'.repeat(MAX_DRAFT_UNITS));
    expect(lastNotice(story)).toBe('a paste of 131072 characters is too long: 65536 are the most');
    expect(input(story)).toEqual(['> draft']);
  });

  test.each([
    [20, '6: Enter/Alt-S/Esc'],
    [50, ' 6 lines: Enter into line, Alt-S each, Esc no'],
    [80, ' 6 lines, 24 characters: Enter into the line, Alt-S sends each, Esc drops them'],
    [
      140,
      ' 6 lines, 24 characters pasted: Enter puts them into the line, Alt-S sends each as a message, Esc throws them away',
    ],
  ])('in a window of %i columns says what each key does', (columns, expected) => {
    expect(input(paste(Story.online({ columns, rows: 24 }), SIX))[0]).toBe(expected);
  });
});

describe('looking for a line', () => {
  function asking(): Story {
    return Story.online()
      .enter('make tea')
      .enter('Tea is ready')
      .enter('coffee')
      .enter('coffee')
      .type('draft')
      .press('C-r');
  }

  test('the newest that has it, then older ones, then newer ones', () => {
    const story = asking();
    expect(input(story)).toEqual([' search:  | Ctrl-R older, Ctrl-S newer, Enter takes it, Esc goes back', '> draft']);
    expect(input(story.type('tea'))[1]).toBe('> Tea is ready');
    expect(input(story.press('C-r'))[1]).toBe('> make tea');
    expect(view(story.model, UNICODE_GLYPHS).cursor).toEqual({ row: 1, column: 7 });
    const missing = ' nothing more has: tea | Enter takes it, Esc goes back';
    expect(input(story.press('C-r'))).toEqual([missing, '> make tea']);
    expect(input(story.press('C-s'))[1]).toBe('> Tea is ready');
  });

  test('Enter takes it into the line, and the draft can be had back', () => {
    const story = asking().type('mak').press('return');
    expect(story.effects().filter(({ type }) => type === 'post')).toHaveLength(4);
    expect(input(story)).toEqual(['> make tea']);
    expect(input(story.press('C-_'))).toEqual(['> draft']);
    expect(input(asking().type('mak').press('return', 'down', 'down', 'down'))).toEqual(['> draft']);
  });

  test.each(['escape', 'C-g'])('%s goes back', (key) => {
    expect(input(asking().type('tea').press('C-r', key))).toEqual(['> draft']);
  });

  test('any other key takes it and does what it does', () => {
    expect(input(asking().type('mak').press('C-k'))).toEqual(['> ']);
    expect(input(asking().type('tea').press('C-r').press('C-e').type('!'))).toEqual(['> make tea!']);
    const story = asking().type('tea').press('C-l');
    expect(input(story)).toEqual(['> Tea is ready']);
    expect(input(paste(asking().type('mak'), 'x'))).toEqual(['> xmake tea']);
  });

  test('a shorter word is looked for from the newest line again', () => {
    const story = asking().type('tea').press('C-r', 'backspace', 'backspace', 'backspace', 'backspace');
    expect(input(story)[1]).toBe('> draft');
    expect(input(story.type('zzz'))[0]).toMatch(/^ nothing more has: zzz/);
    expect(input(story.press('backspace', 'backspace', 'backspace').press('return'))).toEqual(['> draft']);
  });

  test('lines that are the same are one', () => {
    const story = Story.online().enter('a').enter('b').enter('a').press('C-r', 'C-r', 'C-r');
    expect(input(story)[1]).toBe('> b');
    expect(input(Story.online().enter('a').enter('a').press('C-r', 'C-r', 'C-r'))[0]).toMatch(/nothing more/);
  });
});

describe('a draft', () => {
  test('marks its room, while another one is shown', () => {
    const story = two().type('x');
    expect(rooms(story)).toEqual(['1 #lobby', '2 #dev']);
    story.press('M-2').hear(message({ index: 2 }));
    expect(rooms(story)).toEqual(['1 #lobby     ✎ 1', '2 #dev']);
    expect(rooms(story.press('M-1', 'backspace', 'M-2'))).toEqual(['1 #lobby', '2 #dev']);
  });

  test('of a room that one is put out of can be had back', () => {
    const story = two().type('half a line');
    story.hear(presence({ nick: 'alice', session: OWN, event: 'leave', index: 3 }));
    expect(lastNotice(story)).toBe('what you were typing in lobby can be had back: Ctrl-Y');
    expect(input(story.press('C-y'))).toEqual(['> half a line']);
    expect(lastNotice(two().enter('/leave'))).toBe('');
  });

  test('that was typed in no room goes on in the next one', () => {
    const story = Story.online();
    story.hear(presence({ nick: 'alice', session: OWN, event: 'leave', index: 2 }));
    story.enter('/join dev').type('already');
    story.hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 1 }));
    expect(input(story)).toEqual(['> already']);
    expect(rooms(story)).toEqual(['1 #dev']);
  });

  test('what was cut in one room can be put in in another, and is no longer in a row with it', () => {
    const story = two().type('one two').press('C-w', 'M-2').type('three').press('C-u');
    expect(input(story.press('C-y', 'M-y'))).toEqual(['> two']);
    expect(input(two().type('a b').press('C-w', 'pageup', 'C-u', 'C-y'))).toEqual(['> a ']);
  });
});

describe('the person’s own editor', () => {
  const composed = { type: 'composed', room: 'lobby', problem: '', time: TIME } as const;

  function composing(): Story {
    const story = two().type('draft').press('C-x', 'C-e');
    expect(story.effects()).toEqual([{ type: 'compose', room: 'lobby', text: 'draft' }]);
    return story;
  }

  test('gets the draft, and what it leaves is one edit, inert', () => {
    const story = composing().happen({ ...composed, text: composedText('two\r\n\u001b[31mlines\n') });
    expect(input(story)).toEqual(['> two', '  lines']);
    expect(input(story.press('C-_'))).toEqual(['> draft']);
    expect(story.effects()).toEqual([]);
  });

  test('Ctrl-E alone is none of it', () => {
    const story = Story.online().type('a').press('C-e');
    expect(story.effects()).toEqual([]);
    expect(input(composing().press('C-e').type('!'))).toEqual(['> draft!']);
  });

  test('that fails leaves the draft, and says why', () => {
    const story = composing().happen({ ...composed, text: undefined, problem: 'vi: no' });
    expect(lastNotice(story)).toBe('vi: no');
    expect(input(story)).toEqual(['> draft']);
  });

  test('whose room is gone meanwhile: the text can be had', () => {
    const story = composing();
    story.hear(presence({ nick: 'alice', session: OWN, event: 'leave', index: 3 }));
    story.happen({ ...composed, text: 'written' });
    expect(rooms(story)).toEqual(['1 #dev']);
    expect(input(story.press('C-y'))).toEqual(['> written']);
  });
});

test('a room that is joined from none keeps what an earlier window left in it to be typed on', () => {
  const story = Story.online();
  story.model = { ...story.model, drafts: [{ name: 'dev', text: 'precious' }] };
  story.enter('/leave').hear(presence({ nick: 'alice', session: OWN, event: 'leave', index: 1, position: 3 }));
  story.enter('/join dev').type('nowhere');
  story.hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 4, position: 5 }));
  expect(input(story)).toEqual(['> precious']);
  expect(input(story.press('C-y'))).toEqual(['> preciousnowhere']);
});

test('what is kept is all that is being typed: below an earlier line, and a paste that waits', () => {
  const story = Story.online().enter('earlier').type('my draft').press('up');
  expect(draftsOf(story.model)).toEqual([{ name: 'lobby', text: 'my draft' }]);
  expect(draftsOf(story.type('!').model)).toEqual([{ name: 'lobby', text: 'my draft\nearlier!' }]);
  story.happen({ type: 'paste', text: SIX, time: TIME });
  expect(draftsOf(story.model)[0]?.text).toBe(`my draft\nearlier!\n${SIX}`);
});
