import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Vault } from '../../../client/api.ts';
import { openVault } from '../../../client/open-vault.ts';
import { quoted } from '../../keyword-space.ts';
import { histogramOf } from '../histogram.ts';
import { byCount, questionsOf } from '../questions.ts';
import type { Ablation } from '../result.ts';
import type { LabTable, Question } from '../scheme.ts';
import { type AblationRun, type AblationTools, bothSides, timesOnly } from './ablation.ts';
import { type LabVault, labVault } from './lab-vault.ts';

/** Two full segments: fewer leave a second thread nothing to do. */
const ROWS = 2 ** 19;

/** What evaluation at the store owes to its second thread, to resident columns, and to totals that it keeps. */
export const evaluationAblations: AblationRun = async (tools) => {
  const { data, rows = ROWS, folder, signal } = tools;
  const table = await data.table(Math.min(ROWS, data.mostRows, rows));
  const filtered = questionsOf(table).find(({ workload }) => workload === 'filtered-average');
  if (filtered?.workload !== 'filtered-average') return [];
  const own = join(folder, 'evaluation');
  await mkdir(own);
  const columns = {
    [filtered.column]: { type: 'integer', search: [] },
    [filtered.where.column]: { type: 'text' },
  };
  const vault = await labVault(table, { columns }, own, signal);
  return [
    await threads(vault, filtered, table, tools),
    await residency(vault, filtered, table, tools),
    await nearTotals(vault, filtered, table, tools),
  ];
};

type Filtered = Question & { readonly workload: 'filtered-average' };

async function threads(
  { path, passphrase }: LabVault,
  { column, where }: Filtered,
  table: LabTable,
  tools: AblationTools,
): Promise<Ablation> {
  await using two = await openVault(path, { passphrase, threads: 2 });
  await using one = await openVault(path, { passphrase, threads: 1 });
  const group = quoted(where.column);
  const sql = `SELECT ${group}, SUM(${quoted(column)}) FROM ${quoted(table.name)} GROUP BY ${group}`;
  const [having, lacking] = await bothSides(
    tools,
    async () => await two.query(sql),
    async () => await one.query(sql),
  );
  return {
    workload: 'group-by',
    what: `a second evaluating thread, ${table.rows} rows`,
    kind: 'speed',
    with: timesOnly(having),
    without: timesOnly(lacking),
  };
}

/** A query after one like it, against the first of a vault that was just opened; opening is not counted. */
async function residency(
  { path, passphrase }: LabVault,
  question: Filtered,
  table: LabTable,
  tools: AblationTools,
): Promise<Ablation> {
  await using warm = await openVault(path, { passphrase, threads: 1 });
  const sql = averageSql(question, table);
  const ask = async (vault: Vault): Promise<unknown> =>
    await vault.query(sql, [question.where.value]);
  await ask(warm);
  const having: number[] = [];
  const lacking: number[] = [];
  const { clock, limits } = tools;
  for (let round = 0; round < Math.max(2, Math.min(limits.rounds, 5)); round++) {
    await using cold = await openVault(path, { passphrase, threads: 1 });
    // What planning takes the first time is not the columns'.
    await cold.explain(sql, [question.where.value]);
    const begun = clock.now();
    await ask(cold);
    lacking.push(clock.now() - begun);
    const again = clock.now();
    await ask(warm);
    having.push(clock.now() - again);
  }
  return {
    workload: 'filtered-average',
    what: `columns that stay in memory, ${table.rows} rows`,
    kind: 'speed',
    with: timesOnly(having),
    without: timesOnly(lacking),
  };
}

/** Nearly every row: the same ones again, against others each time. */
async function nearTotals(
  { path, passphrase }: LabVault,
  { column, where }: Filtered,
  table: LabTable,
  tools: AblationTools,
): Promise<Ablation> {
  await using vault = await openVault(path, { passphrase, threads: 1 });
  const { values, counts } = histogramOf(table, where.column);
  const rarest = byCount(counts).toReversed();
  const sql = `SELECT SUM(${quoted(column)}) FROM ${quoted(table.name)} WHERE ${quoted(where.column)} <> $1`;
  let next = 0;
  const [having, lacking] = await bothSides(
    tools,
    async () => await vault.query(sql, [values[rarest[0]!]!]),
    async () => {
      next = 1 + (next % (rarest.length - 1));
      return await vault.query(sql, [values[rarest[next]!]!]);
    },
  );
  return {
    workload: 'sum',
    what: `sums over nearly every row are remembered, ${table.rows} rows`,
    kind: 'speed',
    with: timesOnly(having),
    without: timesOnly(lacking),
  };
}

function averageSql({ column, where }: Filtered, table: LabTable): string {
  return `SELECT AVG(${quoted(column)}) FROM ${quoted(table.name)} WHERE ${quoted(where.column)} = $1`;
}
