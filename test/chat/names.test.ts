/** What rooms and people may be called, and which names are one. */
import fc from 'fast-check';
import { OF_NAMES } from '../../src/chat/characters';
import { FIRST_LIMITS } from '../../src/chat/limits';
import { badNick, badRoom, fold, nickName, roomName, skeletonOf, skeletonsOf } from '../../src/chat/names';

const nick = (text: string) => nickName(text, FIRST_LIMITS);
const room = (text: string) => roomName(text, FIRST_LIMITS);
const why = (text: string) => badNick(text, FIRST_LIMITS).message;

describe('a nick', () => {
  test.each([
    ['alice'],
    ['Alice_2'],
    ['0x.f-f'],
    ['Zoë'],
    ['Łukasz'],
    ['Nguyễn'],
    ['Straße'],
    ['Вова'],
    ['Ґалаґан'],
    ['Άννα'],
    ['Գարիկ'],
    ['გიორგი'],
    ['שָׁלוֹם'],
    ['عَلِيّ'],
    ['کیوان۱۲'],
    ['सुरेश'],
    ['রহিম'],
    ['ரவி'],
    ['น้ำฝน'],
    ['ນ້ຳ'],
    ['မြွှေး'],
    ['សុខ'],
    ['བཀྲཤིས'],
    ['አበበ'],
    ['ᏣᎳᎩ'],
    ['ⵣⵓ'],
    ['佐々木さん'],
    ['ラーメン'],
    ['Kim김철수'],
    ['李_Lee2'],
    ['林ㄌㄧㄣLin'],
    ['𠮷野'],
  ])('%s is one, as it is written', (text) => {
    expect(nick(text)).toBe(text);
  });

  test.each([
    ['Ａｌｉｃｅ', 'Alice'],
    ['𝖆𝖑𝖎𝖈𝖊', 'alice'],
    ['ﬁona', 'fiona'],
    ['ｱｲｳ', 'アイウ'],
    ['e\u0301va', 'éva'],
    ['ﺏ', 'ب'],
    ['\u212bsa', 'Åsa'],
  ])('%s is written %s', (text, expected) => {
    expect(nick(text)).toBe(expected);
  });

  test.each([
    ['nothing', '', 'the first a letter or digit'],
    ['a space', 'a b', 'U+0020'],
    ['a sign', 'a@b', 'U+0040'],
    ['a sign at the beginning', '_a', 'begins otherwise'],
    ['a mark at the beginning', '\u0301a', 'begins otherwise'],
    ['a picture', 'a😀', 'U+1F600'],
    ['half a pair', 'a\ud83d', 'U+D83D'],
    ['more than 32', 'a'.repeat(33), 'longer'],
    ['much more than 32', 'a'.repeat(1000), 'longer'],
    ['what is many letters', '\ufdfa', 'U+FDFA'],
    ['what has not been there for long', '\u{1ccd6}lice', 'U+1CCD6'],
    ['a script that nobody writes', '𓀀', 'U+13000'],
    ['half a syllable', 'ㅋㅋ', 'U+314B'],
  ])('is not %s', (_, text, expected) => {
    expect(nick(text)).toBeUndefined();
    expect(why(text)).toMatch(/^a nick is 1 to 32 letters, digits, "-", "_" or "\.", the first a letter or digit/);
    expect(why(text)).toContain(expected);
    expect(why(text)).not.toContain('\n');
    expect(room(text)).toBeUndefined();
  });

  test.each(
    '34f 115f 1160 3164 ffa0 17b4 17b5 180b 180e 180f 200b 200c 200d 2060 feff ad fe0f e0101 61c 200e 202e 2066 206f e0041'
      .split(' ')
      .map((code) => [code]),
  )('holds no U+%s: one does not see it', (code) => {
    const hidden = String.fromCodePoint(Number.parseInt(code, 16));
    for (const text of [`ali${hidden}ce`, `alice${hidden}`]) expect([nick(text), room(text)]).toEqual([]);
  });

  test('no character of names is one that is not seen', () => {
    const hidden = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{C}\p{Z}\p{Me}]/u;
    const found: string[] = [];
    for (let point = 0x80; point < 0x32000; point += 1) {
      const character = String.fromCodePoint(point);
      if (OF_NAMES.test(character) && hidden.test(character)) found.push(point.toString(16));
    }
    expect(found).toEqual([]);
  });

  test.each([
    ['as many marks as some scripts need', 'q\u0307\u0323\u0304\u0301', true],
    ['more marks than that', 'q\u0307\u0323\u0304\u0301\u0306', false],
    ['a mark twice', 'z\u0304\u0304', false],
    ['a mark on a dash', 'a-\u0304', false],
  ])('with %s: %s', (_, text, expected) => {
    expect([nick(text) !== undefined, room(text) !== undefined]).toEqual([expected, expected]);
  });

  test.each([
    ['Latin and Cyrillic', 'аlice'],
    ['Latin and Greek', 'alicε'],
    ['Latin and Cherokee', 'aliᏟe'],
    ['Cyrillic and Greek', 'вοва'],
    ['Arabic and Hebrew', 'אب'],
    ['kana and hangul', 'さ김'],
    ['Bopomofo and kana', 'ㄅさ'],
    ['Cyrillic and Han', 'во中'],
    ['an Arabic digit', 'alice\u0661'],
    ['a mark of another script', 'alice\u064b'],
  ])('does not mix %s, a room may', (_, text) => {
    expect(nick(text)).toBeUndefined();
    expect(why(text)).toContain('mixes scripts');
    expect(room(text)).toBe(text);
  });

  test.each([['ب\u06612'], ['ب\u06690'], ['ب\u0661\u06f2'], ['\u09672']])(
    'does not mix digits: %s; a room may',
    (text) => {
      expect(nick(text)).toBeUndefined();
      expect(why(text)).toContain('digits of one kind');
      expect(room(text)).toBe(text);
    },
  );
});

