/** What is unread, and where the news begins: against what the screen showed. */
import fc from 'fast-check';
import type { HistoryEvent, MessageEvent } from '../../../src/client/events';
import type { RoomModel } from '../../../src/client/window/model';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import { message, OTHER, OWN, presence, Story } from './window-model';

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const SGR = /\u001b\[[\d;]*m/g;
const NEW = ' -- new --';
const GAP = /^ -- \d+ lines? (on|not)/;
const ROOMS = ['lobby', 'dev'] as const;
/** Lines that are there before the window comes. */
const BEFORE = 30;

type RoomName = (typeof ROOMS)[number];

function rows(story: Story): readonly string[] {
  return view(story.model, UNICODE_GLYPHS).conversation.map((row) => row.replace(SGR, '').trimEnd());
}

function roomOf(story: Story, name: string): RoomModel {
  const room = story.model.rooms.find((each) => each.name === name);
  if (!room) throw new Error(`there is no ${name}`);
  return room;
}

/** The index of the line whose last row it is; 0: of none. */
function indexIn(row: string): number {
  return Number(/ line (\d+)$/.exec(row)?.[1] ?? 0);
}

/** A log with two rooms, somebody's window on it, and what their eyes have met. */
class Reader {
  readonly story = Story.online({ columns: 80, rows: 14 });
  readonly said: Record<RoomName, MessageEvent[]> = { lobby: [], dev: [] };
  /** Of each room, the last line that was on the screen. */
  readonly met: Record<RoomName, number> = { lobby: BEFORE, dev: BEFORE };
  /** Of each room, where the mark is to be; undefined: nowhere. */
  readonly mark: Record<RoomName, number | undefined> = { lobby: undefined, dev: undefined };
  private readonly delivered: Record<RoomName, number> = { lobby: BEFORE, dev: BEFORE };
  private readonly asked: { room: string; before: number; limit: number; id: string }[] = [];
  private positions = 1;
  /** The answer that came last shows a place that was asked for. */
  isGoing = false;
  readonly told: Record<string, number> = {};

  constructor() {
    for (const room of ROOMS) for (let index = 1; index <= BEFORE; index += 1) this.say(room, 'bob');
    const { story } = this;
    for (const room of ROOMS) {
      story.hear(...this.said[room].slice(-20).map((line): MessageEvent => ({ ...line, earlier: true })));
      story.hear(presence({ room, nick: 'alice', session: OWN, index: BEFORE, position: this.next() }));
    }
    story.hear({ type: 'markers', markers: [] }).press('M-1').effects();
  }

  private next(): number {
    this.positions += 1;
    return this.positions;
  }

  get isLooking(): boolean {
    return this.story.model.focused && !this.story.model.overlay;
  }

  say(room: RoomName, nick: string): void {
    const index = this.said[room].length + 1;
    const session = nick === 'alice' ? OWN : OTHER;
    // Some lines have two rows, of which the second one tells which line it is.
    const text = `${index % 3 === 0 ? 'two rows\n' : ''}line ${index}`;
    this.said[room].push(message({ room, index, nick, session, text, position: this.next() }));
  }

  /** The next of the lines that were said comes. @param skipped so many of them do not */
  deliver(room: RoomName, skipped: number): void {
    const index = this.delivered[room] + skipped + 1;
    const line = this.said[room][index - 1];
    if (!line) return;
    this.delivered[room] = index;
    this.story.hear(line);
  }

  /** Somebody comes into a room, of which all lines came or were skipped. */
  come(room: RoomName): void {
    if (this.delivered[room] < this.said[room].length) return;
    const position = this.next();
    this.story.hear(presence({ room, nick: `n${position}`, index: this.delivered[room], position }));
  }

  /** Many lines are said and come. */
  burst(room: RoomName): void {
    for (let count = 0; count < 30; count += 1) {
      this.say(room, count % 7 === 0 ? 'alice' : 'bob');
      this.deliver(room, 0);
    }
  }

  /** The question that waits longest is answered. */
  answer(): void {
    const question = this.asked.shift();
    this.isGoing = question?.id.startsWith('goto') ?? false;
    if (!question) return;
    this.page(question.room as RoomName, question.before, question.limit, question.id);
  }

  /** Lines of the past, also of those that did not come yet. */
  page(room: RoomName, before: number, limit: number, id: string): void {
    const all = this.said[room].filter(({ index }) => before === 0 || index < before);
    const event: HistoryEvent = { type: 'history', room, lines: all.slice(-limit), more: all.length > limit, id };
    this.story.hear(event);
  }

  /** What others said behind the last line that was met, and what is not here of it. */
  unreadIn(room: RoomName): number {
    const lines = [...roomOf(this.story, room).lines].flatMap((line) => (line.type === 'message' ? [line] : []));
    const positions = lines.map(({ position }) => position);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
    const here = lines.filter(({ index }) => index > this.met[room]);
    const missing = Math.max(0, (lines.at(-1)?.index ?? 0) - this.met[room]) - here.length;
    return missing + here.filter(({ session }) => session !== OWN).length;
  }

  /** Looks at the screen, and takes down what the window tells others. */
  look(): void {
    const { current } = this.story.model;
    const inSight = rows(this.story)
      .map(indexIn)
      .filter((index) => index > 0);
    const met = this.met[current as RoomName];
    // Who jumps ahead has not read what is between; the end is the end.
    const room = roomOf(this.story, current);
    const isHere = (index: number) => [...room.lines].some((line) => line.type === 'message' && line.index === index);
    const passed = this.said[current as RoomName].slice(met, Math.min(...inSight) - 1);
    const follows = !room.scrolled || passed.every(({ session, index }) => session === OWN && isHere(index));
    if (this.isLooking && follows) this.met[current as RoomName] = Math.max(met, ...inSight);
    for (const effect of this.story.effects()) {
      if (effect.type === 'ask' && effect.question.type === 'history')
        this.asked.push({ ...effect.question, id: effect.id });
      if (effect.type !== 'read') continue;
      expect(effect.index).toBeGreaterThan(this.told[effect.room] ?? 0);
      // What one says oneself is read, too.
      const beyond = this.said[effect.room as RoomName].slice(this.met[effect.room as RoomName], effect.index);
      expect(beyond.filter(({ session }) => session !== OWN)).toEqual([]);
      this.told[effect.room] = effect.index;
    }
  }
}

const room = fc.constantFrom(...ROOMS);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('say'), room, nick: fc.constantFrom('bob', 'alice') }) },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('deliver'), room, skipped: fc.constantFrom(0, 0, 0, 1, 4) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('burst'), room }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('come'), room }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('answer') }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('page'), room, back: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('marker'), room, back: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('focus'), focused: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('press'),
      key: fc.constantFrom('pageup', 'pageup', 'pagedown', 'M-1', 'M-2', 'M-a', 'M-n', 'f1', 'escape'),
    }),
  },
);

