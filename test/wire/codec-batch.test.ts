import fc from 'fast-check';
import { type Command, type Entry, type Group, gathered, type Lines } from '../../src/chat/commands';
import { type ChatLimits, FIRST_LIMITS } from '../../src/chat/limits';
import { decodeBatch, decodeGroup, encodeBatch, encodeEntry, encodeGroup } from '../../src/wire/codec-batch';
import { CHAT_BOUNDS, MAX_GROUP_COMMANDS, MAX_TOUCH_SESSIONS } from '../../src/wire/limits';
import { groups, ownEntries } from './arbitraries';
import { describeCodec } from './codec-suite';
import { mutated, packed, prefixes, samples, unpacked } from './hostile';

const SESSION = '0123456789abcdef';
const entries: fc.Arbitrary<Entry> = fc.oneof(groups, ownEntries);
const encode = (entry: Entry) => (entry.type === 'group' ? encodeGroup(entry) : encodeEntry(entry));
const say = (text: string): Command => ({ type: 'say', room: 'lobby', text, action: false });
const group = (commands: readonly Command[], firstSeq = 1): Group => ({
  type: 'group',
  session: SESSION,
  firstSeq,
  settled: 0,
  commands: gathered(commands),
});

/** An entry by itself, as it comes out of a batch. */
function decodeEntry(bytes: Uint8Array): Entry | { readonly bad: string } {
  const batch = decodeBatch(encodeBatch(1, [bytes]));
  if ('bad' in batch) return batch;
  const [entry] = batch.entries;
  expect(batch.passedOver).toBe(entry ? 0 : 1);
  return entry ?? { bad: 'passed over' };
}

/** The commands of a group: by the first of them. */
const commandKinds = ({ commands }: Group) => commands[0]?.type ?? '';

describeCodec('groups', { values: groups, kindOf: commandKinds, encode: encodeGroup, decode: decodeGroup });
describeCodec('entries', { values: entries, kindOf: ({ type }) => type, encode, decode: decodeEntry });

describe('groups', () => {
  test('an entry that is no group is refused', () => {
    for (const entry of samples(ownEntries, 30)) expect(decodeGroup(encodeEntry(entry))).toHaveProperty('bad');
  });

  test('have at least one command and a sequence, and a bounded number of commands', () => {
    const many = (count: number) => group(new Array<Command>(count).fill(say('')));
    expect(decodeGroup(encodeGroup(many(MAX_GROUP_COMMANDS)))).toEqual(many(MAX_GROUP_COMMANDS));
    expect(decodeGroup(encodeGroup(many(MAX_GROUP_COMMANDS + 1)))).toHaveProperty('bad');
    expect(decodeGroup(encodeGroup(group([])))).toHaveProperty('bad');
    expect(decodeGroup(encodeGroup(group([say('x')], 0)))).toHaveProperty('bad');
    expect(decodeGroup(encodeGroup(group([say('x')], Number.MAX_SAFE_INTEGER)))).toHaveProperty('bad');
  });

  test('know the outcome of what was before them at most', () => {
    const known = (settled: number) => ({ ...group([say('x')], 5), settled });
    expect(decodeGroup(encodeGroup(known(4)))).toEqual(known(4));
    for (const settled of [5, 6, -1, 0.5]) expect(decodeGroup(encodeGroup(known(settled)))).toHaveProperty('bad');
  });

  test('are of a session that could be one', () => {
    for (const session of ['', 'alice', SESSION.toUpperCase(), `${SESSION}0`, `${SESSION.slice(1)}\n`]) {
      expect(decodeGroup(encodeGroup({ ...group([say('x')]), session }))).toHaveProperty('bad');
    }
  });

  test('unknown commands and entries are refused', () => {
    const fields = unpacked(encodeGroup(group([say('x')])));
    expect(decodeGroup(packed([...fields.slice(0, 4), [[99, 'lobby']]]))).toEqual({ bad: 'command is unknown' });
    expect(decodeGroup(packed([99]))).toEqual({ bad: 'entry is unknown' });
  });

  test('half a surrogate pair never comes out', () => {
    for (const half of ['\ud83d', '\ude42', `a${'\ud800'.repeat(40)}`, `${'x'.repeat(100)}\udfff`]) {
      const decoded = decodeGroup(encodeGroup(group([say(half)])));
      if ('bad' in decoded) throw new Error(decoded.bad);
      expect((decoded.commands[0] as Lines).texts.at(0)).toMatch(/^[ax]*\ufffd+$/);
    }
  });
});

