import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schemaToJson } from '../../src/table/schema-json.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { objects } from './objects.ts';
import { oracle } from './oracle.ts';
import { render } from './query.ts';
import { apply, type Rows, step } from './steps.ts';
import { triples } from './triples.ts';

const SEED = 20_261_124;

let temp: TempVault;
beforeAll(async () => {
  temp = await tempVault('memory');
});
afterAll(() => temp[Symbol.asyncDispose]());

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
          rows = await apply(temp.vault, schema, taken, rows, all);
          const { sql, parameters } = render(query, schema.table);
          const { columns, rows: answer, stats } = await temp.vault.query(sql, parameters);
          const { errors } = stats;
          expect({ columns, rows: answer, ...(errors && { errors }) }).toEqual(
            oracle(schema, rows, query),
          );
        }
        const info = (await temp.vault.tables()).find(({ table }) => table === schema.table);
        expect(info?.rows).toBe(rows.length);
      },
    ),
    { seed: SEED, numRuns: 60 },
  );
}, 600_000);
