/** Text of others, wherever the window shows it, changes no cell but its own, and nothing of the terminal. */
import type { Size } from '../../../src/client/window/model';
import { message, presence, Story, TIME } from '../window/window-model';
import { HOSTILE, LONG } from './hostile-text';
import { disposeShown, Shown } from './shown';

afterEach(disposeShown);

const WIDE: Size = { columns: 80, rows: 24 };
const NARROW: Size = { columns: 40, rows: 12 };
/** Where the conversation lies in the wide one. */
const CONVERSATION = { from: 17, to: 63 };
/** What is said after the text. */
const AFTER = ['next 1', 'next 2', 'next 3'];
const BEFORE = 'said before';
/** Of a word that has a row for itself in both windows. */
const WORD = 24;

interface Place {
  readonly tell: (story: Story, text: string) => void;
  /** Whether it is a part of the conversation, of as many rows as it needs. */
  readonly isSaid?: true;
  /** Cells that are its own besides, in the wide window. */
  readonly own?: (row: number, column: number) => boolean;
  /** It is being typed, below the status line: the cursor is behind it. */
  readonly isTyped?: true;
}

const inTitle = (row: number) => row === 0;
const amongPeople = (row: number, column: number) => row > 0 && row < 22 && column > CONVERSATION.to;

const PLACES: Readonly<Record<string, Place>> = {
  'a message': { isSaid: true, tell: (story, text) => story.hear(message({ text, index: 3 })) },
  'an action': { isSaid: true, tell: (story, text) => story.hear(message({ text, action: true, index: 3 })) },
  'a nick': { isSaid: true, tell: (story, nick) => story.hear(message({ nick, index: 3 })) },
  'who comes': {
    isSaid: true,
    own: amongPeople,
    tell: (story, nick) => story.hear(presence({ nick, index: 2, position: 3 })),
  },
  'a topic': {
    isSaid: true,
    own: inTitle,
    tell: (story, text) => story.hear(presence({ event: 'topic', text, index: 2, position: 3 })),
  },
  'away text': {
    isSaid: true,
    tell: (story, text) => story.hear(presence({ event: 'away', text, index: 2, position: 3 })),
  },
  'a last word': {
    isSaid: true,
    tell: (story, text) => story.hear(presence({ event: 'quit', text, index: 2, position: 3 })),
  },
  'a room': {
    own: (row, column) => row === 2 && column < CONVERSATION.from - 1,
    tell: (story, text) => story.hear(message({ room: `@${text}`, index: 1, position: 3 })),
  },
  'the room that is shown': {
    own: (row, column) => row === 0 || row === 22 || (row === 2 && column < CONVERSATION.from - 1),
    // What is in it is said in the room of that name from here on.
    tell: (story, text) => {
      story.hear(message({ room: `x${text}`, index: 1, position: 3 }));
      story.model = { ...story.model, current: story.model.rooms.at(-1)?.name ?? '' };
    },
  },
  'a reason': {
    own: (row) => row === 1,
    tell: (story, reason) => story.hear({ type: 'status', state: 'waiting', server: 0, reason }),
  },
  'an error': { isSaid: true, tell: (story, text) => story.hear({ type: 'error', code: 'x', message: text }) },
  'an answer': {
    isSaid: true,
    tell: (story, name) =>
      story.hear({ type: 'answer', what: 'rooms', name: '', rows: [{ name, text: '', count: 2 }] }),
  },
  'what was found': {
    isSaid: true,
    tell: (story, text) =>
      story.hear({ type: 'found', room: 'lobby', text: 'x', lines: [message({ text, index: 3 })], before: 0 }),
  },
  'a draft': { isTyped: true, tell: (story, text) => story.happen({ type: 'paste', text, time: TIME }) },
};

/** A room in which it is said, or told, between other lines. */
function around(place: Place, text: string, size: Size): Story {
  const story = Story.online(size).hear(message({ nick: 'carol', text: BEFORE, index: 2 }));
  place.tell(story, text);
  const { current } = story.model;
  AFTER.forEach((next, at) => {
    story.hear(message({ nick: 'carol', text: next, room: current, index: 4 + at, position: 4 + at }));
  });
  return story;
}

/** All that a terminal is beside its cells. */
interface Watched {
  readonly told: string[];
  readonly modes: string;
  readonly type: string;
  readonly cursor: string;
}

function watched(shown: Shown, told: string[], place: Place): Watched {
  const { terminal } = shown.screen;
  const { cursorX, cursorY, type } = terminal.buffer.active;
  const cursor = place.isTyped ? 'anywhere' : `${cursorX}, ${cursorY}`;
  return { told: told.splice(0), modes: JSON.stringify(terminal.modes), type, cursor };
}

