/** Our own walk through JSON takes what `JSON.parse` takes, and nothing else, except keys that come twice. */
import fc from 'fast-check';
import { parseJson } from '../../src/config/json';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('whatever JSON can say is taken as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(parseJson(text)).toEqual({ value: JSON.parse(text) });
    }),
  );
});

test('a character changed, lost or added is refused exactly when JSON.parse refuses it', () => {
  const change = fc.record({
    value: fc.jsonValue({ maxDepth: 3 }),
    at: fc.nat(),
    lost: fc.nat(2),
    put: fc.constantFrom(...'{}[],:"0-1e.\\u \ntfn\u0001', ''),
  });
  fc.assert(
    fc.property(change, ({ value, at, lost, put }) => {
      const whole = JSON.stringify(value);
      const from = at % (whole.length + 1);
      const text = whole.slice(0, from) + put + whole.slice(from + lost);
      const parsed = parseJson(text);
      if ('value' in parsed) expect(parsed.value).toEqual(JSON.parse(text));
      else if (!parsed.problem.what.endsWith('comes twice')) expect(parses(text)).toBe(false);
    }),
    { numRuns: 1000 },
  );
});