test('the name of a room comes with or without its sign', () => {
  expect([room('#Lobby'), room('Lobby'), room('##lobby'), room('#')]).toEqual(['Lobby', 'Lobby', undefined, undefined]);
  expect(badRoom('##lobby', FIRST_LIMITS)).toEqual({
    code: 'bad-room',
    message: expect.stringMatching(/^the name of a room is 1 to 32 letters, .*: U\+0023 is not allowed$/),
  });
});

describe('case', () => {
  test.each([
    ['Alice', 'aLICE'],
    ['ВОВА', 'вова'],
    ['ΟΔΟΣ', 'οδος', 'οδοσ'],
    ['Straße', 'STRASSE'],
    ['ΆΝΝΑ', 'άννα'],
    ['ᏣᎳᎩ', 'ꮳꮃꭹ'],
    ['Ｂob', 'bob'],
    ['e\u0301va', 'ÉVA'],
    ['ıŞIL', 'işil'],
    ['@Zoë', '@ZOË'],
  ])('%s is %s', (...names) => {
    expect(new Set(names.map(fold)).size).toBe(1);
  });

  test('of what is no name is left alone: another version of Node might know it', () => {
    for (const text of ['\u{1ccd6}LICE', 'A😀', '\ua7dc', '\ud83dÄ']) expect(fold(text)).toBe(text);
    expect(fold('Ä'.repeat(2000))).toBe('Ä'.repeat(2000));
  });
});

