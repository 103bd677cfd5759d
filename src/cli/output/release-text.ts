import type {
  BudgetReport,
  PastRelease,
  ReleasePreview,
} from '../../gate/release/statistical-guard.ts';
import type { Cost } from '../../policy/dp/budget.ts';
import { refusalText } from '../../policy/release/refusal.ts';
import { oneLine } from './one-line.ts';
import { tableText } from './table-text.ts';

export function previewJson(preview: ReleasePreview): object {
  if (preview.mode === 'dp') return preview;
  return { ...preview, refused: Object.fromEntries(preview.refused) };
}

export function previewText(preview: ReleasePreview): string {
  if (preview.mode === 'exact') {
    const { groups, shown, refused, floor } = preview;
    const lines = [
      `exact: ${shown} of ${groups} ${groups === 1 ? 'group' : 'groups'} would be shown`,
    ];
    for (const [kind, count] of refused) {
      lines.push(`  ${count} not: ${refusalText({ kind, floor })}`);
    }
    return `${lines.join('\n')}\n`;
  }
  const { cost, left, isStored, errors, threshold } = preview;
  const lines = [
    isStored
      ? 'with noise: the answer is stored and costs nothing'
      : `with noise: costs ${costText(cost)}`,
    `left: ${costText(left)}`,
    ...errors.map(
      (error, i) => `figure ${i + 1}: ± ${error.toPrecision(3)} (95 %), in units of its last digit`,
    ),
    ...(threshold === undefined
      ? []
      : [`a group is shown from ${threshold} subjects on, with noise`]),
  ];
  return `${lines.join('\n')}\n`;
}

export function budgetText(
  budgets: readonly (BudgetReport & { readonly table: string })[],
): string {
  if (budgets.length === 0) return 'no tables\n';
  return tableText(
    ['table', 'mode', 'releases', 'spent', 'left'],
    budgets.map(({ table, mode, releases, spent, left }) => [
      oneLine(table),
      mode,
      String(releases),
      mode === 'dp' ? costText(spent) : '',
      left === undefined ? '' : costText(left),
    ]),
  );
}

export function historyText(
  past: readonly (Omit<PastRelease, 'time'> & { readonly table: string; readonly time: string })[],
): string {
  if (past.length === 0) return 'nothing was released\n';
  return tableText(
    ['time', 'table', 'cost', 'what'],
    past.map(({ time, table, cost, label }) => [
      time,
      oneLine(table),
      costText(cost),
      oneLine(label),
    ]),
  );
}

/** ε, ρ and δ that are not 0. */
function costText({ microEpsilon, microRho, picoDelta }: Cost): string {
  const parts = [
    ...(microEpsilon === 0 ? [] : [`ε ${microEpsilon / 1e6}`]),
    ...(microRho === 0 ? [] : [`ρ ${microRho / 1e6}`]),
    ...(picoDelta === 0 ? [] : [`δ ${picoDelta / 1e12}`]),
  ];
  return parts.length === 0 ? '0' : parts.join(', ');
}
