import { ratioOfMedians } from '../../measure/bench/bootstrap.ts';
import { median } from '../../measure/bench/quantiles.ts';
import type {
  Ablation,
  BenchResult,
  Growth,
  LeftOut,
  Measurement,
  SuiteMeasurements,
} from '../../measure/bench/result.ts';
import { oneLine } from './one-line.ts';
import { byteText, countText } from './quantity.ts';
import { tableText } from './table-text.ts';

const COLUMNS = [
  'workload',
  'scheme',
  'rows',
  'median',
  'p0 – p100',
  'up',
  'down',
  'at rest',
  'error',
  'recovers',
  'guess',
  'advantage',
  'grows',
];

/** Every suite as tables: each workload and scheme at the largest size it was measured at, fastest first. */
export function benchText(result: BenchResult): string {
  const { data, machine, seconds, incomplete } = result;
  const head =
    `${oneLine(data.name)}, up to ${countText(data.rows, 'row')}; ${oneLine(machine.cpu)}, ` +
    `${machine.cores} cores, Node ${machine.node}; ${seconds.toFixed(0)} s\n`;
  const note = incomplete === undefined ? '' : `Not whole: ${oneLine(incomplete)}\n`;
  return [head + note, ...result.suites.map(suiteText)].join('\n');
}

function suiteText({ title, measurements, growth, ablations, leftOut }: SuiteMeasurements): string {
  const rows = largest(measurements).map((one) => lineOf(one, growth));
  const parts = [`${title}\n\n${tableText(COLUMNS, rows)}`];
  if (ablations.length > 0) parts.push(ablationText(ablations));
  if (leftOut !== undefined && leftOut.length > 0) parts.push(leftOutText(leftOut));
  return parts.join('\n');
}

function largest(measurements: readonly Measurement[]): readonly Measurement[] {
  const best = new Map<string, Measurement>();
  const workloads: string[] = [];
  for (const one of measurements) {
    if (!workloads.includes(one.workload)) workloads.push(one.workload);
    const key = JSON.stringify([one.workload, one.scheme, one.parameters ?? '']);
    if (one.rows >= (best.get(key)?.rows ?? 0)) best.set(key, one);
  }
  return [...best.values()].sort(
    (a, b) =>
      workloads.indexOf(a.workload) - workloads.indexOf(b.workload) ||
      median(a.ms) / a.rows - median(b.ms) / b.rows,
  );
}

function lineOf(one: Measurement, growth: readonly Growth[]): string[] {
  const { workload, scheme, parameters, rows, ms, privacy } = one;
  const fit = growth.find((g) => g.workload === workload && g.scheme === scheme);
  const bytes = (count: number | null): string => (count === null ? '' : byteText(count));
  return [
    workload,
    parameters === undefined ? scheme : `${scheme}, ${parameters}`,
    String(rows),
    msText(median(ms)),
    `${msText(Math.min(...ms))} – ${msText(Math.max(...ms))}`,
    bytes(one.bytesUp),
    bytes(one.bytesDown),
    bytes(one.bytesAtRest),
    one.error === 0 ? '0' : one.error.toExponential(0),
    `${privacy.recovery.mean.toFixed(2)} ${privacy.measure === 'auc' ? 'AUC' : privacy.measure}`,
    privacy.guess.toFixed(2),
    privacy.advantage.mean.toFixed(2),
    fit === undefined ? '' : `${fit.exponent.toFixed(2)} ± ${fit.error.toFixed(2)}`,
  ];
}

function ablationText(ablations: readonly Ablation[]): string {
  const columns = [
    'workload',
    'what',
    'with',
    'without',
    'times',
    '95 %',
    'at rest',
    'down',
    'error',
    'advantage',
  ];
  const rows = ablations.map(({ workload, what, with: having, without: lacking }) => {
    const { ratio, interval } = ratioOfMedians(lacking.ms, having.ms);
    const both = <T>(
      of: (side: Ablation['with']) => T | null | undefined,
      text: (value: T) => string,
    ): string => {
      const [a, b] = [of(having), of(lacking)];
      return a == null || b == null ? '' : `${text(a)}, ${text(b)}`;
    };
    return [
      workload,
      what,
      msText(median(having.ms)),
      msText(median(lacking.ms)),
      ratio.toPrecision(3),
      interval.map((end) => end.toPrecision(3)).join(' – '),
      both(({ bytesAtRest }) => bytesAtRest, byteText),
      both(({ bytesDown }) => bytesDown, byteText),
      both(
        ({ error }) => error,
        (error) => error.toExponential(0),
      ),
      both(
        ({ advantage }) => advantage,
        (advantage) => advantage.toFixed(2),
      ),
    ];
  });
  return `With and without\n\n${tableText(columns, rows)}`;
}

function leftOutText(leftOut: readonly LeftOut[]): string {
  const lines = leftOut.map(({ scheme, workload, rows, reason }) => {
    const what = [scheme, workload, rows === undefined ? undefined : countText(rows, 'row')];
    return `  ${what.filter((part) => part !== undefined).join(', ')}: ${reason}`;
  });
  return `Left out\n\n${lines.map(oneLine).join('\n')}\n`;
}

/** Three significant digits, in milliseconds, microseconds or seconds. */
export function msText(ms: number): string {
  if (ms >= 999.5) return `${Number((ms / 1000).toPrecision(3))} s`;
  if (ms >= 0.9995) return `${Number(ms.toPrecision(3))} ms`;
  return `${Number((1000 * ms).toPrecision(3))} µs`;
}
