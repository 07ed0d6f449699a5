import type { PresenceEvent } from '../../../src/client/events';
import { editorOf, newRoom, type RoomModel } from '../../../src/client/window/model';
import { MAX_LINES, MAX_LINES_SCROLLED } from '../../../src/client/window/room-lines';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import { message, OTHER, OWN, presence, Story, TIME } from './window-model';

function room(story: Story, name = story.model.current): RoomModel {
  return story.model.rooms.find((each) => each.name === name) ?? newRoom('missing');
}

function names(story: Story): readonly string[] {
  return story.model.rooms.map(({ name }) => name);
}

function nicks(story: Story): readonly string[] {
  return room(story).people.map(({ nick }) => nick);
}

/** What the window said, the last one last. */
function notices(story: Story): readonly string[] {
  return [...room(story).lines].flatMap((line) => (line.type === 'notice' ? [line.text] : []));
}

function typed(story: Story): string {
  const { before, after } = editorOf(story.model);
  return `${before.join('')}|${after.join('')}`;
}

function ack(id: string, seq: number) {
  return { type: 'ack', id, seq, position: seq, round: seq } as const;
}

test('it begins by joining', () => {
  const story = new Story();
  expect(story.effects()).toEqual([{ type: 'post', command: { type: 'join', room: 'lobby' }, id: '' }]);
  expect(story.model).toMatchObject({ nick: 'alice', current: 'lobby', link: { state: 'connecting' } });
});

test('on joining it asks who is here, and what the room is about, without a word', () => {
  const story = new Story().hear({ type: 'welcome', session: OWN, server: 1, nick: 'alice', position: 0 });
  story.effects();
  story.hear(presence({ nick: 'alice', session: OWN }));
  expect(story.effects()).toEqual([
    { type: 'ask', question: { type: 'query', what: 'names', name: 'lobby' }, id: '' },
    { type: 'ask', question: { type: 'query', what: 'rooms', name: 'lobby' }, id: 'topic' },
  ]);
  const about = [{ name: 'lobby', text: 'the log', count: 1 }];
  story.hear({ type: 'answer', what: 'rooms', name: 'lobby', rows: about, id: 'topic' });
  expect(room(story).topic).toBe('the log');
  const rows = ['bob', 'alice'].map((name) => ({ name, text: '', count: 0 }));
  story.hear({ type: 'answer', what: 'names', name: 'lobby', rows });
  expect(nicks(story)).toEqual(['bob', 'alice']);
  expect(notices(story)).toEqual([]);
});

