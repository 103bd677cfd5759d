import { linearAxis, logAxis } from './axes.ts';
import { dotPlot, type DotRow } from './dot-plot.ts';
import type { Drawing } from './drawing.ts';
import { entryName, titled } from './names.ts';
import { digitsText } from './quantity.ts';
import type { Theme } from './theme.ts';
import type { Entry, WorkloadView } from './views.ts';

/** An entry with its workload, where rows of several are shown together. */
export interface PlacedEntry extends Entry {
  readonly workload: string;
}

/** Those whose answer differs from the plaintext one. */
export function approximate(views: readonly WorkloadView[]): readonly PlacedEntry[] {
  return placedEntries(views).filter(({ measurement }) => measurement.error > 0);
}

/** Those that say how far their noise stays from what would be wrong. */
export function withNoise(views: readonly WorkloadView[]): readonly PlacedEntry[] {
  return placedEntries(views).filter(({ measurement }) => measurement.noiseMarginBits !== null);
}

function placedEntries(views: readonly WorkloadView[]): readonly PlacedEntry[] {
  return views.flatMap(({ workload, entries }) => entries.map((entry) => ({ ...entry, workload })));
}

/** Greatest relative error of each approximate answer. */
export function errorPlot(entries: readonly PlacedEntry[], theme: Theme, width: number): Drawing {
  const axis = logAxis(
    entries.map(({ measurement }) => measurement.error),
    'greatest relative error (log scale)',
    powerOfTen,
    width < 420 ? 4 : 8,
  );
  const rows = entries.map((entry) => rowOf(entry, entry.measurement.error, digitsText));
  return dotPlot(rows, axis, theme, width, {
    title: 'Errors of approximate answers',
    description: `Greatest relative errors of ${entries.length} approximate answers: ${summary(rows)}.`,
  });
}

/** Bits between the noise and the first wrong answer. */
export function noisePlot(entries: readonly PlacedEntry[], theme: Theme, width: number): Drawing {
  const bits = (entry: Entry): number => entry.measurement.noiseMarginBits ?? 0;
  const text = (value: number): string => `${digitsText(value)} bits`;
  const axis = linearAxis(entries.map(bits), 'noise margin, bits', digitsText);
  const rows = entries.map((entry) => rowOf(entry, bits(entry), text));
  return dotPlot(rows, axis, theme, width, {
    title: 'Noise margins',
    description: `Bits between the noise of what was decrypted and the first wrong answer: ${summary(rows)}.`,
  });
}

function rowOf(entry: PlacedEntry, value: number, text: (value: number) => string): DotRow {
  const label = `${titled(entry.workload)}: ${entryName(entry)}`;
  const note = text(value);
  const at = { value, low: value, high: value };
  return { label, dots: [{ at, look: entry.look, title: `${label}, ${note}` }], note };
}

function summary(rows: readonly DotRow[]): string {
  return rows.map(({ label, note }) => `${label} ${note}`).join('; ');
}

function powerOfTen(value: number): string {
  return value.toExponential(0).replace('e-', 'e−').replace('e+', 'e');
}
