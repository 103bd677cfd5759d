import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schemaToJson } from '../../src/table/schema-json.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { objects } from './objects.ts';
import { oracle } from './oracle.ts';
import { render } from './query.ts';
import { triples } from './triples.ts';

const SEED = 20_261_127;

let temp: TempVault;
beforeAll(async () => {
  temp = await tempVault('memory');
  await temp.vault.verify();
});
afterAll(() => temp[Symbol.asyncDispose]());

test('verified answers of an honest store agree with SQLite', async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      triples({ maxRows: 60 }),
      fc.nat(60),
      async ({ schema: generated, rows, query }, cut) => {
        const schema = { ...generated, table: `t${number++}` };
        const json = schemaToJson(schema);
        const first = rows.slice(0, cut);
        await temp.vault.ingest(json, objects(schema, first));
        await temp.vault.ingest(json, objects(schema, rows.slice(first.length)), { append: true });
        const { sql, parameters } = render(query, schema.table);
        const {
          columns,
          rows: answer,
          stats,
        } = await temp.vault.query(sql, parameters, {
          verified: true,
        });
        expect(stats.verified).toBe(true);
        const { errors } = stats;
        expect({ columns, rows: answer, ...(errors && { errors }) }).toEqual(
          oracle(schema, rows, query),
        );
      },
    ),
    { seed: SEED, numRuns: 150 },
  );
  expect(await temp.vault.frozenSince()).toBeUndefined();
}, 600_000);