describe('a post of one’s own', () => {
  const post = { type: 'post', command: { type: 'say', room: 'lobby', text: 'hi', action: false }, id: '1' };

  test('shows at once, is confirmed, and gives way to its line', () => {
    const story = Story.online().enter('hi');
    expect(story.effects()).toEqual([post]);
    const echo = { id: '1', nick: 'alice', text: 'hi', action: false, state: 'queued', again: 0, position: 0 };
    expect(room(story).echoes).toEqual([echo]);
    story.hear({ type: 'sent', posts: [{ id: '1', again: 0 }] });
    expect(room(story).echoes).toEqual([{ ...echo, state: 'sent' }]);
    story.hear({ type: 'sent', posts: [{ id: '1', again: 1 }] });
    expect(room(story).echoes).toEqual([{ ...echo, state: 'sent', again: 1 }]);
    story.hear(ack('1', 7));
    expect(room(story).echoes).toEqual([{ ...echo, state: 'committed', again: 1, position: 7 }]);
    story.hear(message({ session: OWN, nick: 'alice', text: 'hi', seq: 7, index: 2, position: 7 }));
    expect(room(story).echoes).toEqual([]);
  });

  test('whose line comes before its acknowledgement', () => {
    const story = Story.online()
      .enter('hi')
      .hear(message({ session: OWN, text: 'hi', seq: 7, index: 2 }), ack('1', 7));
    expect(room(story).echoes).toEqual([]);
    expect([...room(story).lines].filter(({ type }) => type === 'message')).toHaveLength(1);
  });

  test('of two with the same text, the one that is meant', () => {
    const story = Story.online().enter('hi').enter('hi').hear(ack('2', 8));
    story.hear(message({ session: OWN, text: 'hi', seq: 8, index: 2, position: 8 }));
    expect(room(story).echoes).toMatchObject([{ id: '1', position: 0 }]);
  });

  test('that comes before an earlier one leaves that one', () => {
    const story = Story.online().enter('hi').enter('there');
    story.hear(message({ session: OWN, text: 'there', seq: 7, index: 2 }));
    expect(room(story).echoes).toMatchObject([{ id: '1', text: 'hi' }]);
  });

  test('of somebody else with the same text is none', () => {
    const story = Story.online()
      .enter('hi')
      .hear(message({ text: 'hi', index: 2 }));
    expect(room(story).echoes).toHaveLength(1);
  });

  test('that is refused becomes a line which says why, and leaves with the others', () => {
    const story = Story.online().enter('hi').enter('there');
    story.hear({ type: 'error', code: 'text-too-long', message: 'too long', id: '1' });
    expect(room(story).echoes).toMatchObject([{ id: '2' }]);
    const failed = {
      type: 'failed',
      nick: 'alice',
      text: 'hi',
      action: false,
      reason: 'not posted: too long',
      time: TIME,
    };
    expect(room(story).lines.at(-1)).toEqual(failed);
  });

  test('of which nobody knows is not called "not posted"', () => {
    const story = Story.online().enter('mine');
    story.hear({ type: 'error', code: 'unconfirmed', id: '1', message: 'not confirmed: it may have been said or not' });
    expect(room(story).lines.at(-1)).toMatchObject({ reason: 'not confirmed: it may have been said or not' });
  });

  test('that came with the history leaves as well', () => {
    const story = Story.online().enter('mine').enter('more').hear(ack('1', 5));
    const line = message({ index: 5, position: 5, text: 'mine', nick: 'alice', session: 'old' });
    story.hear({ type: 'history', room: 'lobby', more: true, lines: [line] });
    expect(room(story).echoes).toMatchObject([{ id: '2' }]);
  });

  test('to a person aside is in the conversation with them, however their name was typed, and moves nobody there', () => {
    const story = Story.online()
      .hear(message({ room: '@Bob', index: 1 }))
      .enter('/msg BOB psst');
    expect(names(story)).toEqual(['lobby', '@Bob']);
    expect(story.model.current).toBe('lobby');
    expect(notices(story)).toEqual(['said to BOB alone; /query BOB goes on there']);
    story.hear(message({ room: '@Bob', session: OWN, text: 'psst', index: 2 }));
    expect(room(story, '@Bob').echoes).toEqual([]);
    story.enter('/msg bob again').hear({ type: 'error', code: 'x', message: 'nobody is called bob', id: '2' });
    expect(notices(story).at(-1)).toBe('in @Bob, not posted: nobody is called bob: again');
  });
});

test('an error about nothing that was said is told where one is', () => {
  const story = Story.online().enter('/topic x').hear({ type: 'error', code: 'x', message: 'no', id: '1' });
  story.hear({ type: 'error', code: 'x', message: 'neither' });
  expect(notices(story)).toEqual(['error: no', 'error: neither']);
});

describe('a line of somebody else', () => {
  function elsewhere(fields: Parameters<typeof message>[0]): RoomModel {
    const story = Story.online().hear(message({ room: 'dev', index: 1, ...fields }));
    return room(story, 'dev');
  }

  test('counts as unread where one is not', () => {
    expect(elsewhere({})).toMatchObject({ unread: 1, mentions: 0 });
    expect(room(Story.online().hear(message({ index: 2 })))).toMatchObject({ unread: 0 });
  });

  test.each(['alice: hi', 'hi Alice!', '@alice', 'is it alice?'])('that names one: %s', (text) => {
    expect(elsewhere({ text }).mentions).toBe(1);
  });

  test.each(['malice', 'alice_2', 'alices', 'al ice', ''])('that does not name one: %s', (text) => {
    expect(elsewhere({ text }).mentions).toBe(0);
  });

  test('from before one came, and one’s own, are not unread', () => {
    expect(elsewhere({ earlier: true, text: 'alice' })).toMatchObject({ unread: 0, mentions: 0 });
    expect(elsewhere({ session: OWN })).toMatchObject({ unread: 0 });
  });

  test('is read once the room is shown', () => {
    const story = Story.online().hear(message({ room: '@bob', index: 1 }));
    expect(room(story, '@bob')).toMatchObject({ unread: 1, mentions: 1 });
    expect(room(story.press('M-2'), '@bob')).toMatchObject({ unread: 0, mentions: 0 });
  });
});

