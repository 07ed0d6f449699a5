/** Text that people and programs send to do something to the terminals of others: one of each kind that is known. */

const ESC = '\u001b';
const BEL = '\u0007';
const ST = `${ESC}\\`;

function charactersFrom(first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at));
}

/** What moves the cursor, erases, inserts, scrolls, colours and sets modes. */
const CSI = [
  ...['2J', '3J', '1J', 'K', '1K', '2K', 'H', '1;1H', '99;99H', '5A', '5B', '5C', '5D', '5E', '5F', '20G', '9d'],
  ...['5@', '5P', '5L', '5M', '5X', '5S', '5T', '5b', '3g', '1;3r', 's', 'u', '!p', '?6h', '4h', '20h', '?7l'],
  ...['?1049l', '?1049h', '?47h', '?25l', '?25h', '?2004l', '?1000h', '?1003h', '?1006h', '?5h', '?3h', '?69h', '?1h'],
  ...[
    'c',
    '>c',
    '=c',
    '5n',
    '6n',
    '?6n',
    '14t',
    '21t',
    '8;5;20t',
    '2 q',
    '>4;2m',
    '>1u',
    '<u',
    '1"q',
    "1'~",
    '0$}',
    '$p',
  ],
  ...['31m', '1;5;7;8m', '38;2;1;2;3m', '38:2::9:8:7m', '48;5;196m', '4:3m', '58;5;1m', ';;;;m', '99999999999m', '0m'],
];
/** Up to the end of a string: titles, colours, links, the clipboard, notifications, pictures, files. */
const OSC = [
  ...['0;a title', '1;an icon', '2;a title', '4;1;#ff0000', '8;;http://example.com', '8;id=1;file:///etc/passwd'],
  ...[
    '9;a notification',
    '777;notify;a;b',
    '52;c;Y2xpcGJvYXJk',
    '52;c;?',
    '7;file://host/',
    '10;#fff',
    '11;?',
    '12;red',
  ],
  ...[
    '104',
    '110',
    '133;A',
    '633;E;rm',
    '1337;File=inline=1:AAAA',
    '1337;SetMark',
    '99;i=1;hi',
    '50;font',
    '22;pointer',
  ],
];
/** Device control strings, and the other strings. */
const STRINGS = [
  `${ESC}P+q544e${ST}`,
  `${ESC}P$q"p${ST}`,
  `${ESC}Pq#0;2;0;0;0~~@@vv${ST}`,
  `${ESC}Ptmux;${ESC}${ESC}]0;inside${BEL}${ST}`,
  `${ESC}P1000p`,
  `${ESC}^privacy${ST}`,
  `${ESC}_Ga=T,f=24;AAAA${ST}`,
  `${ESC}Xstart of string${ST}`,
  `${ESC}ktmux title${ST}`,
];
/** Without the bracket: reset, index, character sets, save and restore. */
const ESCAPES = 'c 7 8 D E H M N O Z = > < n o | } ~ (0 (B )0 *0 +0 %G %@ #8 #3 #6 [ ] P ^ _ X \\ l m'.split(' ');

const BIDI = ['\u061c', '\u200e', '\u200f', ...charactersFrom(0x202a, 0x202e), ...charactersFrom(0x2066, 0x2069)];
const NOTHING = [
  ...['\u00ad', '\u034f', '\u115f', '\u1160', '\u17b4', '\u180e', '\u200b', '\u200c', '\u200d', '\u2028', '\u2029'],
  ...[
    '\u2060',
    '\u2061',
    '\u2064',
    '\u206a',
    '\u206f',
    '\u2800',
    '\u3164',
    '\ufe00',
    '\ufe0e',
    '\ufe0f',
    '\ufeff',
    '\uffa0',
  ],
  ...[
    '\ufff9',
    '\ufffb',
    '\ufffc',
    '\ufffd',
    '\ufffe',
    '\uffff',
    '\u{1d173}',
    '\u{e0001}',
    '\u{e0041}',
    '\u{e0100}',
    '\u{10ffff}',
  ],
];

