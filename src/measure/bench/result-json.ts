import type { BenchResult } from './result.ts';

/** Digits that times are kept with: the clock's grain and the spread of runs are far above the sixth. */
const DIGITS = 6;

/** A result's JSON, indented, with lists of numbers in one line each and times to six digits. */
export function resultJson(result: BenchResult): string {
  const text = JSON.stringify(
    result,
    (key, value: unknown) => (key === 'ms' ? rounded(value) : value),
    1,
  );
  // A line ends inside of no string.
  return `${text.replaceAll(/\[\n[\s\d.,eE+-]*\]/g, (list) => list.replaceAll(/\s+/g, ''))}\n`;
}

function rounded(ms: unknown): unknown {
  const one = (value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value;
  return Array.isArray(ms) ? ms.map(one) : one(ms);
}
