import { describe, expect, test } from 'vitest';
import type { Parameter } from '../../../../src/plan/parameter.ts';
import type { Plan } from '../../../../src/plan/physical.ts';
import { planQuery } from '../../../../src/plan/plan-query.ts';
import { parseStatements } from '../../../../src/plan/sql/parse.ts';
import { ParsedStatements } from '../../../../src/plan/sql/parsed-statements.ts';
import { parseSchema } from '../../../../src/table/schema-json.ts';

const schema = parseSchema({
  version: 1,
  table: 't',
  columns: { x: { type: 'text' }, y: { type: 'integer' } },
});
const catalog = { schemas: new Map([['t', schema]]) };

describe('statements that were parsed before', () => {
  test('are the same trees, as the parser makes them', async () => {
    const statements = new ParsedStatements();
    const sql = "SELECT x, SUM(y) FROM t WHERE x <> 'a' GROUP BY x HAVING COUNT(*) > 1 LIMIT 3";
    const first = await statements.parse(sql);
    expect(first).toEqual(await parseStatements(sql));
    expect(await statements.parse(sql)).toBe(first);
    expect(await statements.parse(`${sql} `)).not.toBe(first);
  });

  test('serve other parameters', async () => {
    const statements = new ParsedStatements();
    const sql = 'SELECT COUNT(*), x || $2 FROM t WHERE y = $1 GROUP BY x ORDER BY 1 DESC';
    const plan = (parameters: Parameter[], parse?: ParsedStatements): Promise<Plan> =>
      planQuery(sql, parameters, catalog, parse && ((text) => parse.parse(text)));
    for (const parameters of [
      [1, 'a'],
      [2, 'b'],
      [null, 'c'],
    ]) {
      const outcome = (run: Promise<Plan>): Promise<unknown> =>
        run.catch((error: unknown) => ({ refused: String(error) }));
      expect(await outcome(plan(parameters, statements))).toEqual(await outcome(plan(parameters)));
    }
    await expect(plan([1], statements)).rejects.toMatchObject({ code: 'PARAMETER_MISSING' });
  });

  test('are not changed by anybody', async () => {
    const [tree] = await new ParsedStatements().parse('SELECT x FROM t WHERE y IN (1, 2)');
    const frozen = (node: unknown): boolean =>
      typeof node !== 'object' ||
      node === null ||
      (Object.isFrozen(node) && Object.values(node).every(frozen));
    expect(frozen(tree)).toBe(true);
  });

  test('are few: the one that was asked for longest ago goes, and long ones do not stay', async () => {
    const statements = new ParsedStatements();
    const of = (limit: number): string => `SELECT x FROM t LIMIT ${limit}`;
    const first = await statements.parse(of(0));
    const second = await statements.parse(of(1));
    for (let limit = 2; limit < 64; limit++) await statements.parse(of(limit));
    expect(await statements.parse(of(0))).toBe(first);
    await statements.parse(of(64));
    expect(await statements.parse(of(0))).toBe(first);
    expect(await statements.parse(of(1))).not.toBe(second);
    const long = `SELECT x FROM t WHERE x = '${'a'.repeat(4096)}'`;
    expect(await statements.parse(long)).not.toBe(await statements.parse(long));
  });

  test('with an error are refused each time', async () => {
    const statements = new ParsedStatements();
    for (let i = 0; i < 2; i++) {
      await expect(statements.parse('SELEC x')).rejects.toMatchObject({ code: 'SQL_SYNTAX' });
    }
  });
});