type Step = {
  readonly what: string;
  readonly room?: RoomName;
  readonly nick?: string;
  readonly skipped?: number;
  readonly back?: number;
  readonly focused?: boolean;
  readonly key?: string;
};

function take(reader: Reader, { what, room = 'lobby', nick = '', skipped = 0, back = 0, ...rest }: Step): void {
  if (what === 'say') return reader.say(room, nick);
  if (what === 'deliver') return reader.deliver(room, skipped);
  if (what === 'burst') return reader.burst(room);
  if (what === 'come') return reader.come(room);
  if (what === 'answer') return reader.answer();
  if (what === 'page') return reader.page(room, reader.said[room].length + 1 - back, 8, '');
  if (what === 'focus') {
    reader.story.happen({ type: 'focus', focused: rest.focused === true });
    return;
  }
  if (what === 'marker') {
    const index = Math.max(
      1,
      [...roomOf(reader.story, room).lines].filter(({ type }) => type === 'message').length - back,
    );
    reader.story.hear({ type: 'markers', markers: [{ room, index }] });
    reader.met[room] = Math.max(reader.met[room], index);
    return;
  }
  reader.story.press(rest.key ?? '');
}

const say = (nick: string) => ({ what: 'say', room: 'lobby', nick }) as const;
const come = (skipped: number) => ({ what: 'deliver', room: 'lobby', skipped }) as const;
const press = (key: string) => ({ what: 'press', key }) as const;
/** Found once: the page with the first unread line brought later ones, and the mark went to those. */
const FOUND: readonly Step[] = [
  say('bob'),
  say('alice'),
  say('bob'),
  come(0),
  say('bob'),
  press('pageup'),
  say('bob'),
  say('alice'),
  say('bob'),
  come(0),
  say('bob'),
  say('bob'),
  come(4),
  press('M-n'),
  { what: 'answer' },
  { what: 'answer' },
];

