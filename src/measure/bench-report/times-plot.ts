import { logAxis } from './axes.ts';
import { dotPlot, type DotRow } from './dot-plot.ts';
import type { Drawing } from './drawing.ts';
import { entryName, titled } from './names.ts';
import { estimateText, timeText } from './quantity.ts';
import type { Theme } from './theme.ts';
import type { WorkloadView } from './views.ts';

/** Times of a workload’s schemes, the fastest first, where there is no privacy to set them against. */
export function timesPlot(
  { workload, entries }: WorkloadView,
  theme: Theme,
  width: number,
): Drawing {
  const sorted = entries.toSorted((a, b) => a.time.value - b.time.value);
  const rows = sorted.map((entry): DotRow => {
    const label = entryName(entry);
    const title = `${label}: ${estimateText(entry.time, timeText)}`;
    const dots = entry.time.value > 0 ? [{ at: entry.time, look: entry.look, title }] : [];
    return { label, dots, note: timeText(entry.time.value) };
  });
  const axis = logAxis(
    rows.flatMap(({ dots }) => dots.flatMap(({ at }) => [at.low, at.high])),
    'median time (log scale)',
    timeText,
    width < 420 ? 4 : 8,
  );
  return dotPlot(rows, axis, theme, width, {
    title: titled(workload),
    description: `Median times of ${workload.replaceAll('-', ' ')}, the fastest first: ${rows.map(({ label, note }) => `${label} ${note}`).join('; ')}.`,
  });
}
