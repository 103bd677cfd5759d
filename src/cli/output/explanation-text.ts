import type { Explanation } from '../../client/api.ts';
import type { Leakage } from '../../plan/leakage.ts';
import { oneLine } from './one-line.ts';
import { byteText, countText } from './quantity.ts';
import { tableText } from './table-text.ts';

/** EXPLAIN for a person: verdict, plan, cost, proved bounds, and what the store learns. */
export function explanationText(explanation: Explanation): string {
  const { plan, verdict, leakage, notes, cost, groupings, bounds } = explanation;
  return [
    section('Verdict', [verdict]),
    section('Plan', plan),
    section('Cost', [
      `${countText(cost.rounds, 'round trip')}, ${countText(cost.tokens, 'token')}, ` +
        countText(cost.segments, 'segment'),
      `reply: at most ${byteText(cost.replyBytes)}`,
    ]),
    groupings.length === 0 ? '' : section('Ways to make the groups', groupingLines(groupings)),
    bounds.length === 0 ? '' : section('Proved before the run', boundLines(bounds)),
    section('What the store learns', leakage.flatMap(leakageLines)),
    notes.length === 0 ? '' : section('Notes', notes),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

function section(title: string, lines: readonly string[]): string {
  const body = lines.length === 0 ? ['nothing'] : lines;
  return `${title}\n${body.map((line) => `  ${oneLine(line)}\n`).join('')}`;
}

/** Time, bytes and what is needed side by side, then what each way shows. */
function groupingLines(groupings: Explanation['groupings']): string[] {
  const table = tableText(
    ['way', 'time', 'reply', ''],
    groupings.map(({ way, chosen, needs, ms, bytes }) => [
      way,
      `${ms} ms`,
      byteText(bytes),
      chosen ? 'chosen' : needs === null ? 'open' : `needs ${needs}`,
    ]),
  );
  const shown = groupings.flatMap(({ way, leakage: of }) =>
    labelled(
      way,
      of.flatMap(({ onQuery }) => onQuery),
    ),
  );
  return [...table.trimEnd().split('\n'), '', 'what the store learns by', ...shown];
}

function boundLines(bounds: Explanation['bounds']): string[] {
  return tableText(
    ['term', 'noise', 'limit', 'magnitude', 'limit'],
    bounds.map((b) => [b.term, b.noise, b.noiseLimit, b.magnitude, b.magnitudeLimit]),
  )
    .trimEnd()
    .split('\n');
}

function leakageLines({ node, index, atRest, onQuery, expectedRecovery }: Leakage): string[] {
  const recovery =
    expectedRecovery === null
      ? []
      : [`${(expectedRecovery.fraction * 100).toFixed(1)} % by ${expectedRecovery.attack}`];
  return [
    `${node} (${index})`,
    ...labelled('at rest', atRest),
    ...labelled('on query', onQuery),
    ...labelled('recovery', recovery),
  ];
}

/** The label stands before the first item; the others line up below it. */
function labelled(label: string, items: readonly string[]): string[] {
  return items.map((item, i) => `  ${(i === 0 ? label : '').padEnd(9)} ${item}`);
}