describe('people', () => {
  test('come, go and change their names', () => {
    const story = Story.online();
    story.hear(presence({ nick: 'bob', index: 2 }), presence({ nick: 'bob', index: 3 }));
    expect(nicks(story)).toEqual(['alice', 'bob']);
    story.hear(presence({ nick: 'bob', event: 'nick', text: 'rob', index: 4 }));
    expect(nicks(story)).toEqual(['alice', 'rob']);
    story.hear(presence({ nick: 'rob', event: 'away', text: 'tea', index: 5 }));
    expect(nicks(story)).toEqual(['alice', 'rob']);
    story.hear(presence({ nick: 'rob', event: 'quit', index: 6 }));
    expect(nicks(story)).toEqual(['alice']);
  });

  test('lose their connection and have it again, are away and back', () => {
    const story = Story.online().hear(presence({ nick: 'bob', index: 2 }));
    const bob = () => room(story).people.find(({ nick }) => nick === 'bob');
    const happens = (event: PresenceEvent['event']) =>
      story.hear(presence({ nick: 'bob', event, text: 'x', index: 3 }));
    happens('away');
    happens('offline');
    expect(bob()).toEqual({ nick: 'bob', away: true, offline: true });
    happens('online');
    expect(bob()).toEqual({ nick: 'bob', away: true, offline: false });
    happens('back');
    expect(bob()).toEqual({ nick: 'bob', away: false, offline: false });
    const rows = ['', 'tea', 'offline'].map((text) => ({ name: `n${text}`, text, count: 0 }));
    story.hear({ type: 'answer', what: 'names', name: 'lobby', rows });
    expect(room(story).people).toEqual([
      { nick: 'n', away: false, offline: false },
      { nick: 'ntea', away: true, offline: false },
      { nick: 'noffline', away: false, offline: true },
    ]);
  });

  test('are not seen by who was taken out, and are again once they come back', () => {
    const story = Story.online().hear(presence({ nick: 'bob', index: 1 }));
    story.hear(presence({ nick: 'alice', session: OWN, event: 'kick', text: 'op', index: 1 }));
    expect(nicks(story)).toEqual([]);
    story.effects();
    story.hear(presence({ nick: 'alice', session: OWN, index: 1, position: 9 }));
    expect(story.effects()).toMatchObject([{ question: { what: 'names', name: 'lobby' } }, {}]);
  });

  test('one is told when one is called otherwise from the start', () => {
    const story = new Story().hear({ type: 'welcome', session: OWN, server: 1, nick: 'alice-2', position: 0 });
    expect(story.model.nick).toBe('alice-2');
    expect(notices(story)).toEqual(['you are called alice-2 here']);
  });

  test('one is called otherwise when the log says so', () => {
    const story = Story.online().enter('/nick alicia');
    expect(story.model.nick).toBe('alice');
    story.hear(presence({ nick: 'alice', session: OWN, event: 'nick', text: 'alicia', index: 2 }));
    expect(story.model.nick).toBe('alicia');
  });

  test('/names says who is here; a room that one is not in stays unknown', () => {
    const rows = [{ name: 'zoe', text: 'away', count: 0 }];
    const story = Story.online().enter('/names').hear({ type: 'answer', what: 'names', name: 'lobby', rows });
    expect(notices(story)).toEqual(['in #lobby\n  zoe: away']);
    story.hear({ type: 'answer', what: 'names', name: 'lobby', rows });
    expect(notices(story)).toHaveLength(1);
    story.enter('/names dev').hear({ type: 'answer', what: 'names', name: 'dev', rows });
    expect(names(story)).toEqual(['lobby']);
    expect(notices(story)).toHaveLength(2);
  });
});

