/** Draws small plots side by side, and in rows, in SVG. */

const WIDTH = 240;
const HEIGHT = 150;
const GAP = 40;
const TOP = 34;
const BOTTOM = 24;

export interface Panel {
  readonly title: string;
  readonly values: readonly number[];
  /** What stands below each of them, as SVG. */
  readonly labels: readonly string[];
  /** What the values are to stay below, or above: a dashed line. */
  readonly target?: number;
  /** What each of them is compared with: a grey line. */
  readonly beside?: readonly number[];
  /** As far up for each factor, so that what falls to a third looks the same everywhere. */
  readonly logarithmic?: boolean;
}

export function plot(rows: readonly (readonly Panel[])[]): string {
  const width = Math.max(...rows.map((row) => row.length)) * (WIDTH + GAP) + GAP;
  const rowHeight = TOP + HEIGHT + BOTTOM;
  const panels = rows.flatMap((row, down) => {
    return row.map((panel, across) => panelAt(panel, GAP + across * (WIDTH + GAP), down * rowHeight + TOP));
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${rows.length * rowHeight}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="white"/>
${panels.join('\n')}
</svg>
`;
}

function panelAt(panel: Panel, left: number, top: number): string {
  const { title, values, labels, target, beside } = panel;
  const bottom = top + HEIGHT;
  const heightOf = scaleOf(panel);
  const pointsOf = (ofThem: readonly number[]) => {
    return ofThem.map((value, at) => {
      return { x: left + ((at + 0.5) / ofThem.length) * WIDTH, y: bottom - heightOf(value), value };
    });
  };
  const points = pointsOf(values);
  return [
    `<text x="${left}" y="${top - 12}" font-weight="bold">${title}</text>`,
    `<path d="M${left} ${top}V${bottom}H${left + WIDTH}" fill="none" stroke="#888"/>`,
    ...(target === undefined
      ? []
      : [
          `<path d="M${left} ${fixed(bottom - heightOf(target))}H${left + WIDTH}" stroke="#c60" stroke-dasharray="4 3"/>`,
        ]),
    ...(beside ? [lineOf(pointsOf(beside), '#999', 1)] : []),
    lineOf(points, '#06c', 2),
    ...points.map(({ x, y, value }) => {
      const label = `<text x="${fixed(x)}" y="${fixed(y - 7)}" text-anchor="middle">${short(value)}</text>`;
      return `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="3" fill="#06c"/>${label}`;
    }),
    ...points.map(({ x }, at) => {
      return `<text x="${fixed(x)}" y="${bottom + 16}" text-anchor="middle">${labels[at]}</text>`;
    }),
  ].join('\n');
}

/** How far up a value is. */
function scaleOf({ values, target, beside = [], logarithmic }: Panel): (value: number) => number {
  const all = [...values, ...beside, ...(target === undefined ? [] : [target])];
  const most = 1.15 * Math.max(...all);
  if (!logarithmic) return (value) => (value / most) * HEIGHT;
  const least = Math.min(...all) / 2;
  return (value) => (Math.log(value / least) / Math.log(most / least)) * HEIGHT;
}

function lineOf(points: readonly { readonly x: number; readonly y: number }[], color: string, width: number): string {
  const line = points.map(({ x, y }) => `${fixed(x)},${fixed(y)}`).join(' ');
  return `<polyline points="${line}" fill="none" stroke="${color}" stroke-width="${width}"/>`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}
