import { isIgnored } from '../../src/client/ignoring';

test('whoever is ignored is so in whatever case', () => {
  const ignored = ['Troll', 'Ωμέγα', 'Strauß'];
  for (const nick of ['troll', 'TROLL', 'ΩΜΈΓΑ', 'STRAUSS'])
    expect([nick, isIgnored(ignored, nick)]).toEqual([nick, true]);
  for (const nick of ['trol', 'alice', '']) expect([nick, isIgnored(ignored, nick)]).toEqual([nick, false]);
  expect(isIgnored([], 'troll')).toBe(false);
});

test('the nicks are gone through once, and not for each line', () => {
  let looks = 0;
  const ignored = new Proxy(['troll', 'Ωμέγα'], {
    get(nicks, key, receiver) {
      if (key === '0' || key === '1') looks += 1;
      return Reflect.get(nicks, key, receiver);
    },
  });
  for (let line = 0; line < 100; line += 1) isIgnored(ignored, `bob${line}`);
  expect(looks).toBe(2);
});

test('other nicks are other ones at once', () => {
  expect(isIgnored(['bob'], 'bob')).toBe(true);
  expect(isIgnored(['zoe'], 'bob')).toBe(false);
});
