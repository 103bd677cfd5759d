import type { RotateReport } from '../../client/api.ts';
import { oneLine } from './one-line.ts';
import { countText } from './quantity.ts';

/** A line on a table whose segments were made anew. */
export function rotateReportLine(
  { table, segments, rows, resumed, epoch, ms }: RotateReport,
  how: string,
): string {
  const begun = resumed ? ' (the rest of what had begun)' : '';
  return (
    `${oneLine(table)}: ${countText(segments, 'segment')} of ${countText(rows, 'row')} ${how}` +
    `${begun}, epoch ${epoch}, ${(ms / 1000).toFixed(1)} s\n`
  );
}
