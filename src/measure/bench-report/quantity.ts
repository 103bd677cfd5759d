/** Three significant digits without an exponent between 1e-3 and 1e6, and without trailing zeros. */
export function digitsText(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(1).replace('e+', 'e');
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 });
}

/** [least value in that unit, its size, its name], from the smallest. */
type Units = readonly (readonly [size: number, name: string])[];

const TIMES: Units = [
  [1e-3, 'µs'],
  [1, 'ms'],
  [1e3, 's'],
];
const BYTES: Units = [
  [1, 'B'],
  [1e3, 'kB'],
  [1e6, 'MB'],
  [1e9, 'GB'],
  [1e12, 'TB'],
];

/** Milliseconds as "12.3 µs", "4.56 ms", "78 s". */
export function timeText(ms: number): string {
  return inUnits(ms, TIMES);
}

/** Decimal units: "812 B", "12.3 kB". */
export function byteText(bytes: number): string {
  return inUnits(bytes, BYTES);
}

function inUnits(value: number, units: Units): string {
  // What rounds to 1000 of a unit is written in the next.
  const unit = units.findLast(([size]) => Math.abs(value) >= size * 0.9995) ?? units[0]!;
  return `${digitsText(value / unit[0])} ${unit[1]}`;
}

/** A share or an advantage: two decimals. */
export function shareText(share: number): string {
  return share.toFixed(2);
}

/** "3.2 times"; of ratios of 1000 and more, with separators. */
export function timesText(ratio: number): string {
  return `${digitsText(ratio)} ×`;
}

export function rowsText(rows: number): string {
  return `${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'}`;
}

/** "3.1 ms (2.9 to 3.4)". */
export function estimateText(
  { value, low, high }: { readonly value: number; readonly low: number; readonly high: number },
  text: (value: number) => string,
): string {
  return `${text(value)} (${text(low)} to ${text(high)})`;
}
