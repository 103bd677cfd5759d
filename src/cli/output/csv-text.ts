type Cell = string | number | boolean | null;

/**
 * RFC 4180: CRLF line ends, a header, quotes doubled inside quotes. NULL is an empty field and the
 * empty text is "", which is how PostgreSQL tells them apart.
 */
export function csvText(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(cell: Cell): string {
  if (cell === null) return '';
  const text = String(cell);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