describe('rooms', () => {
  function two(): Story {
    return Story.online()
      .enter('/join dev')
      .hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 1 }));
  }

  test('one that is joined is shown once the log says so', () => {
    const story = Story.online().enter('/join dev');
    expect(story.model.current).toBe('lobby');
    expect(two().model.current).toBe('dev');
  });

  test('one that is joined already is shown at once', () => {
    expect(two().enter('/join LOBBY').model.current).toBe('lobby');
  });

  test('one that is joined again, because the session was lost, does not push itself forward', () => {
    const story = two()
      .press('M-1')
      .hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 9 }));
    expect(story.model.current).toBe('lobby');
  });

  test('the log knows how a room is written', () => {
    const story = new Story();
    story.hear({ type: 'welcome', session: OWN, server: 1, nick: 'alice', position: 0 });
    story.hear(presence({ room: 'Lobby', nick: 'alice', session: OWN }));
    expect(names(story)).toEqual(['Lobby']);
    expect(story.model.current).toBe('Lobby');
  });

  test('one that is left is gone, and the one before it is shown', () => {
    const story = two().hear(presence({ room: 'dev', nick: 'alice', session: OWN, event: 'leave', index: 2 }));
    expect(names(story)).toEqual(['lobby']);
    expect(story.model.current).toBe('lobby');
  });

  test('without any, one is told what to do, and the next one is joined', () => {
    const story = Story.online();
    story.hear(presence({ nick: 'alice', session: OWN, event: 'leave', index: 2 }));
    expect(story.model.current).toBe('');
    story.effects();
    story.enter('hello');
    expect(story.effects()).toEqual([]);
    expect(notices(story)).toEqual(['you are in no room; /join one first']);
    story.hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 1 }));
    expect(names(story)).toEqual(['dev']);
    expect(story.model.current).toBe('dev');
  });

  test('a conversation in which something is on its way is not put away', () => {
    const story = Story.online().enter('/query bob').enter('my confession').enter('/leave');
    expect(names(story)).toContain('@bob');
    expect(notices(story).at(-1)).toContain('what you said to bob is on its way still');
    story.hear({ type: 'error', code: 'not-found', id: '1', message: 'nobody is called bob' });
    expect(names(story.enter('/leave'))).toEqual(['lobby']);
  });

  test('a conversation is put away without a word to anybody', () => {
    const story = Story.online().enter('/room @bob');
    expect(story.model.current).toBe('@bob');
    story.effects();
    story.enter('/leave');
    expect(story.effects()).toEqual([]);
    expect(names(story)).toEqual(['lobby']);
  });

  test('/room with a room that one is not in', () => {
    const story = Story.online().enter('/room dev');
    expect(names(story)).toEqual(['lobby']);
    expect(notices(story)).toEqual(['you are not in dev; /join dev']);
  });

  test('keys switch between them', () => {
    const story = two();
    expect(story.press('C-n').model.current).toBe('lobby');
    expect(story.press('C-n').model.current).toBe('dev');
    expect(story.press('C-p').model.current).toBe('lobby');
    expect(story.press('M-2').model.current).toBe('dev');
    expect(story.press('M-9').model.current).toBe('dev');
  });
});

