/** What was seen at one point of a sweep, and how it is printed: as rows of a table in Markdown. */
import type { Figure, Result } from './figures';
import { tableHead, tableLine } from './table';

/** Where on each axis a row is. */
export interface SweepPoint {
  readonly servers: number;
  readonly size: number;
  readonly rooms: number;
}

export const USUAL: SweepPoint = { servers: 3, size: 100, rooms: 8 };

/** The figures that every row has. */
export interface SweepRow extends Result, SweepPoint {
  readonly window: number;
  readonly postsPerSec: Figure;
  readonly mbPerSec: Figure;
  readonly p50Ms: Figure;
  readonly p99Ms: Figure;
  readonly deliveriesPerSec: Figure;
  readonly ceilingPostsPerSec: Figure;
}

const COLUMNS = [
  'servers',
  'bytes',
  'rooms',
  'outstanding',
  'posts/s',
  '   MB/s',
  'p50 ms',
  'p99 ms',
  'deliveries/s',
  'ceiling posts/s',
  'of it',
];

/** The head of the table. */
export const SWEEP_HEAD = tableHead(COLUMNS);

export function showSweepRow({ servers, size, rooms, window, ...row }: SweepRow): string {
  const { postsPerSec, mbPerSec, p50Ms, p99Ms, deliveriesPerSec, ceilingPostsPerSec } = row;
  const share = `${Math.round((100 * postsPerSec.median) / ceilingPostsPerSec.median)} %`;
  const figures = [postsPerSec, mbPerSec, p50Ms, p99Ms, deliveriesPerSec, ceilingPostsPerSec];
  return tableLine(COLUMNS, [servers, size, rooms, window, ...figures.map(({ median }) => median), share]);
}
