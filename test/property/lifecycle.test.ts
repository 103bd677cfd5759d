import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Parameter } from '../../src/plan/parameter.ts';
import { evaluatePredicate } from '../../src/plan/interpret.ts';
import { planDelete } from '../../src/plan/plan-query.ts';
import { schemaToJson } from '../../src/table/schema-json.ts';
import type { Schema } from '../../src/table/schema.ts';
import { formatValue } from '../../src/table/value-text.ts';
import type { Value } from '../../src/table/value.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { objects } from './objects.ts';
import { oracle } from './oracle.ts';
import { render } from './query.ts';
import { triples } from './triples.ts';

const SEED = 20_261_124;

let temp: TempVault;
beforeAll(async () => {
  temp = await tempVault('memory');
});
afterAll(() => temp[Symbol.asyncDispose]());

type Rows = readonly (readonly Value[])[];

/** What is done to a table between two queries. `at` picks rows, cells and operators. */
const step = fc.record({
  kind: fc.constantFrom('append', 'delete', 'delete', 'erase', 'compact'),
  at: fc.nat(1000),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A DELETE that the table's own rows suggest. */
function deletion(
  schema: Schema,
  rows: Rows,
  at: number,
): { sql: string; parameters: readonly Parameter[] } {
  const names = schema.columns.map(({ type }, i) => (type === 'document' ? -1 : i));
  const searchable = names.filter((i) => i >= 0);
  const i = searchable[at % searchable.length]!;
  const column = schema.columns[i]!;
  const name = `"${column.name.replaceAll('"', '""')}"`;
  const cell = rows[at % Math.max(1, rows.length)]?.[i] ?? null;
  const from = `DELETE FROM ${schema.table} WHERE ${name}`;
  if (cell === null) return { sql: `${from} IS NULL`, parameters: [] };
  const parameters = [typeof cell === 'number' ? cell : formatValue(cell, column)];
  const ordered = column.type !== 'boolean';
  return { sql: `${from} ${ordered && at % 3 === 0 ? '<=' : '='} $1`, parameters };
}

async function apply(schema: Schema, { kind, at }: Step, rows: Rows, spare: Rows): Promise<Rows> {
  switch (kind) {
    case 'append': {
      const more = spare.slice(0, at % (spare.length + 1));
      await temp.vault.ingest(schemaToJson(schema), objects(schema, more), { append: true });
      return [...rows, ...more];
    }
    case 'compact':
      await temp.vault.compact(schema.table);
      return rows;
    default: {
      const { sql, parameters } = deletion(schema, rows, at);
      const schemas = new Map([[schema.table, schema]]);
      const { filter } = await planDelete(sql, parameters, { schemas });
      const kept = rows.filter((row) => evaluatePredicate(filter, schema, row) !== true);
      const report = await temp.vault.delete(sql, parameters, { erase: kind === 'erase' });
      expect(report.rows).toBe(rows.length - kept.length);
      return kept;
    }
  }
}

test('whatever is appended, deleted, erased and compacted, answers agree with SQLite', async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      triples({ maxRows: 40 }),
      fc.nat(40),
      fc.array(step, { minLength: 1, maxLength: 5 }),
      async ({ schema: generated, rows: all, query }, cut, steps) => {
        const schema = { ...generated, table: `t${number++}` };
        let rows: Rows = all.slice(0, cut);
        await temp.vault.ingest(schemaToJson(schema), objects(schema, rows));
        for (const taken of steps) {
          rows = await apply(schema, taken, rows, all);
          const { sql, parameters } = render(query, schema.table);
          const { columns, rows: answer } = await temp.vault.query(sql, parameters);
          expect({ columns, rows: answer }).toEqual(oracle(schema, rows, query));
        }
        const info = (await temp.vault.tables()).find(({ table }) => table === schema.table);
        expect(info?.rows).toBe(rows.length);
      },
    ),
    { seed: SEED, numRuns: 60 },
  );
}, 600_000);
