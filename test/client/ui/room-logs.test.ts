/** Logs of rooms on a real disk. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { callSequence } from '../../../src/client/ui/call';
import { RoomLogs, whereLogged } from '../../../src/client/ui/room-logs';
import { fileName } from '../../../src/lib/file-name';
import { processMark } from '../../../src/lib/process-mark';
import { message, presence, TIME } from '../window/window-model';

let folder: string;
const troubles: string[] = [];
beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'synod-logs-')), 'cluster');
  troubles.length = 0;
});
afterEach(() => {
  rmSync(path.dirname(folder), { recursive: true });
});

function opened(): RoomLogs {
  return new RoomLogs((text) => troubles.push(text), Date.now);
}

/** A window that logs this, and is closed. */
function logged(...lines: Parameters<RoomLogs['add']>[1][]): void {
  const logs = opened();
  for (const line of lines) logs.add(folder, line);
  logs.end();
}

function textOf(room: string, day = '2026-11-23'): string {
  return readFileSync(path.join(folder, room, `${day}.log`), 'utf8');
}

const DAY_MS = 24 * 3600 * 1000;

test('a file for each room and day, the lines as --plain has them, for nobody else to read', () => {
  logged(
    message({ text: 'two\nlines\u001b[31m', index: 1 }),
    presence({ room: 'dev', nick: 'zoe', index: 1, position: 3 }),
    message({ index: 2, time: TIME + DAY_MS, action: true, text: 'waves' }),
    message({ room: '@../bob', index: 1, position: 4, text: 'psst' }),
  );
  expect(textOf('lobby')).toBe('09:10 #lobby <bob> two ⏎ lines\n');
  expect(textOf('lobby', '2026-11-24')).toBe('09:10 #lobby * bob waves\n');
  expect(textOf('dev')).toBe('09:10 #dev zoe has joined\n');
  expect(textOf('@%2e%2e%2fbob')).toBe('09:10 (@../bob) <bob> psst\n');
  expect(statSync(path.join(folder, 'lobby')).mode & 0o777).toBe(0o700);
  expect(statSync(path.join(folder, 'lobby', '2026-11-23.log')).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).sort()).toEqual(['@%2e%2e%2fbob', 'dev', 'lobby']);
});

test('each line once, also when it comes again, in this window or the next', () => {
  const lines = [1, 2, 3].map((index) => message({ index, text: `line ${index}` }));
  logged(...lines, ...lines);
  logged(...lines, message({ index: 4, text: 'line 4' }));
  expect(textOf('lobby').match(/line \d/g)).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
});

test('what is missing is said in it, with how many lines', () => {
  logged(message({ index: 5, text: 'line 5' }), presence({ nick: 'zoe', index: 5, position: 6 }));
  // The log was off, or the window closed.
  logged(message({ index: 7, position: 8, text: 'line 7' }));
  logged(presence({ nick: 'zoe', index: 20, position: 21 }), message({ index: 21, position: 22, text: 'line 21' }));
  expect(textOf('lobby').split('\n')).toEqual([
    '09:10 #lobby <bob> line 5',
    '09:10 #lobby zoe has joined',
    '-- 1 line is missing here, #6 --',
    '09:10 #lobby <bob> line 7',
    '-- 13 lines are missing here, #8 to #20 --',
    '09:10 #lobby zoe has joined',
    '09:10 #lobby <bob> line 21',
    '',
  ]);
  // Nobody knows that of a conversation.
  logged(message({ room: '@bob', index: 1 }), message({ room: '@bob', index: 9, position: 9 }));
  expect(textOf('@bob')).not.toContain('missing');
});

test('files of which it is not known how many lines they have say nothing of missing ones', () => {
  logged(message({ index: 1 }));
  writeFileSync(path.join(folder, 'lobby', '.last'), JSON.stringify({ time: TIME, position: 1 }));
  logged(message({ index: 7 }));
  expect(textOf('lobby')).not.toContain('missing');
});

test('where a room is written to', () => {
  expect(whereLogged('/logs/synod', '@../bob', TIME)).toBe(
    'this room is written to /logs/synod/@%2e%2e%2fbob/2026-11-23.log, each day to another file',
  );
});

