/** What is drawn of a sweep: a row of panels for each figure, a column for each axis. */
import type { Panel } from './plot';
import { type SweepPoint, type SweepRow, USUAL } from './sweep-row';

const AXES: readonly (readonly [axis: keyof SweepPoint, name: string])[] = [
  ['servers', 'servers'],
  ['size', 'bytes of a post'],
  ['rooms', 'rooms'],
];

export function sweepPanels(rows: readonly SweepRow[]): readonly (readonly Panel[])[] {
  return [
    over(
      rows,
      'posts/s (grey: ceiling)',
      ({ postsPerSec }) => postsPerSec.median,
      ({ ceilingPostsPerSec }) => ceilingPostsPerSec.median,
    ),
    over(rows, 'MB/s', ({ mbPerSec }) => mbPerSec.median),
    over(rows, 'p99 ms', ({ p99Ms }) => p99Ms.median),
  ];
}

type Value = (row: SweepRow) => number;

/** One figure over each of the axes. */
function over(rows: readonly SweepRow[], title: string, of: Value, beside?: Value): readonly Panel[] {
  return AXES.map(([axis, name]) => {
    const on = rows.filter((row) => isOn(axis, row)).sort((a, b) => a[axis] - b[axis]);
    return {
      title: `${title}, by ${name}`,
      values: on.map(of),
      labels: on.map((row) => row[axis].toLocaleString('en')),
      ...(beside && { beside: on.map(beside) }),
      logarithmic: true,
    };
  });
}

/** All else is as usual. */
function isOn(axis: keyof SweepPoint, row: SweepRow): boolean {
  return AXES.every(([other]) => other === axis || row[other] === USUAL[other]);
}
