import type { AttackReport } from '../../measure/report.ts';
import { oneLine } from './one-line.ts';
import { byteText } from './quantity.ts';
import { tableText } from './table-text.ts';

const COLUMNS = [
  'column',
  'index',
  'attack',
  'values',
  'recovers',
  '95 %',
  'of',
  'mode guess',
  'advantage',
  'shuffled labels',
  'a query',
  'up',
  'down',
];

/** One line an attack, then what the attackers knew. */
export function attackText(reports: readonly AttackReport[]): string {
  const notes = [...new Set(reports.map(noteOf))];
  const rows = reports.map((report) => [
    report.column ?? '(all together)',
    report.index,
    `${report.attack} [${notes.indexOf(noteOf(report)) + 1}]`,
    report.space === null || report.space === 'all'
      ? `${report.keywords}`
      : `${report.keywords} ${report.space}`,
    share(report.recovery.mean),
    report.recovery.interval.map(share).join(' – '),
    report.measure === 'auc' ? 'AUC' : report.measure,
    share(report.guessTheMode),
    share(report.advantageOverMode),
    share(report.shuffledLabels),
    `${report.cost.ms.toFixed(1)} ms`,
    byteText(Math.round(report.cost.bytesUp)),
    byteText(Math.round(report.cost.bytesDown)),
  ]);
  const listed = notes.map((note, i) => `[${i + 1}] ${note}`);
  return `${tableText(COLUMNS, rows)}\n${listed.join('\n')}\n`;
}

function noteOf({ measure, knowledge, queries, seeds, space }: AttackReport): string {
  const asked =
    measure === 'rows' && space !== null ? 'every value asked for once' : `${queries} queries`;
  return oneLine(`knows ${knowledge}; ${asked}, ${seeds} trials`);
}

const share = (of: number): string => of.toFixed(2);