test('a cluster that begins anew counts from the beginning, and is logged', () => {
  logged(message({ index: 1000, text: 'before' }));
  logged(message({ index: 1, text: 'after', time: TIME + 1 }));
  expect(textOf('lobby').match(/before|after/g)).toEqual(['before', 'after']);
});

describe('two windows', () => {
  /** What a window has that runs as long as this process. */
  const OTHERS = `${processMark(process.ppid)}\n`;
  const lock = () => path.join(folder, 'lobby', '.lock');
  const locked = (mark: string) => {
    mkdirSync(path.dirname(lock()), { recursive: true });
    writeFileSync(lock(), mark);
  };

  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test('write each line once, in whatever room one of them is', () => {
    const [one, other] = [opened(), opened()];
    const both = (...indexes: number[]) => {
      for (const index of indexes)
        for (const logs of [one, other]) logs.add(folder, message({ index, text: `${index}` }));
    };
    both(1, 2);
    jest.runAllTimers();
    one.add(folder, message({ index: 3, text: '3' }));
    other.add(folder, message({ room: 'dev', index: 1 }));
    jest.runAllTimers();
    other.add(folder, message({ index: 3, text: '3' }));
    both(4);
    for (const logs of [one, other]) logs.end();
    expect(textOf('lobby').match(/> \d/g)).toEqual(['> 1', '> 2', '> 3', '> 4']);
    expect(textOf('dev')).toBe('09:10 #dev <bob> hello\n');
    expect([troubles, existsSync(lock())]).toEqual([[], false]);
  });

  test('take turns, and the one that closes waits for nobody', () => {
    const logs = opened();
    locked(OTHERS);
    logs.add(folder, message({ index: 1, text: 'one' }));
    logs.add(folder, message({ room: 'dev', index: 1 }));
    jest.advanceTimersByTime(1000);
    expect(textOf('dev')).toContain('hello');
    expect(readdirSync(path.join(folder, 'lobby'))).toEqual(['.lock']);
    rmSync(lock());
    jest.runAllTimers();
    expect(textOf('lobby')).toContain('one');
    locked(OTHERS);
    logs.add(folder, message({ index: 2, text: 'two' }));
    logs.end();
    expect(textOf('lobby')).toContain('two');
    expect([troubles, readFileSync(lock(), 'utf8')]).toEqual([[], OTHERS]);
  });

  test.each([
    ['4194304999-1\n', 'what is left by one that was killed'],
    [`${process.ppid}-1\n`, 'another process has the number of one that was killed'],
  ])('are not two: %j, %s', (mark) => {
    locked(mark);
    opened().add(folder, message({ index: 1 }));
    jest.runAllTimers();
    expect(textOf('lobby')).toBe('09:10 #lobby <bob> hello\n');
  });

  test('do not write while another one is about to: its lock has no mark yet', () => {
    locked('');
    opened().add(folder, message({ index: 1 }));
    jest.advanceTimersByTime(1000);
    expect(readdirSync(path.join(folder, 'lobby'))).toEqual(['.lock']);
    utimesSync(lock(), 1, 1);
    jest.runAllTimers();
    expect(textOf('lobby')).toContain('hello');
  });

  test('that talk to the same one alone have lines of their own there', () => {
    const [one, other] = [opened(), opened()];
    const say = (logs: RoomLogs, position: number) => {
      logs.add(folder, message({ room: '@bob', index: position, position, text: `${position}` }));
      jest.runAllTimers();
    };
    say(one, 1);
    say(other, 5);
    say(one, 3);
    logged(
      ...[1, 3, 5, 6].map((position) => message({ room: '@bob', index: position, position, text: `${position}` })),
    );
    expect(textOf('@bob').match(/> \d/g)).toEqual(['> 1', '> 5', '> 3', '> 6']);
  });
});

test('what cannot be written is told once, and is written as soon as it can be', () => {
  writeFileSync(folder, 'no folder');
  jest.useFakeTimers();
  try {
    const logs = opened();
    const say = (index: number) => {
      logs.add(folder, message({ index, text: `line ${index}` }));
      jest.runAllTimers();
    };
    say(1);
    say(2);
    expect(troubles).toEqual([expect.stringMatching(/lobby: the log cannot be written \((ENOTDIR|EEXIST)\)/)]);
    rmSync(folder);
    say(3);
    expect(textOf('lobby').match(/line \d/g)).toEqual(['line 1', 'line 2', 'line 3']);
    logs.end();
  } finally {
    jest.useRealTimers();
  }
});

