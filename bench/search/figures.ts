import type { Figure } from '../report.ts';
import { spread } from '../samples.ts';

/** So many units in each of the times: the rate of the best and of the median one. */
export function perSecond(who: string, unit: string, units: number, ms: readonly number[]): Figure {
  const { p0, p50 } = spread(ms);
  return { who, unit, value: (1000 * units) / p0, median: (1000 * units) / p50 };
}

export function limit(value: number, unit: string): Figure {
  return { who: 'wanted', value, unit };
}

/** By nearest rank. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** A table for a terminal, its first row the heading. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, c) => cell.padEnd(widths[c]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