/** What reaches the terminal beside characters, colours and places of the cursor. @returns what it hears */
function listen({ screen: { terminal } }: Shown): string[] {
  const told: string[] = [];
  // The window's own title names a room, and nothing of it is more than text.
  terminal.onTitleChange((title) => /^[^\p{Cc}\p{Cf}]*synod$/u.test(title) || told.push(`title ${title}`));
  terminal.onBell(() => told.push('bell'));
  for (const code of [4, 7, 8, 9, 10, 11, 12, 22, 50, 52, 99, 104, 110, 133, 633, 777, 1337]) {
    terminal.parser.registerOscHandler(code, () => told.push(`OSC ${code}`) > 0);
  }
  terminal.onData((answer) => told.push(`answer ${JSON.stringify(answer)}`));
  return told;
}

/** A screen on which nothing but harmless words is said. */
interface Calm {
  readonly rows: readonly (readonly string[])[];
  /** The row in which the conversation goes on after them. */
  readonly to: number;
  readonly status: number;
  readonly watched: Watched;
}

/** One for each number of rows that these may have. */
async function calmScreens(place: Place, size: Size): Promise<readonly Calm[]> {
  const shown = new Shown(around(place, 'calm', size));
  const words = Array.from({ length: place.isSaid || place.isTyped ? size.rows : 0 }, () => 'w'.repeat(WORD));
  const screens: Calm[] = [];
  // The shortest one may fit into a row that others do not fit into.
  for (const text of ['c', 'calm', ...words.map((_, at) => words.slice(0, at + 1).join(' '))]) {
    shown.story = around(place, text, size);
    shown.paint();
    const rows = await shown.screen.allCells();
    screens.push({ rows, to: goesOnAt(rows), status: statusAt(rows), watched: watched(shown, [], place) });
  }
  return screens;
}

/** The row of the first of the lines that come after the text. */
function goesOnAt(rows: readonly (readonly string[])[]): number {
  return rows.findLastIndex((cells) => textOf(cells).includes(AFTER[0] as string));
}

function statusAt(rows: readonly (readonly string[])[]): number {
  return rows.findLastIndex((cells) => textOf(cells).startsWith(' alice |'));
}

function textOf(cells: readonly string[]): string {
  return cells.map(([character]) => character).join('');
}

/** Cells that are not as they were, but for the text's own. */
function changedCells(place: Place, size: Size, calm: Calm, found: readonly (readonly string[])[]): readonly string[] {
  const isWide = size.columns === WIDE.columns;
  const from = calm.rows.findIndex((cells) => textOf(cells).includes(BEFORE)) + 1;
  const isOwn = (row: number, column: number) => {
    const isThere = !isWide || (column >= CONVERSATION.from && column < CONVERSATION.to);
    if (place.isTyped) return row > calm.status;
    return (place.isSaid && row >= from && row < calm.to && isThere) || place.own?.(row, column) === true;
  };
  return calm.rows.flatMap((cells, row) =>
    cells.flatMap((cell, column) => {
      const other = found[row]?.[column];
      return other === cell || isOwn(row, column) ? [] : [`${row}, ${column}: ${cell} is ${other}`];
    }),
  );
}

/** One screen for all texts, one after the other: what one leaves behind, the next one shows. */
async function checkAll(place: Place, size: Size, texts: readonly string[]): Promise<void> {
  const calm = await calmScreens(place, size);
  const shown = new Shown(around(place, 'calm', size));
  shown.paint();
  await shown.screen.settled();
  const told = listen(shown);
  for (const text of texts) {
    shown.story = around(place, text, size);
    shown.paint();
    const found = await shown.screen.allCells();
    // Where it fills the screen, more than one of them goes on in the same row.
    const [to, status] = [goesOnAt(found), statusAt(found)];
    const alike = calm.filter((screen) => screen.to === to && screen.status === status);
    const changes = alike.map((like) => changedCells(place, size, like, found));
    const [changed = ['it goes on nowhere']] = changes.sort((one, other) => one.length - other.length);
    const seen = { text: text.slice(0, 100), changed: changed.slice(0, 5), ...watched(shown, told, place) };
    expect(seen).toEqual({ text: text.slice(0, 100), changed: [], ...calm[0]?.watched });
  }
}

test('there are as many as there have to be', () => {
  expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(200);
});

test.each(Object.keys(PLACES))('as %s', (name) => checkAll(PLACES[name] as Place, WIDE, HOSTILE));

test('as a message in a narrow window', () => checkAll(PLACES['a message'] as Place, NARROW, HOSTILE));

test.each(['a message', 'a topic', 'a reason'])('as %s of 100 KB', (name) =>
  checkAll(PLACES[name] as Place, WIDE, LONG),
);
