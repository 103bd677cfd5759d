import type { Measurement } from '../bench/result.ts';
import { logAxis } from './axes.ts';
import { dotPlot, type Dot, type DotRow } from './dot-plot.ts';
import type { Drawing } from './drawing.ts';
import { entryName, titled } from './names.ts';
import { byteText } from './quantity.ts';
import type { SchemeLook } from './scheme-look.ts';
import type { Theme } from './theme.ts';
import type { Entry, WorkloadView } from './views.ts';

interface BytesKind {
  readonly field: 'bytesUp' | 'bytesDown' | 'bytesAtRest' | 'bytesKeys';
  readonly title: string;
  readonly look: SchemeLook;
}

/** What is counted, and its symbol: whatever the scheme. */
export const BYTES: readonly BytesKind[] = [
  {
    field: 'bytesUp',
    title: 'sent to the store',
    look: { symbol: 'triangle-up', colour: 'sse', fill: 'full' },
  },
  {
    field: 'bytesDown',
    title: 'received from it',
    look: { symbol: 'triangle-down', colour: 'sse', fill: 'hollow' },
  },
  {
    field: 'bytesAtRest',
    title: 'kept by it',
    look: { symbol: 'square', colour: 'ink', fill: 'full' },
  },
  {
    field: 'bytesKeys',
    title: 'evaluation keys given to it',
    look: { symbol: 'diamond', colour: 'download', fill: 'hollow' },
  },
];

/** Whether anything can be shown of a workload. */
export function hasBytes({ entries }: WorkloadView): boolean {
  return entries.some(({ measurement }) =>
    BYTES.some(({ field }) => (measurement[field] ?? 0) > 0),
  );
}

/** Bytes moved by one answer and kept for it, a row for each scheme. */
export function bytesPlot(
  { workload, entries }: WorkloadView,
  theme: Theme,
  width: number,
): Drawing {
  const sorted = entries.toSorted((a, b) => moved(a.measurement) - moved(b.measurement));
  const rows = sorted.map(rowOf);
  const values = rows.flatMap(({ dots }) => dots.map(({ at }) => at.value));
  const axis = logAxis(values, 'bytes (log scale)', byteText, width < 420 ? 4 : 8);
  return dotPlot(rows, axis, theme, width, {
    title: titled(workload),
    description: `Bytes of one ${workload.replaceAll('-', ' ')}: sent, received, kept and evaluation keys, for ${entries.length} schemes, those that move least first.`,
  });
}

function moved({ bytesUp, bytesDown }: Measurement): number {
  return (bytesUp ?? 0) + (bytesDown ?? 0);
}

function rowOf(entry: Entry): DotRow {
  const { measurement } = entry;
  const dots = BYTES.flatMap(({ field, title, look }): Dot[] => {
    const value = measurement[field];
    if (value === null || value === 0) return [];
    const at = { value, low: value, high: value };
    return [{ at, look, title: `${entryName(entry)}: ${byteText(value)} ${title}` }];
  });
  const bytes = moved(measurement);
  return { label: entryName(entry), dots, note: bytes === 0 ? 'none moved' : byteText(bytes) };
}
