import type { Ratio } from '../../measure/bench/bootstrap.ts';
import { type Comparison, TOLERANCE } from '../../measure/bench/compare.ts';
import { countText } from './quantity.ts';
import { tableText } from './table-text.ts';

/** Ratios of times, second result over first, the rankings that the two do not share, and in a line whether they agree. */
export function comparisonText(comparison: Comparison): string {
  const { compared, rankings, pairs, unmatched } = comparison;
  const rows = compared.map((one) => [
    one.suite,
    one.workload,
    one.parameters === undefined ? one.scheme : `${one.scheme}, ${one.parameters}`,
    String(one.rows),
    ...ratioCells(one.time),
    one.separated ? (one.time.ratio < 1 ? 'faster' : 'slower') : '',
  ]);
  const columns = ['suite', 'workload', 'scheme', 'rows', 'second / first', '95 %', ''];
  const real = rankings.filter(({ separated }) => separated).length;
  const differing = rankings.map((one) => [
    one.workload,
    String(one.rows),
    one.faster,
    one.slower,
    ...one.ratios.flatMap(ratioCells),
    one.separated ? 'yes' : 'no',
  ]);
  const head = [
    'workload',
    'rows',
    'faster in the first',
    'than',
    'first',
    '95 %',
    'second',
    '95 % ',
    'separated',
  ];
  return [
    tableText(columns, rows),
    `${countText(pairs, 'pair')} of schemes ranked by both; ${rankings.length} in another order, ` +
      `${real} of them separated by both intervals` +
      (unmatched === 0 ? '\n' : `; ${countText(unmatched, 'measurement')} in one result alone\n`),
    ...(differing.length === 0 ? [] : [tableText(head, differing)]),
    verdict(comparison),
  ].join('\n');
}

function verdict({ compared, agreement }: Comparison): string {
  const { separated, ordered, ratios, times } = agreement;
  const isSame = ordered === separated && ratios === separated;
  const percent = Math.round(100 * (TOLERANCE - 1));
  return (
    `${isSame ? 'Agree' : 'Differ'}: of ${countText(separated, 'pair')} that both results separate, ${ordered} are in the ` +
    `same order and ${ratios} have ratios within ${percent} % of each other; of ` +
    `${countText(compared.length, 'time')}, ${times} are within ${percent} %\n`
  );
}

function ratioCells({ ratio, interval: [low, high] }: Ratio): [string, string] {
  return [ratio.toPrecision(3), `${low.toPrecision(3)} – ${high.toPrecision(3)}`];
}
