import type { Ablation, Growth, LeftOut, SchemeStatement } from '../bench/result.ts';
import { markup, type Child, type Markup } from './markup.ts';
import { entryName, titled } from './names.ts';
import {
  byteText,
  digitsText,
  estimateText,
  rowsText,
  shareText,
  timesText,
  timeText,
} from './quantity.ts';
import { powerText } from './growth-plot.ts';
import { medianTime } from './summary.ts';
import { table, type Column } from './table.ts';
import type { Standing } from './frontier.ts';
import type { WorkloadView } from './views.ts';

const number = (title: Child): Column => ({ title, numeric: true });

const STANDINGS: Readonly<Record<Standing, string>> = {
  frontier: 'on it',
  undecided: 'perhaps',
  dominated: 'behind it',
};

/** Where the figures of a table are in the result’s file. */
function source(suite: string, part: string): string {
  return `Source: result.json, suite ${suite}, ${part}.`;
}

function orNone(value: number | null, text: (value: number) => string): string {
  return value === null ? '–' : text(value);
}

export function frontierTable({ suite, workload, rows, entries }: WorkloadView): Markup {
  return table(
    `${titled(workload)} over ${rowsText(rows)}: medians and means with 95 % confidence intervals. ${source(suite, 'measurements')}`,
    [
      { title: 'Scheme' },
      number('Time'),
      number('Advantage'),
      { title: 'Frontier' },
      { title: 'Attack' },
      { title: 'What the attacker knows' },
      number('Recovery'),
      number('Guessing'),
    ],
    entries.map((entry) => {
      const { privacy } = entry.measurement;
      const { mean, interval } = privacy.recovery;
      return [
        entryName(entry),
        estimateText(entry.time, timeText),
        estimateText(entry.advantage, shareText),
        entry.standing === null ? 'other rows' : STANDINGS[entry.standing],
        privacy.attack ?? 'none: the store reads the values',
        privacy.knowledge ?? '–',
        `${estimateText({ value: mean, low: interval[0], high: interval[1] }, shareText)} of ${privacy.measure === 'auc' ? 'ROC area' : privacy.measure}`,
        shareText(privacy.guess),
      ];
    }),
  );
}

export function bytesTable({ suite, workload, entries }: WorkloadView): Markup {
  return table(
    `${titled(workload)}: bytes. ${source(suite, 'measurements')}`,
    [
      { title: 'Scheme' },
      number('Rows'),
      number('Sent'),
      number('Received'),
      number('Kept at rest'),
      number('Evaluation keys'),
      number('Memory over before'),
      number('WebAssembly memory'),
    ],
    entries.map((entry) => [
      entryName(entry),
      entry.measurement.rows.toLocaleString('en'),
      orNone(entry.measurement.bytesUp, byteText),
      orNone(entry.measurement.bytesDown, byteText),
      orNone(entry.measurement.bytesAtRest, byteText),
      orNone(entry.measurement.bytesKeys, byteText),
      orNone(entry.measurement.rssPeakBytes, byteText),
      orNone(entry.measurement.wasmPeakBytes, byteText),
    ]),
  );
}

export function timesTable({ suite, workload, entries }: WorkloadView): Markup {
  return table(
    `${titled(workload)}: times. ${source(suite, 'measurements')}`,
    [
      { title: 'Scheme' },
      number('Rows'),
      number('Runs'),
      number('Median'),
      number('Least'),
      number('Greatest'),
      number('Relative error'),
      number('Noise margin'),
    ],
    entries.map((entry) => {
      const { rows, ms, error, noiseMarginBits } = entry.measurement;
      return [
        entryName(entry),
        rows.toLocaleString('en'),
        ms.length,
        estimateText(entry.time, timeText),
        timeText(Math.min(...ms)),
        timeText(Math.max(...ms)),
        digitsText(error),
        orNone(noiseMarginBits, (bits) => `${digitsText(bits)} bits`),
      ];
    }),
  );
}

export function growthTable(suite: string, workload: string, growth: readonly Growth[]): Markup {
  return table(
    `${titled(workload)}: exponent of time against rows, with its standard error. ${source(suite, 'growth')}`,
    [
      { title: 'Scheme' },
      number('Exponent'),
      number('Fitted from'),
      number('Claimed'),
      { title: 'Points' },
    ],
    growth.map(({ scheme, exponent, error, from, expected, points }) => [
      scheme,
      powerText(exponent, error),
      orNone(from ?? null, rowsText),
      orNone(expected, digitsText),
      points.map(({ rows, ms }) => `${rows.toLocaleString('en')}: ${timeText(ms)}`).join('; '),
    ]),
  );
}

export function ablationTable(
  suite: string,
  title: string,
  ablations: readonly Ablation[],
): Markup {
  return table(
    `${title}. ${source(suite, 'ablations')}`,
    [
      { title: 'What is left out' },
      { title: 'Workload' },
      number('Time with it'),
      number('Time without'),
      number('Without by with'),
      number('At rest with it'),
      number('At rest without'),
      number('Received with it'),
      number('Received without'),
      number('Error with it'),
      number('Error without'),
      number('Advantage with it'),
      number('Advantage without'),
    ],
    ablations.map(({ workload, what, with: kept, without: left }) => {
      const [fast, slow] = [medianTime(kept.ms), medianTime(left.ms)];
      return [
        what,
        titled(workload),
        estimateText(fast, timeText),
        estimateText(slow, timeText),
        timesText(slow.value / fast.value),
        orNone(kept.bytesAtRest, byteText),
        orNone(left.bytesAtRest, byteText),
        orNone(kept.bytesDown ?? null, byteText),
        orNone(left.bytesDown ?? null, byteText),
        orNone(kept.error ?? null, digitsText),
        orNone(left.error ?? null, digitsText),
        orNone(kept.advantage, shareText),
        orNone(left.advantage, shareText),
      ];
    }),
  );
}

export function leftOutTable(all: readonly (LeftOut & { readonly suite: string })[]): Markup {
  return table(
    'What was not measured. Source: result.json, leftOut of every suite.',
    [
      { title: 'Scheme' },
      { title: 'Suite' },
      { title: 'Workload' },
      number('Rows'),
      { title: 'Why' },
    ],
    all.map(({ scheme, suite, workload, rows, reason }) => [
      scheme,
      suite,
      workload === undefined ? 'all' : titled(workload),
      rows === undefined ? 'any' : rows.toLocaleString('en'),
      reason,
    ]),
  );
}

export function schemesTable(
  schemes: readonly SchemeStatement[],
  icon: (scheme: SchemeStatement) => Markup,
): Markup {
  return table(
    'Schemes, and what each hides, from whom, under which assumption. Source: result.json, schemes.',
    [{ title: 'Scheme' }, { title: 'What it is' }, { title: 'Whose' }, { title: 'Security' }],
    schemes.map((scheme) => [
      markup`${icon(scheme)} ${scheme.scheme}`,
      scheme.title,
      scheme.whose === 'opaline' ? 'Opaline’s' : scheme.whose,
      scheme.security,
    ]),
  );
}