test('whatever comes, and wherever one looks: unread is what the screen did not show, and the mark stands before it', () => {
  fc.assert(
    fc.property(fc.array<Step>(step, { maxLength: 80, size: 'max' }), (steps) => {
      const reader = new Reader();
      const { story } = reader;
      for (const one of steps) {
        const was = { model: story.model, rows: rows(story), unread: ROOMS.map((name) => reader.unreadIn(name)) };
        const met = { ...reader.met };
        take(reader, one);
        const marked = { ...reader.met };
        reader.look();
        const { model } = story;
        for (const [at, name] of ROOMS.entries()) {
          const unread = reader.unreadIn(name);
          expect(roomOf(story, name)).toMatchObject({ unread, mentions: 0 });
          const isTurnedTo = model.focused && !was.model.focused && name === model.current;
          const isLeft = name === was.model.current && name !== model.current;
          if (isTurnedTo || isLeft) reader.mark[name] = was.unread[at] === 0 ? undefined : met[name];
          if (was.unread[at] === 0 && unread > 0) reader.mark[name] = met[name];
          if (one.what === 'marker' && one.room === name && marked[name] > met[name])
            reader.mark[name] = unread > 0 ? marked[name] : name === model.current ? reader.mark[name] : undefined;
          expect(markIn(story, name)).toEqual(markedIn(reader, name));
        }
        // Whatever comes does not move what somebody reads further up.
        const isStill =
          one.what !== 'press' &&
          !(one.what === 'answer' && reader.isGoing) &&
          story.model.rooms.some(({ name, scrolled }) => name === model.current && scrolled);
        // Only the mark itself moves, once what was behind it is read and something else is new; and a gap is filled.
        const last = was.rows.at(-2) ?? '';
        if (isStill && last !== NEW && !GAP.test(last)) expect(rows(story).at(-2)).toBe(last);
      }
    }),
    { numRuns: 50, examples: [[[...FOUND]]] },
  );
});

/** The line before which the mark stands in a room, on a screen that shows all of it. */
function markIn({ model }: Story, name: string): readonly number[] {
  const tall = new Story();
  const rooms = model.rooms.map((each) => ({ ...each, scrolled: undefined }));
  tall.model = { ...model, rooms, current: name, overlay: undefined, size: { columns: 80, rows: 400 } };
  const all = rows(tall);
  return all.flatMap((row, at) =>
    row === NEW
      ? [
          all
            .slice(at)
            .map(indexIn)
            .find((index) => index > 0) ?? 0,
        ]
      : [],
  );
}

function markedIn({ story, mark }: Reader, name: RoomName): readonly number[] {
  const { [name]: after } = mark;
  if (after === undefined) return [];
  const first = [...roomOf(story, name).lines].find(
    (line) => line.type === 'message' && line.index > after && line.session !== OWN,
  );
  return first?.type === 'message' ? [first.index] : [];
}

