/**
 * Where randomness comes from: an argument everywhere, so that a test or the simulator decides it by a seed.
 * A run is its seed.
 */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/** A seeded generator (mulberry32, Tommy Ettinger, public domain): small, fast, good enough for jitter and tests. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    },
  };
}

/** An integer in [low, high). */
export function randomInt(random: Random, low: number, high: number): number {
  return low + Math.floor(random.next() * (high - low));
}
