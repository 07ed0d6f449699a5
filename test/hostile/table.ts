/** What came of it: a row for each class of inputs, a column for each kind of port. */
import type { Tried } from './attacks';

interface Cell {
  inputs: number;
  closed: number;
  refused: number;
  readonly problems: string[];
  /** Memory that was taken the first time, and not again. */
  readonly kept: string[];
}

/** What was found after a class of inputs, in words. */
interface Found {
  readonly problems: readonly string[];
  readonly kept: readonly string[];
}

export class Table {
  private readonly rows = new Map<string, Map<string, Cell>>();

  constructor(private readonly columns: readonly string[]) {}

  get failed(): boolean {
    return [...this.rows.values()].some((row) => [...row.values()].some(({ problems }) => problems.length > 0));
  }

  add(name: string, column: string, { inputs, closed, refused }: Tried, { problems, kept }: Found): void {
    const row = this.rows.get(name) ?? new Map<string, Cell>();
    this.rows.set(name, row);
    const cell = row.get(column) ?? { inputs: 0, closed: 0, refused: 0, problems: [], kept: [] };
    row.set(column, cell);
    cell.inputs += inputs;
    cell.closed += closed;
    cell.refused += refused;
    cell.problems.push(...problems);
    cell.kept.push(...kept);
  }

  show(): string {
    const lines = [...this.rows].map(([name, row]) => [name, ...this.columns.map((column) => shown(row.get(column)))]);
    return [['input', ...this.columns], ['---', ...this.columns.map(() => '---')], ...lines]
      .map((cells) => `| ${cells.join(' | ')} |`)
      .join('\n');
  }
}

/** In Markdown. */
function shown(cell: Cell | undefined): string {
  if (!cell) return '';
  const { inputs, closed, refused, problems, kept } = cell;
  if (problems.length > 0) return `**${[...new Set(problems)].join('; ')}**`;
  if (refused === inputs) return `${inputs} not let in`;
  const open = inputs - closed - refused;
  const parts = [
    ...(refused > 0 ? [`${refused} not let in`] : []),
    ...(closed > 0 ? [`${closed} closed`] : []),
    ...(open > 0 ? [`${open} left open`] : []),
  ];
  return [parts.join(', '), ...(kept.length > 0 ? [`once: ${kept.join(', ')}`] : [])].join('; ');
}
