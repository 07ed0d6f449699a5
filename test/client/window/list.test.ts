import fc from 'fast-check';
import { List } from '../../../src/client/window/list';

test('whatever is made of it, a list stays as it is, and is what an array would be', () => {
  const step = fc.record({
    from: fc.nat(),
    add: fc.option(fc.integer()),
    before: fc.boolean(),
    most: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 9 }), fc.array(step, { maxLength: 60 }), (first, steps) => {
      const all: { readonly list: List<number>; readonly array: readonly number[] }[] = [
        { list: List.of(first), array: first },
      ];
      for (const { from, add, before, most } of steps) {
        // The latest one more often than the others, as in the window.
        const { list, array } = all[from % 3 === 0 ? from % all.length : all.length - 1] ?? {
          list: List.of<number>(),
          array: [],
        };
        if (add === null) all.push({ list: list.last(most), array: array.slice(-most) });
        else if (before) {
          const [start, end] = [
            from % (array.length + 1),
            Math.min(array.length, (from % (array.length + 1)) + (most % 3)),
          ];
          const items = [add, most];
          all.push({
            list: list.replaced(start, end, items),
            array: [...array.slice(0, start), ...items, ...array.slice(end)],
          });
        } else all.push({ list: list.with(add), array: [...array, add] });
      }
      for (const { list, array } of all) {
        expect([...list]).toEqual(array);
        expect(list).toHaveLength(array.length);
        for (const at of [-10, -1, 0, 1, array.length - 1, array.length]) expect(list.at(at)).toBe(array.at(at));
      }
    }),
  );
});

test('what no list has any more does not stay in memory', () => {
  let list = List.of<number>();
  for (let item = 0; item < 10_000; item += 1) list = list.with(item).last(100);
  expect([...list].slice(0, 2)).toEqual([9900, 9901]);
  const { shared } = list as unknown as { shared: readonly number[] };
  expect(shared.length).toBeLessThanOrEqual(202);
});
