/** Draws what a history costs over its size: five small plots side by side, in SVG. */
import type { HistoryRow } from './history-row';

const WIDTH = 240;
const HEIGHT = 150;
const GAP = 40;
const TOP = 34;
const BOTTOM = 24;

interface Panel {
  readonly title: string;
  readonly of: (row: HistoryRow) => number;
  /** What it is to stay below, or above. */
  readonly target: (row: HistoryRow) => number;
}

const PANELS: readonly Panel[] = [
  { title: 'start of a server, ms', of: ({ startMs }) => startMs, target: () => 1000 },
  { title: 'resident memory, MB', of: ({ residentMb }) => residentMb, target: () => 200 },
  { title: 'a page of 100, median ms', of: ({ pageP50Ms }) => pageP50Ms, target: () => 5 },
  {
    title: 'posts/s, of an empty cluster’s',
    of: ({ postsPerSec, emptyPostsPerSec }) => postsPerSec / emptyPostsPerSec,
    target: () => 0.9,
  },
  { title: 'way back of a wiped server, MB/s', of: ({ restoreMbPerSec }) => restoreMbPerSec, target: () => 50 },
];

export function plot(rows: readonly HistoryRow[]): string {
  const width = PANELS.length * (WIDTH + GAP) + GAP;
  const height = TOP + HEIGHT + BOTTOM;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="white"/>
${PANELS.map((panel, at) => panelAt(panel, rows, GAP + at * (WIDTH + GAP))).join('\n')}
</svg>
`;
}

function panelAt({ title, of, target }: Panel, rows: readonly HistoryRow[], left: number): string {
  const values = rows.map(of);
  const targets = rows.map(target);
  const most = 1.15 * Math.max(...values, ...targets);
  const bottom = TOP + HEIGHT;
  const points = values.map((value, at) => {
    return { x: left + ((at + 0.5) / rows.length) * WIDTH, y: bottom - (value / most) * HEIGHT, value };
  });
  const goal = bottom - ((targets[0] ?? 0) / most) * HEIGHT;
  return [
    `<text x="${left}" y="${TOP - 12}" font-weight="bold">${title}</text>`,
    `<path d="M${left} ${TOP}V${bottom}H${left + WIDTH}" fill="none" stroke="#888"/>`,
    `<path d="M${left} ${fixed(goal)}H${left + WIDTH}" stroke="#c60" stroke-dasharray="4 3"/>`,
    `<polyline points="${points.map(({ x, y }) => `${fixed(x)},${fixed(y)}`).join(' ')}" fill="none" stroke="#06c" stroke-width="2"/>`,
    ...points.map(({ x, y, value }) => {
      const label = `<text x="${fixed(x)}" y="${fixed(y - 7)}" text-anchor="middle">${short(value)}</text>`;
      return `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="3" fill="#06c"/>${label}`;
    }),
    ...points.map(({ x }, at) => {
      const power = `10<tspan dy="-4" font-size="8">${Math.round(Math.log10(rows[at]?.messages ?? 1))}</tspan>`;
      return `<text x="${fixed(x)}" y="${bottom + 16}" text-anchor="middle">${power}</text>`;
    }),
  ].join('\n');
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}
