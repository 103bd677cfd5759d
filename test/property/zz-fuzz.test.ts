import fc from 'fast-check';
import { expect, test } from 'vitest';
import { finishAggregate, finishSelect } from '../../src/plan/finish.ts';
import {
  evaluatePredicate,
  interpretAggregate,
  interpretSelect,
} from '../../src/plan/interpret.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import type { ResultTable } from '../../src/plan/result.ts';
import { toSetPredicate, type SetPredicate } from '../../src/plan/set-predicate.ts';
import type { Schema } from '../../src/table/schema.ts';
import type { Value } from '../../src/table/value.ts';
import { oracle } from './oracle.ts';
import { triples, type Triple } from './triples.ts';

const SEED = 99;

async function answer({ schema, rows, sql, parameters }: Triple): Promise<ResultTable> {
  const plan = await planQuery(sql, parameters, { schemas: new Map([[schema.table, schema]]) });
  return plan.kind === 'aggregate'
    ? finishAggregate(plan, schema, interpretAggregate(plan, schema, rows))
    : finishSelect(plan, schema, interpretSelect(plan, schema, rows));
}

test('plan, interpret and finish agree with SQLite and exact definitions', async () => {
  await fc.assert(
    fc.asyncProperty(triples(), async (triple) => {
      const { schema, rows, query } = triple;
      expect(await answer(triple)).toEqual(oracle(schema, rows, query));
    }),
    { seed: SEED, numRuns: 8000 },
  );
});

/** Membership, with nothing but sets: an atom never holds a row whose cell is NULL. */
function contains(set: SetPredicate, schema: Schema, row: readonly Value[]): boolean {
  switch (set.kind) {
    case 'all':
    case 'none':
      return set.kind === 'all';
    case 'atom':
      return evaluatePredicate(set.atom, schema, row) === true;
    case 'and':
      return set.args.every((arg) => contains(arg, schema, row));
    case 'or':
      return set.args.some((arg) => contains(arg, schema, row));
    case 'not':
      return !contains(set.arg, schema, row);
  }
}

test('the set form of WHERE holds exactly the rows of which it is true', async () => {
  await fc.assert(
    fc.asyncProperty(triples({ maxRows: 40 }), async ({ schema, rows, sql, parameters }) => {
      const plan = await planQuery(sql, parameters, { schemas: new Map([['t', schema]]) });
      const nullable = new Map(schema.columns.map((c) => [c.name, c.nullable]));
      const general = toSetPredicate(plan.filter);
      const informed = toSetPredicate(plan.filter, (name) => nullable.get(name)!);
      for (const row of rows) {
        const wanted = evaluatePredicate(plan.filter, schema, row) === true;
        expect([contains(general, schema, row), contains(informed, schema, row)]).toEqual([
          wanted,
          wanted,
        ]);
      }
    }),
    { seed: SEED, numRuns: 5000 },
  );
});