describe('earlier lines', () => {
  /** The lobby from line 51 on. */
  function late(): Story {
    const story = new Story();
    story.hear({ type: 'welcome', session: OWN, server: 1, nick: 'alice', position: 0 });
    for (let index = 51; index <= 60; index += 1) story.hear(message({ index }));
    story.effects();
    return story;
  }

  const question = { type: 'history', room: 'lobby', before: 51, limit: 100 };
  const asked = { type: 'ask', question, id: 'earlier lobby' };

  test('are asked for once, before they are in sight', () => {
    const story = late().press('pageup', 'pageup');
    expect(story.effects()).toEqual([asked]);
  });

  test('of a room that one joins come before what the window said, each once, and move nothing that is in sight', () => {
    const said = (index: number) => message({ index, position: index, text: `said ${index}`, earlier: true });
    const types = (story: Story) =>
      [...room(story).lines].map((line) => (line.type === 'message' ? line.text : line.type));
    const story = new Story().enter('/ignore').hear(said(2), said(3), said(3));
    expect(types(story)).toEqual(['said 2', 'said 3', 'notice']);
    story
      .hear(presence({ nick: 'alice', session: OWN, index: 3, position: 4 }))
      .enter('/ignore')
      .hear(said(3));
    expect(types(story)).toEqual(['said 2', 'said 3', 'notice', 'presence', 'notice']);
    for (const isFirst of [true, false]) {
      const scrolled = new Story({ columns: 40, rows: 8 });
      if (isFirst) scrolled.hear(said(2));
      for (let at = 0; at < 20; at += 1) scrolled.hear({ type: 'error', code: 'x', message: `word ${at}`, id: '' });
      if (!isFirst) scrolled.hear(presence({ nick: 'alice', session: OWN, index: 2, position: 3 }));
      const rows = () => view(scrolled.model, UNICODE_GLYPHS).conversation.slice(0, -1);
      const before = scrolled.press('pageup', 'pageup') && rows();
      scrolled.hear(said(4));
      expect(rows()).toEqual(before);
    }
  });

  test('come before the others, without those that are there already', () => {
    const story = late().press('pageup');
    const lines = Array.from({ length: 5 }, (_, at) => message({ index: 47 + at }));
    story.hear({ type: 'history', room: 'lobby', lines, more: true });
    const indexes = [...room(story).lines].flatMap((line) => (line.type === 'message' ? [line.index] : []));
    expect(indexes).toEqual([47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60]);
    story.effects();
    story.press('pageup');
    expect(story.effects()).toEqual([{ ...asked, question: { ...question, before: 47 } }]);
  });

  test('before a coming or going, the line right before it is wanted too', () => {
    const story = new Story().hear(presence({ index: 50, position: 90 }), message({ index: 51, position: 91 }));
    story.effects();
    expect(story.press('pageup').effects()).toEqual([asked]);
    const lines = [message({ index: 50, position: 80 }), presence({ index: 50, position: 90 })];
    story.hear({ type: 'history', room: 'lobby', lines, more: true });
    const log = [...room(story).lines].flatMap((line) => ('position' in line ? [line.position] : []));
    expect(log).toEqual([80, 90, 91]);
  });

  test('when there are none, nobody is asked', () => {
    const story = late()
      .press('pageup')
      .hear({ type: 'history', room: 'lobby', lines: [], more: false, id: 'earlier lobby' });
    story.effects();
    story.press('pageup').enter('/history');
    expect(story.effects()).toEqual([]);
    expect(notices(story)).toEqual(['there are no earlier lines here']);
  });

  test('/history asks for as many as one wants', () => {
    expect(late().enter('/history 7').effects()).toEqual([{ ...asked, question: { ...question, limit: 7 } }]);
  });

  test('that cannot be had are asked for again, when one wants to see them', () => {
    const story = late().press('pageup');
    story.hear({ type: 'error', code: 'too-many-questions', message: 'no', id: 'earlier lobby' });
    expect(room(story).earlier).toBe('maybe');
    expect(notices(story)).toEqual(['error: no']);
    story.effects();
    expect(story.press('pageup').effects()).toEqual([asked]);
  });

  test('of a conversation that never was there are none, and nobody is told off for looking', () => {
    const story = Story.online().enter('/room @zed').press('pageup');
    expect(story.effects()).toMatchObject([{ question: { type: 'history', room: '@zed' }, id: 'earlier @zed' }]);
    story.hear({ type: 'error', code: 'no-such-room', message: 'there is none', id: 'earlier @zed' });
    expect(notices(story)).toEqual([]);
    expect(story.press('pageup').effects()).toEqual([]);
  });

  test('of a room that is left meanwhile do not bring it back', () => {
    const story = late().press('pageup');
    story.hear(presence({ nick: 'alice', session: OWN, event: 'leave', index: 61 }));
    story.hear({ type: 'history', room: 'lobby', lines: [message({ index: 50 })], more: true });
    expect(names(story)).toEqual([]);
  });
});

test.each([
  ['who joins first has nothing to ask for', presence({ nick: 'alice', session: OWN, index: 0 })],
  ['nothing is before the first line', message({ index: 1 })],
])('%s', (_, first) => {
  const story = new Story();
  story.hear(first).effects();
  expect(story.press('pageup').effects()).toEqual([]);
});

test('memory is bounded, also for somebody who reads far above', () => {
  const story = Story.online();
  for (let index = 2; index <= MAX_LINES + 10; index += 1) story.hear(message({ index }));
  expect(room(story).lines).toHaveLength(MAX_LINES);
  expect(room(story).earlier).toBe('maybe');
  story.press('pageup');
  story.hear(message({ index: MAX_LINES + 11 }));
  expect(room(story).lines).toHaveLength(MAX_LINES + 1);
  const lines = Array.from({ length: 2 * MAX_LINES_SCROLLED }, (_, at) =>
    message({ index: at - 2 * MAX_LINES_SCROLLED }),
  );
  story.hear({ type: 'history', room: 'lobby', lines, more: true });
  expect(room(story).lines).toHaveLength(MAX_LINES_SCROLLED);
  story.press('pagedown', 'pagedown');
  expect(room(story)).toMatchObject({ scrolled: undefined, earlier: 'maybe' });
  expect(room(story).lines).toHaveLength(MAX_LINES);
});

