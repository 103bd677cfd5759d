export type CsvCell = string | number | null;

/** RFC 4180: a header, CRLF line ends, quotes doubled inside quotes; null is an empty field. */
export function csv(columns: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(cell: CsvCell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]/.test(text) || (text === '' && cell !== null)
    ? `"${text.replaceAll('"', '""')}"`
    : text;
}
