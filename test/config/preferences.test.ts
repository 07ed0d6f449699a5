/** A person's preferences: read with what is wrong in them said, changed without losing what is not known. */
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { DEFAULT_PREFERENCES, PREFERENCE_NAMES } from '../../src/config/preferences';
import { changePreference, preferencesFile, readPreferences } from '../../src/config/preferences-file';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'synod-preferences-'));
  file = path.join(folder, 'synod', 'config.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function written(text: string): void {
  file = path.join(folder, 'config.json');
  writeFileSync(file, text);
}

/** What a change comes to. */
function changed(key: string, text: string) {
  return changePreference(file, readPreferences(file).preferences, key, text);
}

test('it is where the specification says', () => {
  expect(preferencesFile({ XDG_CONFIG_HOME: '/etc/me' })).toBe('/etc/me/synod/config.json');
  const usual = path.join(homedir(), '.config/synod/config.json');
  expect(preferencesFile({})).toBe(usual);
  expect(preferencesFile({ XDG_CONFIG_HOME: 'relative' })).toBe(usual);
});

test('without a file, all is as it is by default', () => {
  expect(readPreferences(file)).toEqual({ preferences: DEFAULT_PREFERENCES, problems: [] });
});

test('what is wrong or unknown is named with file and key, and the rest counts', () => {
  written('{"theme":"pink","timestamps":"seconds","histroy":5,"history":-1,"ignored":["a b"],"logs":"here"}');
  const { preferences, problems } = readPreferences(file);
  expect(preferences).toEqual({ ...DEFAULT_PREFERENCES, timestamps: 'seconds' });
  expect(problems).toEqual([
    `${file}: theme: found "pink", allowed: dark, light, 16, none`,
    `${file}: histroy: unknown key, allowed: ${PREFERENCE_NAMES.join(', ')}; did you mean history?`,
    `${file}: history: found -1, allowed: 0 to 500`,
    `${file}: ignored: found a list of 1, allowed: at most 200 nicks`,
    `${file}: logs: found "here", allowed: off, or a folder that begins with / or ~/`,
  ]);
});

test.each([
  ['{"theme":', /config\.json:1:10: not JSON: found the end of the file/],
  ['[]', /config\.json: the whole: found a list of 0, allowed: an object/],
  [' '.repeat(300 * 1024), /larger than preferences can be/],
])('a file that is none is said, and stays as it is', (text, problem) => {
  written(text);
  expect(readPreferences(file)).toEqual({
    preferences: DEFAULT_PREFERENCES,
    problems: [expect.stringMatching(problem)],
  });
  expect(changed('theme', 'light')).toEqual({ problem: expect.stringMatching(/; nothing was changed$/) });
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('a change is written, for nobody else to read, and nothing else is left there', () => {
  expect(changed('theme', 'light')).toEqual({ ...DEFAULT_PREFERENCES, theme: 'light' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  expect(readdirSync(path.dirname(file))).toEqual(['config.json']);
  expect(readPreferences(file).preferences.theme).toBe('light');
});

test('a change keeps what is not known, and what another window changed', () => {
  written('{"of-tomorrow":[1],"theme":"16"}');
  const before = readPreferences(file).preferences;
  writeFileSync(file, '{"of-tomorrow":[1],"theme":"16","notify":"off"}');
  changePreference(file, before, 'history', '7');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    'of-tomorrow': [1],
    theme: '16',
    notify: 'off',
    history: 7,
  });
});

test('- takes a value away', () => {
  written('{"theme":"16","nick":"zoe"}');
  expect(changed('nick', '-')).toEqual({ ...DEFAULT_PREFERENCES, theme: '16', nick: undefined });
  expect(changed('theme', '-')).toMatchObject({ theme: 'dark' });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({});
});

test.each([
  ['colour', 'x', /^colour: unknown key, allowed: theme/],
  ['theme', 'pink', /^theme: found "pink", allowed: dark, light/],
  ['history', 'many', /^history: found "many", allowed: 0 to 500/],
  ['logs', 'here', /^logs: found "here"/],
  ['__proto__', 'x', /^__proto__: unknown key/],
])('%s %s is refused, and nothing is written', (key, text, problem) => {
  expect(changed(key, text)).toEqual({ problem: expect.stringMatching(problem) });
  expect(readdirSync(folder)).toEqual([]);
});

test('a list is typed with spaces, and may be empty', () => {
  expect(changed('ignored', ' bob  carla ')).toMatchObject({ ignored: ['bob', 'carla'] });
  expect(changed('ignored', '')).toMatchObject({ ignored: [] });
});

test('a link stays one', () => {
  const real = path.join(folder, 'real.json');
  writeFileSync(real, '{}');
  chmodSync(real, 0o644);
  file = path.join(folder, 'config.json');
  symlinkSync(real, file);
  changed('theme', 'light');
  expect(JSON.parse(readFileSync(real, 'utf8'))).toEqual({ theme: 'light' });
  expect(statSync(real).mode & 0o777).toBe(0o600);
});
