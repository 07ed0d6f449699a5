/** How much of a room is to be kept, as it is typed. */

export interface TypedRetention {
  readonly ageMs: number;
  readonly count: number;
  readonly bytes: number;
}

type Respect = keyof TypedRetention;

const UNITS: Readonly<Record<string, readonly [Respect, number]>> = {
  m: ['ageMs', 60_000],
  h: ['ageMs', 3_600_000],
  d: ['ageMs', 86_400_000],
  line: ['count', 1],
  lines: ['count', 1],
  kb: ['bytes', 1000],
  mb: ['bytes', 1_000_000],
  gb: ['bytes', 1_000_000_000],
};
const FOR_EVER: TypedRetention = { ageMs: 0, count: 0, bytes: 0 };
const LIMITS = /^(\d+ *[a-z]+[, ]*)+$/;

/** `30d`, `1000 lines`, `10MB`, `30d, 10MB`, `forever`; undefined: none of these. */
export function parseRetention(typed: string): TypedRetention | undefined {
  const text = typed.trim().toLowerCase();
  if (text === 'forever') return FOR_EVER;
  if (!LIMITS.test(text)) return undefined;
  const kept = { ...FOR_EVER };
  for (const [, number, unit] of text.matchAll(/(\d+) *([a-z]+)/g)) {
    const [respect, size] = UNITS[unit as string] ?? [];
    const limit = Number(number) * (size ?? 0);
    if (!respect || kept[respect] > 0 || limit === 0 || !Number.isSafeInteger(limit)) return undefined;
    kept[respect] = limit;
  }
  return kept;
}
