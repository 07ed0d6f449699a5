/** Lines that come together are as if each came alone. */
import fc from 'fast-check';
import type { Lines } from '../../src/chat/commands';
import type { ChatState } from '../../src/chat/state';
import { Texts } from '../../src/chat/texts';
import { ALICE, BOB, type Done, say, verdicts, World } from './world';

const text = fc.oneof(
  { arbitrary: fc.constantFrom('tea', 'a\tb\nc', 'x'.repeat(100)), weight: 6 },
  {
    arbitrary: fc.constantFrom('', ' \n', '\u00a0\u3000', 'a bell \u0007', 'x'.repeat(101), '日本', '\ufeff', '\u007f'),
    weight: 2,
  },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }), weight: 1 },
);

interface Case {
  readonly texts: readonly string[];
  readonly room: string;
  readonly before: 'nothing' | 'slow' | 'muted' | 'short' | 'shorter';
  /** So many of them came before. */
  readonly repeated: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  texts: fc.array(text, { minLength: 1, maxLength: 90, size: 'max' }),
  room: fc.constantFrom('lobby', 'lobby', 'Lobby', 'nowhere', ''),
  before: fc.constantFrom('nothing', 'nothing', 'slow', 'muted', 'short', 'shorter'),
  repeated: fc.nat(5),
});

/** A world in which Bob, who is no operator, is about to say something. */
function worldOf({ before }: Case): World {
  const world = World.withTwo().governedBy(ALICE);
  if (before === 'slow') world.does(ALICE, { type: 'slow', room: 'lobby', pauseMs: 1000 });
  if (before === 'muted') world.does(ALICE, { type: 'rule', ruling: 'mute', who: 'bob', text: '' });
  const retain = { type: 'retain', room: 'lobby', ageMs: 0 } as const;
  if (before === 'short') world.does(ALICE, { ...retain, count: 10, bytes: 0 });
  if (before === 'shorter') world.does(ALICE, { ...retain, count: 0, bytes: 900 });
  return world;
}

function bobs(world: World, texts: readonly string[], room: string, firstSeq: number): Done {
  const lines: Lines = { type: 'lines', room, texts: Texts.of(texts), action: false };
  return world.apply({ type: 'group', session: BOB, firstSeq, settled: 0, commands: [lines] });
}

/** What a room and the speaker are afterwards. */
function after({ roomsByKey, sessions, position }: ChatState) {
  const { edition, ...room } = roomsByKey.get('lobby') as ReturnType<ChatState['editRoom']>;
  return { room, position, lastSeq: sessions.get(BOB)?.lastSeq };
}

test('lines that come together do what they do one by one', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { texts, room, repeated } = one;
      const [together, alone] = [worldOf(one), worldOf(one)];
      const known = texts.slice(0, repeated);
      if (known.length > 0) bobs(together, known, room, 2);
      const all = bobs(together, texts, room, 2);
      const each = texts.map((said, at) => bobs(alone, [said], room, 2 + at));
      expect(verdicts(all)).toEqual(each.flatMap(verdicts));
      const told = ({ texts: _, round, ...event }: Record<string, unknown>) => event;
      const [news, seqs] = [all.events, new Set(all.events.map(({ seq }) => seq))];
      expect(news.map((event) => told({ ...event }))).toEqual(
        each.flatMap(({ events }) => events.filter(({ seq }) => seqs.has(seq)).map((event) => told({ ...event }))),
      );
      expect(news.length).toBe(
        verdicts(all)
          .slice(known.length)
          .filter((verdict) => verdict === 'ok').length,
      );
      expect(after(together.state)).toEqual(after(alone.state));
    }),
    { numRuns: 300 },
  );
});

test('lines that were heard are one outcome, a refused one is one by itself', () => {
  const world = World.withTwo();
  const { outcomes, events } = bobs(world, ['a', 'b', '', 'c'], 'lobby', 2);
  expect(outcomes).toMatchObject([
    { firstSeq: 2, count: 2, firstPosition: 3 },
    { firstSeq: 4, count: 1, refusal: { code: 'bad-text' } },
    { firstSeq: 5, count: 1, firstPosition: 5 },
  ]);
  expect(events.map(({ position, index, seq, text: said }) => [position, index, seq, said])).toEqual([
    [3, 1, 2, 'a'],
    [4, 2, 3, 'b'],
    [5, 3, 5, 'c'],
  ]);
});

test('what is said keeps nothing of what was refused, or was said before, in memory', () => {
  const world = World.withTwo({ textBytes: 60_000 });
  const refused = 'a bell \u0007'.repeat(5000);
  const lines = (texts: readonly string[]): Lines => {
    return { type: 'lines', room: 'lobby', texts: Texts.of(texts), action: false };
  };
  const group = { type: 'group', session: BOB, firstSeq: 2, settled: 0 } as const;
  const kept: number[] = [];
  for (const texts of [
    ['x', refused],
    ['x', refused, 'y'],
  ]) {
    const commands = [lines(texts)];
    const { runs } = world.state.apply(world.round + kept.length, { time: 0, entries: [{ ...group, commands }] });
    kept.push(...runs.map((run) => run.texts.bytes.buffer.byteLength));
  }
  expect(kept).toEqual([1, 1]);
});

test('what comes between lines of one room, or is said as an action, parts them', () => {
  const world = World.withTwo();
  const action = { type: 'say', room: 'lobby', text: 'waves', action: true } as const;
  const done = world.does(
    ALICE,
    say('lobby', 'a'),
    say('lobby', 'b'),
    action,
    { type: 'away', text: 'out' },
    say('lobby', 'c'),
  );
  expect(done.events.map(({ kind, text: said, index }) => [kind, said, index])).toEqual([
    ['message', 'a', 1],
    ['message', 'b', 2],
    ['action', 'waves', 3],
    ['away', 'out', 3],
    ['message', 'c', 4],
  ]);
});

describe('texts side by side', () => {
  const all = fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { minLength: 1, maxLength: 9 });

  test('are what they were made of, whole and in part', () => {
    fc.assert(
      fc.property(all, fc.nat(8), fc.nat(8), (texts, one, other) => {
        const made = Texts.of(texts);
        expect(made.toStrings()).toEqual(texts);
        expect(texts.map((_, at) => [made.at(at), made.lengthOf(at)])).toEqual(
          texts.map((said) => [said, Buffer.byteLength(said)]),
        );
        const from = Math.min(one, other, texts.length - 1);
        const to = Math.min(Math.max(one, other), texts.length - 1) + 1;
        expect(made.slice(from, to).toStrings()).toEqual(texts.slice(from, to));
        expect(Texts.sideBySide([made, made.slice(from, to)]).toStrings()).toEqual([
          ...texts,
          ...texts.slice(from, to),
        ]);
      }),
    );
  });

  test('are plain when each is printable ASCII, has something to see, and is short enough', () => {
    const plain = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(plain, (texts) => {
        const expected = texts.every((said) => /^[\t\n\x20-\x7e]{1,7}$/.test(said) && said.trim() !== '');
        expect(Texts.of(texts).arePlain(7)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
    for (let code = 0; code < 300; code += 1) {
      for (const around of ['', 'abc', 'abcdefg']) {
        const said = `${around}${String.fromCharCode(code)}z`;
        expect(Texts.of([said]).arePlain(100)).toBe(/^[\t\n\x20-\x7e]*$/.test(said));
      }
    }
  });
});
