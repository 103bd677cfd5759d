import { displayWidth } from './display-width.ts';
import { oneLine } from './one-line.ts';

/** What a cell of a result may be (client/api.ts `Cell`). */
type Cell = string | number | boolean | null;

const NUMBER = /^([-+]?\d+(\.\d+)?(e[-+]?\d+)?|-?Infinity)$/i;

export interface TableStyle {
  /** Marks NULL beyond its spelling, for example dimmed. */
  readonly styleNull?: (text: string) => string;
}

/**
 * An aligned table with a header, a rule and one line a row; columns of numbers are right-aligned.
 * NULL is spelt NULL, and a text that reads NULL is quoted.
 */
export function tableText(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  style: TableStyle = {},
): string {
  const header = columns.map(oneLine);
  const body = rows.map((row) => row.map(cellText));
  const widths = header.map((name, i) =>
    body.reduce((most, row) => Math.max(most, displayWidth(row[i] ?? '')), displayWidth(name)),
  );
  const right = header.map((_, i) => isNumeric(rows, i));
  const line = (cells: readonly string[], source?: readonly Cell[]): string =>
    cells
      .map((cell, i) => {
        const pad = ' '.repeat(widths[i]! - displayWidth(cell));
        const shown = source?.[i] === null ? (style.styleNull?.(cell) ?? cell) : cell;
        return right[i] === true ? pad + shown : shown + pad;
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const lines = [line(header), rule, ...body.map((cells, r) => line(cells, rows[r]))];
  return `${lines.join('\n')}\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return 'NULL';
  return cell === 'NULL' ? '"NULL"' : oneLine(String(cell));
}

/** Exact numbers arrive as strings, so a column is numeric when all that it holds reads as a number. */
function isNumeric(rows: readonly (readonly Cell[])[], column: number): boolean {
  let seen = false;
  for (const row of rows) {
    const cell = row[column] ?? null;
    if (cell === null || cell === '') continue;
    if (typeof cell !== 'number' && !(typeof cell === 'string' && NUMBER.test(cell))) return false;
    seen = true;
  }
  return seen;
}