describe('each line is there once', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test('also when the file of another day cannot be written for a while', () => {
    const blocked = path.join(folder, 'lobby', '2026-11-24.log');
    mkdirSync(blocked, { recursive: true });
    const logs = opened();
    logs.add(folder, message({ index: 1, text: 'yesterday' }));
    for (let index = 2; index < 6; index += 1) {
      logs.add(folder, message({ index, text: `today ${index}`, time: TIME + DAY_MS + index }));
      jest.runAllTimers();
    }
    rmSync(blocked, { recursive: true });
    logs.end();
    expect(textOf('lobby').match(/yesterday/g)).toHaveLength(1);
    expect(textOf('lobby', '2026-11-24').match(/today \d/g)).toEqual(['today 2', 'today 3', 'today 4', 'today 5']);
  });

  test('also when it cannot be noted how far the files go', () => {
    mkdirSync(path.join(folder, 'lobby', '.last.next'), { recursive: true });
    const logs = opened();
    for (let index = 1; index <= 4; index += 1) {
      logs.add(folder, message({ index, text: `line ${index}`, time: TIME + index }));
      jest.runAllTimers();
    }
    logs.end();
    expect(textOf('lobby').match(/line \d/g)).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
  });
});

test('is told once for all rooms, also when others can be written, and never stops the window', () => {
  jest.useFakeTimers();
  try {
    const logs = opened();
    for (const room of ['dev', 'lobby', 'ops']) logs.add(folder, message({ room, index: 1 }));
    jest.runAllTimers();
    for (const room of ['dev', 'ops']) {
      rmSync(path.join(folder, room), { recursive: true });
      writeFileSync(path.join(folder, room), 'no folder');
    }
    for (const index of [2, 3, 4])
      for (const room of ['dev', 'lobby', 'ops']) {
        logs.add(folder, message({ room, index }));
        jest.runAllTimers();
      }
    expect(troubles).toHaveLength(1);
    // That a lock cannot be taken is another reason.
    mkdirSync(path.join(folder, 'lobby', '.lock'));
    logs.add(folder, message({ index: 5 }));
    logs.end();
    expect(textOf('lobby').match(/hello/g)).toHaveLength(4);
    expect(troubles).toEqual([expect.stringMatching(/EEXIST|ENOTDIR/), expect.stringContaining('EISDIR')]);
  } finally {
    jest.useRealTimers();
  }
});

describe('a name of a file', () => {
  test.each([
    ['lobby', 'lobby'],
    ['@bob', '@bob'],
    ['..', '%2e%2e'],
    ['a/b', 'a%2fb'],
    ['été', 'été'],
    ['%2f', '%252f'],
  ])('%s: %s', (name, expected) => {
    expect(fileName(name)).toBe(expected);
  });

  test('is never too long, nor that of another one', () => {
    const [one, other] = [`${'😀'.repeat(90)}a`, `${'😀'.repeat(90)}b`].map(fileName);
    expect(one).not.toBe(other);
    expect(Buffer.byteLength(one ?? '')).toBeLessThan(255);
    expect(fileName('')).not.toBe('');
  });
});

describe('a call', () => {
  const call = { type: 'call', title: 'synod #a;b', text: 'bob: hi;' } as const;

  test.each([
    ['off', {}, ''],
    ['bell', {}, '\u0007'],
    ['desktop', { TERM: 'xterm-256color' }, '\u001b]9;synod #a;b: bob: hi;\u0007'],
    ['desktop', { TERM: 'rxvt-unicode' }, '\u001b]777;notify;synod #a,b;bob: hi;\u0007'],
    ['desktop', { VTE_VERSION: '7600' }, '\u001b]777;notify;synod #a,b;bob: hi;\u0007'],
    ['desktop', { TMUX: '/tmp/x' }, '\u001bPtmux;\u001b\u001b]9;synod #a;b: bob: hi;\u0007\u001b\\'],
  ] as const)('%s on %j', (how, environment, expected) => {
    expect(callSequence({ ...call, how }, environment)).toBe(expected);
  });
});
