/** Text of a table with aligned columns, the first line its heads. Numbers stand to the right. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly (string | number | boolean | null)[])[],
): string {
  const lines = [columns, ...rows.map((row) => row.map((cell) => String(cell ?? 'NULL')))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const isNumber = columns.map((_, i) => rows.every((row) => /^-?[\d.,]+( |$)/.test(`${row[i]}`)));
  return lines
    .map((line) =>
      line.map((cell, i) => (isNumber[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))),
    )
    .map((line) => `  ${line.join('  ').trimEnd()}`)
    .join('\n');
}

export function indent(text: string): string {
  return text.replace(/^/gm, '   ');
}

export function count(n: number): string {
  return n.toLocaleString('en');
}

export function bytes(n: number): string {
  if (n < 1000) return `${Math.round(n)} B`;
  const [size, unit] = n < 1e6 ? [n / 1e3, 'kB'] : [n / 1e6, 'MB'];
  return `${size.toPrecision(3)} ${unit}`;
}
