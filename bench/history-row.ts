/** What was seen at one size of the history, and how it is printed: as rows of a table in Markdown. */

import { tableHead, tableLine } from './table';

export interface HistoryRow {
  readonly messages: number;
  readonly diskMb: number;
  /** Of a server that was killed, beyond node's own start. */
  readonly startMs: number;
  /** Of the server that had most, after posting. */
  readonly residentMb: number;
  readonly pageP50Ms: number;
  readonly pageP99Ms: number;
  readonly postsPerSec: number;
  /** Of a cluster without any history, right before. */
  readonly emptyPostsPerSec: number;
  /** From the start of a wiped server's process until it follows and votes, while nobody posts. */
  readonly restoreMbPerSec: number;
  /** The same while one client posts line after line. */
  readonly loadedMbPerSec: number;
  /** Of the server that had most meanwhile. */
  readonly givingMb: number;
  readonly quietP99Ms: number;
  readonly restoringP99Ms: number;
}

const COLUMNS = [
  'messages',
  'disk MB',
  'start ms',
  'resident MB',
  'page p50 ms',
  'page p99 ms',
  'posts/s',
  'of an empty cluster',
  'restore MB/s',
  'while posting',
  'resident MB then',
  'p99 quiet ms',
  'p99 restoring ms',
];

/** The head of the table. */
export const HEAD = tableHead(COLUMNS);

export function showRow(row: HistoryRow): string {
  const { messages, emptyPostsPerSec, postsPerSec, ...figures } = row;
  const { diskMb, startMs, residentMb, pageP50Ms, pageP99Ms, ...restoring } = figures;
  const share = `${Math.round((100 * postsPerSec) / emptyPostsPerSec)} %`;
  const shown = [diskMb, startMs, residentMb, pageP50Ms, pageP99Ms, postsPerSec, share, ...Object.values(restoring)];
  return tableLine(COLUMNS, [messages.toLocaleString('en'), ...shown]);
}