describe('leaving', () => {
  test('Ctrl-C warns, keeps the draft, and means it the second time', () => {
    const story = Story.online().type('draft').press('C-c');
    expect(story.effects()).toEqual([]);
    expect(typed(story)).toBe('draft|');
    expect(story.model.warned).toBe(true);
    expect(story.type('!').model.warned).toBe(false);
    story.press('C-c', 'C-c');
    expect(story.effects()).toEqual([{ type: 'close', text: '' }]);
    expect(story.press('C-c').effects()).toEqual([{ type: 'leave' }]);
  });

  test('/quit with a word, once', () => {
    const story = Story.online().enter('/quit good night').enter('/quit again');
    expect(story.effects()).toEqual([{ type: 'close', text: 'good night' }]);
  });

  test('Ctrl-D on an empty line only', () => {
    const story = Story.online().type('ab').press('home', 'C-d');
    expect(typed(story)).toBe('|b');
    expect(story.effects()).toEqual([]);
    expect(story.press('C-d', 'C-d').effects()).toEqual([{ type: 'close', text: '' }]);
  });
});

test('each room has a draft and a history of its own', () => {
  const story = Story.online()
    .enter('said in the lobby')
    .type('a draft')
    .hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 1 }))
    .press('M-2');
  expect(typed(story)).toBe('|');
  story.enter('said in dev').press('up');
  expect(typed(story)).toBe('said in dev|');
  expect(typed(story.press('M-1'))).toBe('a draft|');
  expect(typed(story.press('up'))).toBe('said in the lobby|');
  expect(typed(story.press('down'))).toBe('a draft|');
  expect(typed(story.press('M-2'))).toBe('said in dev|');
});

describe('other keys', () => {
  test.each([
    ['C-z', { type: 'suspend' }],
    ['C-l', { type: 'repaint' }],
  ])('%s', (key, effect) => {
    expect(Story.online().press(key).effects()).toEqual([effect]);
  });

  test('Alt-Enter makes a line break, Enter sends both lines', () => {
    const story = Story.online().type('one').press('M-return').enter('two');
    expect(story.effects()).toMatchObject([{ command: { text: 'one\ntwo' } }]);
    expect(typed(story)).toBe('|');
  });

  test('Enter on a blank line says nothing', () => {
    expect(Story.online().enter('  ').effects()).toEqual([]);
  });

  test('a wrong command is told, and can be had back', () => {
    const story = Story.online().enter('/jion dev');
    expect(notices(story)).toEqual(['there is no command /jion; /help lists all']);
    expect(typed(story.press('up'))).toBe('/jion dev|');
  });
});

test('a paste is one edit, without colours and controls', () => {
  const story = Story.online().happen({ type: 'paste', time: TIME, text: '\u001b[31mone\r\n\ttwo\u0007\rthree' });
  expect(typed(story)).toBe('one\n    two\nthree|');
  expect(story.effects()).toEqual([]);
});

test('the session of somebody else is not one’s own', () => {
  const story = Story.online().hear(presence({ nick: 'bob', session: OTHER, event: 'leave', index: 2 }));
  expect(names(story)).toEqual(['lobby']);
});

describe('the topic', () => {
  const answer = (topic: string) =>
    ({ type: 'answer', what: 'rooms', name: 'lobby', rows: [{ name: 'lobby', text: topic, count: 2 }] }) as const;
  const lastWords = (story: Story) => [...room(story).lines].at(-1);

  test('that was asked for is told with who set it and when, if that is here', () => {
    const story = Story.online().hear(presence({ event: 'topic', text: 'The log', index: 2 }), answer('The log'));
    expect(lastWords(story)).toMatchObject({
      type: 'notice',
      text: 'the topic of #lobby: The log, set by bob on 2026-11-23 at 09:10',
    });
    expect(lastWords(Story.online().hear(answer('')))).toMatchObject({ text: '#lobby has no topic' });
  });

  test('of long ago is in the title from then on', () => {
    const story = Story.online().hear(answer('of long ago'));
    expect(lastWords(story)).toMatchObject({ text: 'the topic of #lobby: of long ago' });
    expect(room(story).topic).toBe('of long ago');
  });
});
