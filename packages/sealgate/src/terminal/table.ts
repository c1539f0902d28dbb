/** Columns of text: each as wide as its widest cell, the last as long as it is. */

/** One row of cells, plain, and how each column is painted. */
export interface TableOptions {
  /** Names of the columns, shown above them. */
  readonly head?: readonly string[];
  readonly paintHead?: (text: string) => string;
  /** Paints a cell after it was made as wide as its column. */
  readonly paint?: (cell: string, column: number, row: number) => string;
  readonly indent?: string;
}

const GAP = '  ';

export function renderTable(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { head, paint = (cell) => cell, paintHead = (text) => text, indent = '' } = options;
  const all = head === undefined ? rows : [head, ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[], painted: (cell: string, column: number) => string) => {
    const last = row.findLastIndex((cell) => cell !== '');
    const cells = row.slice(0, last + 1).map((cell, column) => {
      const wide = column === last ? cell : cell.padEnd(widths[column] ?? 0);
      return painted(wide, column);
    });
    return `${indent}${cells.join(GAP)}\n`;
  };
  const body = rows.map((row, at) => line(row, (cell, column) => paint(cell, column, at)));
  return [...(head === undefined ? [] : [line(head, paintHead)]), ...body].join('');
}
