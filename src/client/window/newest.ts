/** The newest of a list, the oldest first: no more than so many, and no more than so much of them in all. */
export function newest<T>(
  all: readonly T[],
  most: number,
  mostUnits: number,
  unitsOf: (one: T) => number,
): readonly T[] {
  let first = all.length;
  for (let units = 0; first > Math.max(0, all.length - most); first -= 1) {
    units += unitsOf(all[first - 1] as T);
    if (units > mostUnits) break;
  }
  return all.slice(first);
}