describe('to the eye', () => {
  test.each([
    ['alice', 'Alice', 'a1ice', 'aIice', 'AIICE', 'аlісе', 'ａlice'],
    ['modern', 'rnodern', 'MODERN', 'm0dern', 'modem', 'rnodem'],
    ['bob', 'B0B', 'ВОВ', 'вов', 'ВоВ'],
    ['paypal', 'раураl', 'РАУРАӀ'],
    ['scope', 'ѕсоре', 'ЅСОРЕ'],
    ['Hop', 'Нор', 'ΗΟΡ', 'հօр'],
    ['istanbul', 'İSTANBUL', 'ıstanbul', 'i\u0307stanbul'],
    ['caca', 'СаСа', 'саса'],
    ['力', 'カ'],
    ['ŵ', 'w\u0302'],
    ['ƃ\u0323', 'b\u0304\u0323'],
  ])('%s is %s', (...nicks) => {
    expect(new Set(nicks.map(skeletonOf)).size).toBe(1);
  });

  test('a letter may look like another as it is shown only, and does not make two of others one', () => {
    expect(skeletonsOf('Ενα')).toEqual(['ena', 'eva']);
    expect(skeletonsOf('ΕΝΑ')).toEqual(['ena']);
    expect(skeletonsOf('Eva')).toEqual(['eva']);
    expect(skeletonsOf('Ena')).toEqual(['ena']);
    const names = ['ana', 'ava', 'ray', 'rau', 'yau', 'sam', '5am', 'jim', '3im', 'dad', 'bad', 'gag', 'vim', 'wim'];
    expect(new Set(names.flatMap(skeletonsOf)).size).toBe(names.length);
  });

  test('no two letters of ASCII are one but those that look so', () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyz23456789', '0', '1'];
    expect(new Set(letters.map(skeletonOf)).size).toBe(letters.length - 3);
  });

  test('what is no name, or very long, is compared as it is', () => {
    for (const text of ['I😀', '1\u{1ccd6}', 'а'.repeat(2000)]) expect(skeletonsOf(text)).toEqual([text]);
  });
});

describe('of any text', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom(...'iIıİjlL1|0oOσςΣßẞеЕв\u0307\u0323\u0345\u0301\u0e4d\u0e32\u0e33ǆǅ가ᄀ\u11a8ﬁ'),
    }),
  );
  /** What is a nick far more often than not: of one script, and its digits and marks. */
  const blocks = [
    0x41, 0xc0, 0x180, 0x370, 0x400, 0x531, 0x5d0, 0x620, 0x905, 0xe01, 0x10a0, 0x13a0, 0x1e00, 0x1f00, 0xac00,
  ];
  const likely = fc
    .tuple(fc.constantFrom(...blocks), fc.array(fc.nat(120), { minLength: 1, maxLength: 8 }))
    .map(([from, offsets]) => String.fromCodePoint(...offsets.map((offset) => from + offset)));
  const texts = fc.oneof(anything, likely);
  const check = (holds: (text: string) => void) => fc.assert(fc.property(texts, holds), { numRuns: 1000 });

  test('the fold of a fold is the fold', () => {
    check((text) => expect(fold(fold(text))).toBe(fold(text)));
  });

  test('the skeleton of a skeleton is the skeleton, and case does not matter to it', () => {
    check((text) => {
      const skeleton = skeletonOf(text);
      expect([skeletonOf(skeleton), skeletonOf(fold(text))]).toEqual([skeleton, skeleton]);
      for (const one of skeletonsOf(text)) expect(skeletonOf(one)).toBe(one);
    });
  });

  test('a name stays as it is, however it was composed', () => {
    let names = 0;
    check((text) => {
      const name = nick(text);
      if (name === undefined) return;
      names += 1;
      for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) {
        expect(nick(text.normalize(form))).toBe(name);
        expect(fold(text.normalize(form))).toBe(fold(name));
      }
      expect([nick(name), room(name), name.normalize('NFC')]).toEqual([name, name, name]);
      expect(skeletonsOf(name)[0]).toBe(skeletonOf(name));
    });
    expect(names).toBeGreaterThan(100);
  });

  test('a name in other case is the same', () => {
    check((text) => {
      const name = nick(text);
      for (const other of [name?.toUpperCase(), name?.toLowerCase()]) {
        if (name === undefined || other === undefined || nick(other) === undefined) continue;
        expect([fold(other), skeletonOf(other)]).toEqual([fold(name), skeletonOf(name)]);
      }
    });
  });
});
