import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { schemaToJson } from '../../src/table/schema-json.ts';
import type { Schema } from '../../src/table/schema.ts';
import type { Value } from '../../src/table/value.ts';
import { describeWithRedis } from '../support/redis.ts';
import type { StoreKind } from '../support/stores.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { objects } from './objects.ts';
import { oracle } from './oracle.ts';
import { render } from './query.ts';
import { triples } from './triples.ts';

const SEED = 20_261_123;

type Rows = readonly (readonly Value[])[];

/** Ingest as one table and up to two appends. */
async function store(vault: Vault, schema: Schema, rows: Rows, cuts: number[]): Promise<void> {
  const json = schemaToJson(schema);
  const ends = [...cuts.map((cut) => cut % (rows.length + 1)), rows.length].sort((a, b) => a - b);
  let from = 0;
  for (const [i, to] of ends.entries()) {
    await vault.ingest(json, objects(schema, rows.slice(from, to)), { append: i > 0 });
    from = to;
  }
}

/** Over a slower way the same code answers: fewer runs look for what the way itself may break. */
const RUNS: readonly [StoreKind, number][] = [
  ['memory', 300],
  ['http', 40],
  ['cluster', 40],
];

for (const [kind, numRuns] of RUNS) {
  const register = kind === 'cluster' ? describeWithRedis : describe;
  register(`${kind} store`, () => {
    let temp: TempVault;
    beforeAll(async () => {
      temp = await tempVault(kind);
    });
    afterAll(() => temp[Symbol.asyncDispose]());

    test('encrypted answers agree with SQLite, appends and empty tables included', async () => {
      let number = 0;
      await fc.assert(
        fc.asyncProperty(
          triples({ maxRows: 60 }),
          fc.array(fc.nat(60), { maxLength: 2 }),
          async ({ schema: generated, rows, query }, cuts) => {
            const schema = { ...generated, table: `t${number++}` };
            await store(temp.vault, schema, rows, cuts);
            const { sql, parameters } = render(query, schema.table);
            const { columns, rows: answer, stats } = await temp.vault.query(sql, parameters);
            const { errors } = stats;
            expect({ columns, rows: answer, ...(errors && { errors }) }).toEqual(
              oracle(schema, rows, query),
            );
          },
        ),
        { seed: SEED, numRuns },
      );
    }, 600_000);
  });
}