const LETTERS_AND_MARKS = [
  `Z${'\u0301'.repeat(200)}algo`,
  `${'h\u0335\u0321\u033a\u0300\u0344\u0357'.repeat(40)}`,
  '\u0301\u0302 marks without a letter',
  `\u20dd\u20de${'\u20e3'.repeat(20)} around nothing`,
  '\u1100\u1161\u11a8 \u1160\u11a8 \u1100\u1100\u1100 \u1161\u1161 각 한글 \ud7b0\ud7cb',
  `${'\u1100'.repeat(60)}${'\u1161'.repeat(60)}`,
  'नमस्ते का கொ ไทยกำ ລາວ མཁན ဂျ ខ្មែ',
  'שלום עולם مرحبا ﷽ ﷺ',
  '𒐫𒈙⸻꧅ wide ones',
  '𝒶𝓁𝓅𝒽𝒶 𠀀𠮷 ｆｕｌｌ ｈａｌｆ ﾊﾝｶｸ ゛゜ が か\u3099',
  '│──┐ box ┼ ▓▓ ⏎ › ✓ … ✗',
  'ǅ ŉ ﬃ ẞ İ ı \u0345 \u1fbe',
];
const PICTURES = [
  '👩‍❤️‍💋‍👨👨🏿‍🚒🏴‍☠️🇩🇪🇩1️⃣#️⃣*️⃣',
  `🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}`,
  '☺️☺︎☺ ❤ ✈️ ⌚ ⏏ 🈁 🈂 ㊙ 〰️ ©️ ™️ ‼️',
  '🇦🇧🇨🇩🇪🇫🇬 🇦 🇦🇦🇦',
  '🏿🏿🏿 👍🏿🏿 \u{1f3fb}',
  `${'👨‍'.repeat(60)}`,
  '\u{1fae8}\u{1fadf}\u{1f6d8}\u{1fa89} of the latest tables',
  '🀄🃏🂡 ⛄⛅♿⚓ ⬛⬜ ⭐ ⭕',
];
const HALVES = [
  '\ud800',
  '\udfff',
  '\ud800\ud800',
  '\udc00\ud800',
  'a\ud83d',
  '\ude00b',
  '\ud83d\u001b[2J\ude00',
  '\udbff',
];

const TAGS = [
  '{red-fg}red{/red-fg} {bold}{/} {center}middle{/center}',
  '{open}{close} {|} {/}',
  '{#ff0000-bg}{blink}{invisible}x',
  '{right}right{/right}{underline}',
  '<b>bold</b> &lt; &#27;[2J \\u001b[2J \\x1b[2J \\033[2J ^[[2J ␛[2J',
  '$& $1 $$ %s %n %d `id` $(id) ; rm -rf',
  '__proto__ constructor toString',
];
const BREAKS = [
  '\n\n\n',
  'a\n\n\nb',
  '\r\rover\b\b\bwrite',
  'over\rwrite',
  'a\r\nb\r\nc',
  'a\tb\t\tc',
  '\t\t\t\t\t\t\t\t\t\t\t\t',
  '\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\bback',
  '\u000b\u000c form feed \u0085 next line',
  ' ',
  '          ',
  '',
];

const LONG_BYTES = 100 * 1024;
/** As much as would fill many screens. */
export const LONG: readonly string[] = [
  'x'.repeat(LONG_BYTES),
  '漢'.repeat(LONG_BYTES / 3),
  '👍'.repeat(LONG_BYTES / 4),
  'word '.repeat(LONG_BYTES / 5),
  `${ESC}[2J`.repeat(LONG_BYTES / 4),
  `a${'\u0301'.repeat(LONG_BYTES / 2)}`,
  '\n'.repeat(LONG_BYTES),
  `${ESC}]0;${'t'.repeat(LONG_BYTES)}`,
];

/** Each between letters, so that one sees what becomes of those. */
export const HOSTILE: readonly string[] = [
  ...CSI.map((code) => `a${ESC}[${code}b`),
  ...CSI.slice(0, 20).map((code) => `a\u009b${code}b`),
  ...OSC.map((code, at) => `a${ESC}]${code}${at % 2 === 0 ? BEL : ST}b`),
  ...OSC.slice(0, 8).map((code) => `a\u009d${code}\u009cb`),
  ...OSC.slice(0, 4).map((code) => `a${ESC}]${code} without an end`),
  ...STRINGS.map((string) => `a${string}b`),
  ...ESCAPES.map((rest) => `a${ESC}${rest}`),
  `${ESC}${ESC}[2J${ESC}`,
  `${ESC}[${ESC}[2J`,
  `${ESC}]${ESC}]0;x${BEL}`,
  `\u0090q\u009c \u0098s\u009c \u009ep\u009c \u009fa\u009c`,
  ...charactersFrom(0x00, 0x1f).map((control) => `a${control}b`),
  ...charactersFrom(0x7f, 0x9f).map((control) => `a${control}b`),
  ...[...BIDI, ...NOTHING].map((control) => `a${control}b${control}`),
  `\u202egnp.exe\u202c \u2066isolated`,
  '\u200d\u200d\u200d',
  ...LETTERS_AND_MARKS,
  ...PICTURES,
  ...HALVES,
  ...TAGS,
  ...BREAKS,
];
