/** More servers, larger posts, more rooms: one of them varied at a time, the others as usual. */
import { writeFileSync } from 'node:fs';
import type { Figure } from './figures';
import { type Measurement, measure } from './measure';
import { plot } from './plot';
import { sweepPanels } from './sweep-plot';
import { SWEEP_HEAD, type SweepPoint, type SweepRow, showSweepRow, USUAL } from './sweep-row';

const OTHERS: { readonly [Axis in keyof SweepPoint]: readonly number[] } = {
  servers: [5, 7],
  size: [10, 1000, 10_000, 65_536],
  rooms: [1, 10, 100, 1000],
};
/** Of one client: so many bytes of posts are outstanding at most, or one post. */
const OUTSTANDING_BYTES = 256 * 1024;

export interface SweepOutput {
  readonly json?: boolean;
  /** A file to draw it in, too. */
  readonly svg?: string;
}

/** Prints each row as it is there. */
export async function sweep(settings: Measurement, { json, svg }: SweepOutput): Promise<void> {
  if (!json) process.stdout.write(SWEEP_HEAD);
  const rows: SweepRow[] = [];
  for (const point of points()) {
    const row = await measureAt(settings, point);
    rows.push(row);
    process.stdout.write(`${json ? JSON.stringify(row) : showSweepRow(row)}\n`);
  }
  if (svg) writeFileSync(svg, plot(sweepPanels(rows)));
}

function points(): readonly SweepPoint[] {
  const others = Object.entries(OTHERS).flatMap(([axis, values]) =>
    values.map((value) => ({ ...USUAL, [axis]: value })),
  );
  return [USUAL, ...others];
}

async function measureAt(settings: Measurement, point: SweepPoint): Promise<SweepRow> {
  const window = Math.max(1, Math.min(settings.window, Math.floor(OUTSTANDING_BYTES / point.size)));
  const result = await measure({ ...settings, ...point, window });
  const { postsPerSec } = result;
  return { ...result, ...point, window, mbPerSec: megabytes(postsPerSec, point.size) } as SweepRow;
}

function megabytes(posts: Figure | undefined, size: number): Figure {
  const of = (value = 0) => Number(((value * size) / 1e6).toFixed(2));
  return { median: of(posts?.median), min: of(posts?.min), max: of(posts?.max) };
}
