/** Outboxes as files: whose they are, what becomes of damaged ones, and that what is read is what was written. */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Kept } from '../../src/client/kept';
import { keptText, parseKept } from '../../src/client/kept-text';
import { OUTBOX_FILE } from '../../src/client/outbox-file';
import { openWindowFile, ownerOf, stateFolder } from '../../src/client/window-file';
import { person, salt } from '../people';
import { GONE, leftBehind } from './left-behind';

const KEPT: Kept = {
  salt: salt(1),
  birth: 'b'.repeat(16),
  position: 7,
  rooms: ['lobby'],
  settled: 2,
  sent: 4,
  done: [4],
  commands: [
    { type: 'say', room: 'lobby', text: 'one\u0007 “two” 👍', action: false },
    { type: 'rule', ruling: 'mute', who: 'bob', text: '' },
    { type: 'retain', room: 'lobby', ageMs: 1, count: 2, bytes: 3 },
  ],
  doubts: [
    { session: 'a'.repeat(16), seq: 3, after: 5, command: { type: 'direct', nick: 'bob', text: 'x', action: true } },
  ],
};
const NAME = ownerOf('c', 'tcp://127.0.0.1:7300', person(1).key);

let folder: string;
beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'synod-outbox-')), 'synod');
});
afterEach(() => rmSync(path.dirname(folder), { recursive: true, force: true }));

const files = () => readdirSync(folder).sort();
const open = (owner: string) => openWindowFile(folder, owner, OUTBOX_FILE);

/** As a window leaves it that was killed. @returns the file */
function abandoned(content: string, pid = GONE, start = 1): string {
  const file = leftBehind({ folder, owner: NAME, kind: OUTBOX_FILE, content: KEPT }, pid, start);
  writeFileSync(file, content);
  return file;
}

test('what is read is what was written', () => {
  expect(parseKept(keptText(KEPT))).toEqual(KEPT);
});

test('is for its owner only, is replaced as a whole, and goes', () => {
  const outbox = open(NAME);
  const { warnings } = outbox;
  expect([outbox.found, warnings, files()]).toEqual([undefined, [], []]);
  expect(outbox.keep(KEPT)).toBe('');
  expect(outbox.keep({ ...KEPT, position: 8 })).toBe('');
  const [file = '', ...others] = files();
  expect(others).toEqual([]);
  expect(readFileSync(path.join(folder, file), 'utf8')).toBe(keptText({ ...KEPT, position: 8 }));
  expect(statSync(path.join(folder, file)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(outbox.keep(undefined)).toBe('');
  expect(files()).toEqual([]);
});

test('of a process that is gone is the next one’s, of one that runs it is not', () => {
  const start = readFileSync(`/proc/${process.ppid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19];
  const alive = abandoned(keptText({ ...KEPT, position: 1 }), process.ppid);
  renameSync(alive, alive.replace('-1.json', `-${start}.json`));
  const file = abandoned(keptText(KEPT));
  expect(open(NAME)).toMatchObject({ found: KEPT, warnings: [] });
  expect(files()).not.toContain(path.basename(file));
  expect(files()).toContain(path.basename(alive).replace('-1.json', `-${start}.json`));
});

test.each<[Partial<Kept>, boolean]>([
  [{}, true],
  [{ doubts: [] }, true],
  [{ commands: [] }, true],
  [{ commands: [{ type: 'topic', room: 'lobby', text: '' }], doubts: [] }, true],
  [{ commands: [], doubts: [] }, false],
  [{ commands: KEPT.commands.slice(0, 2), sent: 4, done: [3, 4], doubts: [] }, false],
  [
    {
      commands: [
        { type: 'join', room: 'lobby' },
        { type: 'read', room: 'lobby', index: 3 },
      ],
      doubts: [],
    },
    false,
  ],
])('of several that are left the others stay if somebody may miss what is in them: %j: %s', (fields, isMissed) => {
  abandoned(keptText(KEPT), GONE, 1);
  const other = abandoned(keptText({ ...KEPT, sent: 2, done: [], ...fields }), GONE, 2);
  const { found, warnings } = open(NAME);
  expect(found).toBeDefined();
  expect(warnings).toEqual(isMissed ? [OUTBOX_FILE.words.more] : []);
  expect(files()).toHaveLength(isMissed ? 2 : 1);
  if (!isMissed) expect([found, files().includes(path.basename(other))]).toEqual([KEPT, false]);
});

test('one that was being written when its process was killed goes, whatever is beside it', () => {
  const alone = abandoned('half', GONE, 1);
  renameSync(alone, `${alone}.next`);
  for (const content of [keptText(KEPT), 'damaged'])
    writeFileSync(`${abandoned(content, GONE, content.length)}.next`, '');
  const others = 'outbox-of-somebody-else.json.next';
  writeFileSync(path.join(folder, others), '');
  const { found, keep } = open(NAME);
  keep(undefined);
  expect(found).toEqual(KEPT);
  expect(files().filter((file) => !file.endsWith('.damaged'))).toEqual([others]);
});

test('a number that another process has by now is nobody’s', () => {
  abandoned(keptText(KEPT), process.ppid);
  expect(open(NAME).found).toEqual(KEPT);
});

test('of another cluster or person is left alone', () => {
  abandoned(keptText(KEPT));
  const others = [ownerOf('d', 'tcp://127.0.0.1:7300', person(1).key), ownerOf('c', 'x', person(2).key)];
  for (const other of others) expect(open(other).found).toBeUndefined();
});

test.each([
  ['{"version":', 'it is no JSON'],
  ['[]', 'it: no object'],
  [keptText(KEPT).replace('"sent":4', '"sent":9'), 'sent is not among the commands'],
  [keptText(KEPT).replace('"type":"say"', '"type":"constructor"'), 'a command has no known type'],
  [keptText(KEPT).replace('"mute"', '"crown"'), 'ruling is not one of'],
  [keptText(KEPT).replace('“two”', '\\ud800'), 'text is no text'],
  [keptText(KEPT).replace('"birth":"b', '"birth":"x'), 'birth is no birth id'],
])('a damaged one is put aside: %.30s', (content, why) => {
  const file = abandoned(content);
  const outbox = open(NAME);
  const { warnings } = outbox;
  expect(outbox.found).toBeUndefined();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(why);
  expect(warnings[0]).toContain(`${file}.damaged`);
  expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(content);
  expect(open(NAME).warnings).toEqual([]);
});

test('one of a later program stays where it is', () => {
  const file = abandoned(keptText(KEPT).replace('"version":1', '"version":2'));
  expect(open(NAME).warnings[0]).toContain('a later synod wrote it');
  expect(files()).toContain(path.basename(file));
});

test('a folder that cannot be made is a line, and nothing is kept', () => {
  writeFileSync(folder, '');
  const outbox = open(NAME);
  const { warnings } = outbox;
  expect(warnings).toEqual([`what is not sent yet cannot be kept for the next time: ${folder} (EEXIST)`]);
  expect(outbox.keep(KEPT)).toContain('ENOTDIR');
});

test('is in the folder for state', () => {
  expect(stateFolder({ XDG_STATE_HOME: '/s' })).toBe('/s/synod');
  expect(stateFolder({ XDG_STATE_HOME: 'relative' })).toMatch(/\/\.local\/state\/synod$/);
});