describe('the mark of what is new', () => {
  const lines = (from: number, to: number, fields: Partial<MessageEvent> = {}) =>
    Array.from({ length: to - from + 1 }, (_, at) =>
      message({ index: from + at, text: `line ${from + at}`, ...fields }),
    );
  const joining = (index: number, position = index) => presence({ nick: 'alice', session: OWN, index, position });
  const marked = (story: Story) => markIn(story, story.model.current);

  /** A window of somebody who had read up to a line; nothing is known of the room yet. */
  function coming(index: number): Story {
    const story = new Story().hear({ type: 'welcome', session: OWN, server: 1, nick: 'alice', position: 0 });
    story.hear({ type: 'status', state: 'online', server: 1, reason: '' });
    return story.hear({ type: 'markers', markers: [{ room: 'lobby', index }] });
  }

  test('is behind what one said oneself in the window before', () => {
    const story = coming(7);
    story.hear(...lines(6, 7, { earlier: true }), ...lines(8, 8, { earlier: true, nick: 'alice' }));
    story.hear(...lines(9, 10, { earlier: true }), joining(10, 11));
    expect(marked(story)).toEqual([9]);
    expect(roomOf(story, 'lobby')).toMatchObject({ unread: 0, readThrough: 10 });
  });

  test('is nowhere when all that is new are own lines', () => {
    const story = coming(7);
    story.hear(...lines(7, 7, { earlier: true }), ...lines(8, 9, { earlier: true, nick: 'alice' }), joining(9, 10));
    story.hear(...lines(10, 11));
    expect(marked(story)).toEqual([]);
  });

  test('of a room that was left and is joined again is behind what was read before it was left', () => {
    const story = coming(3);
    story.hear(...lines(2, 5, { earlier: true }), joining(5, 6), ...lines(6, 8, { position: 7 }));
    story.hear({ ...joining(8, 11), event: 'leave' });
    story.hear(...lines(2, 8, { earlier: true }), joining(8, 12));
    expect(marked(story)).toEqual([]);
  });

  test('stands before what was said while the session was lost, which is unread where it is not in sight', () => {
    const story = coming(5);
    story.hear(...lines(2, 5, { earlier: true }), joining(5, 6)).enter('/query bob');
    story.effects();
    story.hear(...lines(6, 9, { earlier: true }), ...lines(10, 10, { earlier: true, text: 'alice: line 10' }));
    story.hear(joining(10, 12));
    expect(roomOf(story, 'lobby')).toMatchObject({ unread: 5, mentions: 1, readThrough: 5 });
    expect(story.effects().filter(({ type }) => type === 'read')).toEqual([]);
    expect(marked(story.press('M-1'))).toEqual([6]);
    expect(story.effects()).toContainEqual({ type: 'read', room: 'lobby', index: 10 });
  });

  test('stands before what was said while no window was open, when the session goes on', () => {
    const story = new Story();
    story.hear({ type: 'welcome', session: OWN, server: 1, nick: 'alice', position: 90, rooms: ['lobby'] });
    story.hear(...lines(91, 93));
    story.hear({ type: 'status', state: 'online', server: 1, reason: '' });
    expect(roomOf(story, 'lobby')).toMatchObject({ unread: 0, readThrough: 93 });
    expect(marked(story)).toEqual([91]);
  });

  test('is not there any more when one comes back and nothing came', () => {
    const story = Story.online().happen({ type: 'focus', focused: false });
    story.hear(...lines(2, 3)).happen({ type: 'focus', focused: true });
    expect(marked(story)).toEqual([2]);
    story.happen({ type: 'focus', focused: false }).happen({ type: 'focus', focused: true });
    expect(marked(story)).toEqual([]);
  });
});

test('mentions that were passed are not counted any more, those further down are', () => {
  const story = Story.online({ columns: 80, rows: 14 });
  story.hear(...Array.from({ length: 30 }, (_, at) => message({ index: 2 + at }))).press('pageup');
  story.hear(...Array.from({ length: 40 }, (_, at) => message({ index: 32 + at, text: at % 30 ? 'x' : 'alice?' })));
  expect(roomOf(story, 'lobby')).toMatchObject({ unread: 40, mentions: 2 });
  expect(roomOf(story.press('M-n'), 'lobby')).toMatchObject({ unread: 31, mentions: 1 });
  expect(roomOf(story.press('M-a'), 'lobby')).toMatchObject({ unread: 21, mentions: 1 });
});

test('/clear has read what it clears', () => {
  const story = Story.online({ columns: 80, rows: 14 });
  story.hear(...Array.from({ length: 30 }, (_, at) => message({ index: 2 + at }))).press('pageup');
  story.hear(message({ index: 32 })).enter('/clear');
  expect(roomOf(story, 'lobby')).toMatchObject({ unread: 0, divider: undefined, readThrough: 32, scrolled: undefined });
});
