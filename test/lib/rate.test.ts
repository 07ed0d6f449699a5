import { OncePer } from '../../src/lib/rate';

test('lets one through in each interval and tells how many it held back', () => {
  const rate = new OncePer(1000);
  expect(rate.pass(5)).toBe(0);
  expect(rate.pass(5)).toBeUndefined();
  expect(rate.pass(1004.9)).toBeUndefined();
  expect(rate.pass(1005)).toBe(2);
  expect(rate.pass(1006)).toBeUndefined();
  expect(rate.pass(9000)).toBe(1);
  expect(rate.pass(10_000)).toBe(0);
});

test('the first passes, however early it is', () => {
  expect(new OncePer(1000).pass(-1e9)).toBe(0);
  expect(new OncePer(1000).pass(0)).toBe(0);
});