test('texts of every length form come back', () => {
  for (const length of [31, 32, 255, 256, 65_535, 65_536]) {
    const long = group([say('x'.repeat(length))]);
    expect(decodeGroup(encodeGroup(long))).toEqual(long);
  }
  expect(decodeGroup(encodeGroup(group([say('x'.repeat(65_537))])))).toHaveProperty('bad');
});

test('a touch is of a bounded number of sessions', () => {
  const touch = (count: number) => ({
    type: 'touch' as const,
    server: 1,
    sessions: new Array<string>(count).fill(SESSION),
  });
  expect(decodeEntry(encodeEntry(touch(MAX_TOUCH_SESSIONS)))).toEqual(touch(MAX_TOUCH_SESSIONS));
  expect(decodeEntry(encodeEntry(touch(MAX_TOUCH_SESSIONS + 1)))).toHaveProperty('bad');
});

test('limits of the chat are within bounds, all of them', () => {
  const limits = (more: Partial<ChatLimits> = {}) => ({
    type: 'limits' as const,
    limits: { ...FIRST_LIMITS, ...more },
  });
  expect(decodeEntry(encodeEntry(limits()))).toEqual(limits());
  for (const [name, [least, most]] of Object.entries(CHAT_BOUNDS)) {
    for (const limit of [least, most]) {
      expect(decodeEntry(encodeEntry(limits({ [name]: limit })))).toEqual(limits({ [name]: limit }));
    }
    for (const limit of [least - 1, most + 1, least + 0.5]) {
      expect(decodeEntry(encodeEntry(limits({ [name]: limit })))).toHaveProperty('bad');
    }
  }
  const [kind, values] = unpacked(encodeEntry(limits())) as [number, unknown[]];
  expect(decodeEntry(packed([kind, values.slice(1)]))).toHaveProperty('bad');
});

describe('batches', () => {
  const batches = fc.record({ time: fc.maxSafeNat(), entries: fc.array(entries, { maxLength: 8 }) });

  test('come back as they were', () => {
    fc.assert(
      fc.property(batches, ({ time, entries: some }) => {
        expect(decodeBatch(encodeBatch(time, some.map(encode)))).toEqual({ time, entries: some, passedOver: 0 });
      }),
      { numRuns: 300 },
    );
  });

  test('hold the bytes of their entries unchanged', () => {
    const commands = samples(entries, 5).map(encode);
    const batch = encodeBatch(7, commands);
    for (const command of commands) expect(batch.includes(command)).toBe(true);
  });

  test('an entry that does not decode is passed over, and spoils none of the others', () => {
    const good = samples(entries, 4);
    const bad = [
      new Uint8Array(0),
      Uint8Array.from([0xc1]),
      Uint8Array.from([0x93, 0x01]),
      packed([99]),
      packed([{ a: 1 }]),
      Buffer.concat([encode(good[0] as Entry), Buffer.from([0])]),
    ];
    for (let place = 0; place <= good.length; place += 1) {
      const commands = good.map(encode);
      commands.splice(place, 0, ...bad.map((bytes) => Buffer.from(bytes)));
      expect(decodeBatch(encodeBatch(1, commands))).toEqual({ time: 1, entries: good, passedOver: bad.length });
    }
  });

  test('whose lengths do not add up, or whose time is none, are refused', () => {
    const bytes = encodeBatch(5, [encodeEntry({ type: 'sweep' }), encodeEntry({ type: 'birth', id: SESSION })]);
    const ends = [8, 8 + 4 + 2];
    const taken = [...prefixes(bytes)].filter((part) => !('bad' in decodeBatch(part))).map((part) => part.length);
    expect(taken).toEqual(ends);
    for (const time of [Number.NaN, -1, -0, 1.5, 2 ** 53, Number.POSITIVE_INFINITY]) {
      const other = Buffer.from(bytes);
      other.writeDoubleBE(time);
      expect(decodeBatch(other)).toHaveProperty('bad');
    }
    expect(() => encodeBatch(1.5, [])).toThrow('time');
  });

  test('bytes of any kind are a batch whose entries come back as they were, or are refused', () => {
    const valid = batches.map(({ time, entries: some }) => encodeBatch(time, some.map(encode)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), mutated(valid)), (bytes) => {
        const batch = decodeBatch(bytes);
        if ('bad' in batch) return;
        const again = decodeBatch(encodeBatch(batch.time, batch.entries.map(encode)));
        expect(again).toEqual({ time: batch.time, entries: batch.entries, passedOver: 0 });
      }),
      { numRuns: 1000 },
    );
  });
});
