/** Rows of a table in Markdown, as wide as their columns' names. */

export function tableHead(columns: readonly string[]): string {
  const rule = columns.map((name) => `${'-'.repeat(Math.max(1, name.length - 1))}:`);
  return `${tableLine(columns, columns)}\n${tableLine(columns, rule)}\n`;
}

export function tableLine(columns: readonly string[], cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell, at) => String(cell).padStart(columns[at]?.length ?? 0)).join(' | ')} |`;
}
