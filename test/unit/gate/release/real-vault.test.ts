import { expect, it } from 'vitest';
import { LocalVault } from '../../../../src/client/vault.ts';
import type { ResultTable } from '../../../../src/plan/result.ts';
import { tempVault } from '../../../support/vaults.ts';

const SCHEMA = {
  version: 1,
  table: 'pay',
  subject: 'person',
  columns: {
    person: { type: 'text' },
    dept: { type: 'text' },
    salary: { type: 'integer', range: [0, 100_000], nullable: true },
  },
};
const row = (i: number): { person: string; dept: string; salary: number } => ({
  person: `p${i}`,
  dept: i % 2 === 0 ? 'A' : 'B',
  salary: 20_000 + i,
});
const rows = (from: number, to: number): ReturnType<typeof row>[] =>
  Array.from({ length: to - from }, (_, i) => row(from + i));

/** A query through the vault's guard: the store computes, the answer is what may leave. */
async function ask(vault: LocalVault, sql: string): Promise<ResultTable> {
  const { guard } = await vault.releases();
  const { plan, table } = await vault['known'].plan(await vault.planner(sql));
  const reserved = await guard.review({ plan, table });
  return await reserved.settle(await vault['gate'].release(reserved.plan, table));
}

it('guards a vault’s own tables, whatever becomes of their segments', async () => {
  await using made = await tempVault('memory');
  const { vault } = made;
  if (!(vault instanceof LocalVault)) throw new TypeError('a vault of another kind');
  await vault.ingest(SCHEMA, rows(0, 60));
  const sum = "SELECT SUM(salary) FROM pay WHERE dept = 'A'";
  expect((await ask(vault, sum)).rows).toEqual([['600870']]);
  const denied = { code: 'DENIED' };
  await expect(ask(vault, `${sum} AND person <> 'p8'`)).rejects.toMatchObject(denied);
  const grouped = 'SELECT dept, AVG(salary) FROM pay GROUP BY dept HAVING COUNT(*) > 3';
  expect((await ask(vault, grouped)).rows.map(([dept]) => dept)).toEqual(['A', 'B']);
  // One more person, whose value the difference of the two sums would be.
  await vault.ingest(SCHEMA, [row(60)], { append: true });
  await expect(ask(vault, sum)).rejects.toMatchObject(denied);
  await vault.delete("DELETE FROM pay WHERE person = 'p60'");
  expect((await ask(vault, sum)).rows).toEqual([['600870']]);
  // Segments made anew hold the same rows.
  await vault.compact('pay');
  expect((await ask(vault, sum)).rows).toEqual([['600870']]);
  await expect(ask(vault, `${sum} AND person <> 'p8'`)).rejects.toMatchObject(denied);
  const releases = await vault.releases();
  expect((await releases.history('pay')).length).toBe(4);
  expect(await releases.preview(await vault.planner(`${sum} AND person <> 'p8'`))).toMatchObject({
    mode: 'exact',
    shown: 0,
  });
}, 120_000);
