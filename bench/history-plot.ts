/** What is drawn of a history: each figure over its size. */
import type { HistoryRow } from './history-row';
import type { Panel } from './plot';

export function historyPanels(rows: readonly HistoryRow[]): readonly Panel[] {
  const labels = rows.map(({ messages }) => {
    return `10<tspan dy="-4" font-size="8">${Math.round(Math.log10(messages))}</tspan>`;
  });
  const panel = (title: string, target: number, of: (row: HistoryRow) => number): Panel => {
    return { title, target, values: rows.map(of), labels };
  };
  return [
    panel('start of a server, ms', 1000, ({ startMs }) => startMs),
    panel('resident memory, MB', 200, ({ residentMb }) => residentMb),
    panel('a page of 100, median ms', 5, ({ pageP50Ms }) => pageP50Ms),
    panel('posts/s, of an empty cluster’s', 0.9, ({ postsPerSec, emptyPostsPerSec }) => postsPerSec / emptyPostsPerSec),
    panel('way back of a wiped server, MB/s', 50, ({ restoreMbPerSec }) => restoreMbPerSec),
  ];
}
