/** A store is looked at closely after a process that ended in its first seconds, or found damage. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Settling } from '../../src/storage/settling';

const root = mkdtempSync(path.join(os.tmpdir(), 'synod-settling-'));
const mark = path.join(root, 'settling');
beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  jest.useRealTimers();
  rmSync(mark, { force: true });
});
afterAll(() => rmSync(root, { recursive: true }));

test('one that was closed at once is as good as before', () => {
  const settling = Settling.begin(mark);
  expect([settling.failedBefore, existsSync(mark)]).toEqual([false, true]);
  settling.end();
  expect(existsSync(mark)).toBe(false);
});

test('one that lasted may be killed', () => {
  Settling.begin(mark);
  jest.advanceTimersByTime(9_000);
  expect(existsSync(mark)).toBe(true);
  jest.advanceTimersByTime(1_000);
  expect(existsSync(mark)).toBe(false);
});

test('one that was killed before is looked at closely, until one lasts', () => {
  Settling.begin(mark);
  jest.clearAllTimers();
  const next = Settling.begin(mark);
  expect(next.failedBefore).toBe(true);
  next.end();
  const after = Settling.begin(mark);
  expect(after.failedBefore).toBe(false);
  after.end();
});

test('damage is looked at closely the next time, however the process ends', () => {
  const settling = Settling.begin(mark);
  jest.advanceTimersByTime(20_000);
  settling.lookCloserNextTime();
  settling.end();
  expect(Settling.begin(mark).failedBefore).toBe(true);
});
