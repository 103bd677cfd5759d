import { markup, type Child, type Markup } from './markup.ts';
import { entryName, titled } from './names.ts';
import { LEVELS, pricesOf } from './price.ts';
import { digitsText, rowsText, shareText, timesText, timeText } from './quantity.ts';
import { symbolIcon } from './legend.ts';
import { lookOf } from './scheme-look.ts';
import { table } from './table.ts';
import { PAGE } from './theme.ts';
import type { SchemeStatement } from '../bench/result.ts';
import type { Entry, WorkloadView } from './views.ts';

/** Lower ends of the shades of advantage, from the second one. */
const SHADES = [0.05, 0.25, 0.5, 0.75];

/** Scheme by workload: time, advantage, and whether it is on the frontier. */
export function matrix(
  schemes: readonly SchemeStatement[],
  views: readonly WorkloadView[],
): Markup {
  const there = schemes.filter(({ scheme }) =>
    views.some(({ entries }) => entries.some((one) => one.scheme.scheme === scheme)),
  );
  const rows = there.map((scheme): readonly Child[] => [
    markup`${symbolIcon(lookOf(scheme), PAGE)} ${scheme.scheme}`,
    ...views.map(({ entries }) =>
      entries.filter((one) => one.scheme.scheme === scheme.scheme).map(cell),
    ),
  ]);
  const columns = views.map(({ workload }) => ({ title: titled(workload), numeric: true }));
  return markup`<div class="matrix">${table(
    'Median time of one answer and, below it, the attacker’s advantage (shaded by it); bold: on the frontier; empty: not on offer, or not measured. Source: result.json, measurements.',
    [{ title: 'Scheme' }, ...columns],
    rows,
  )}</div>`;
}

function cell(entry: Entry): Markup {
  const { time, advantage, standing, measurement } = entry;
  const shade = SHADES.filter((from) => advantage.value >= from).length;
  const text = timeText(time.value);
  const about = standing === null ? markup`<small>${rowsText(measurement.rows)}</small>` : '';
  const shown = standing === 'frontier' ? markup`<strong>${text}</strong>` : text;
  return markup`<span class="cell a${shade}">${shown}<small>${shareText(advantage.value)}</small>${about}</span>`;
}

/** What each level of privacy costs in each workload, in time and by the fastest in plaintext. */
export function priceTable(views: readonly WorkloadView[]): Markup {
  const rows = views.map(({ workload, rows, entries }): readonly Child[] => {
    const comparable = entries.filter(({ standing }) => standing !== null);
    const prices = pricesOf(comparable, ({ scheme }) => scheme.family === 'plaintext');
    return [
      markup`${titled(workload)}<br><small>${rowsText(rows)}</small>`,
      ...prices.map((price) => {
        if (price === null) return 'nothing measured';
        const { cheapest, times } = price;
        const ratio = times === null ? '' : markup`<br>${timesText(times)}`;
        return markup`${entryName(cheapest)}<br>${timeText(cheapest.time.value)}${ratio}`;
      }),
    ];
  });
  return table(
    'The fastest way whose attacker has at most so much advantage: its median time, and how many times that is of the fastest in plaintext. Source: result.json, measurements.',
    [
      { title: 'Workload' },
      ...LEVELS.map((level) => ({ title: level === 1 ? 'any' : `at most ${digitsText(level)}` })),
    ],
    rows,
  );
}
