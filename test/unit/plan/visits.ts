import { isOpalineError, type ErrorCode } from '../../../src/errors/index.ts';
import { finishAggregate, finishSelect } from '../../../src/plan/finish.ts';
import { interpretAggregate, interpretSelect } from '../../../src/plan/interpret.ts';
import type { Parameter } from '../../../src/plan/parameter.ts';
import type { Plan } from '../../../src/plan/physical.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import type { ResultTable } from '../../../src/plan/result.ts';
import { parseSchema } from '../../../src/table/schema-json.ts';
import type { Schema } from '../../../src/table/schema.ts';
import { parseValue } from '../../../src/table/value-text.ts';
import type { Value } from '../../../src/table/value.ts';

/** A small table with a column of every type, for the tests of plan/. */
export const SCHEMA: Schema = parseSchema({
  version: 1,
  table: 'visits',
  columns: {
    ward: { type: 'text', nullable: true },
    days: { type: 'integer', nullable: true },
    fee: { type: 'decimal', scale: 2, nullable: true },
    bed: { type: 'integer' },
    urgent: { type: 'boolean', nullable: true },
    born: { type: 'date', nullable: true },
    seen: { type: 'timestamp', nullable: true },
    score: { type: 'real', nullable: true },
    notes: { type: 'document', nullable: true },
    Total: { type: 'integer', nullable: true },
    name: { type: 'text', nullable: true, search: { index: 'sse', prefix: 5, ngram: 3 } },
    secret: { type: 'integer', nullable: true, search: [] },
  },
  pairs: [['days', 'fee']],
});

const CELLS: readonly (readonly (string | null)[])[] = [
  // ward, days, fee, bed, urgent, born, seen, score, notes, Total, name, secret
  [
    'A',
    '1',
    '10.50',
    '1',
    'true',
    '1990-05-01',
    '2024-01-01 08:30:00',
    '0.5',
    'Tall, dark',
    '1',
    'Anna Berg',
    '1',
  ],
  ['A', '2', '20.25', '2', 'false', '1985-12-31', '2024-01-02', '1.5', 'dark', '2', 'Hannah', '2'],
  [
    'B',
    '4',
    '-3.10',
    '3',
    'true',
    null,
    '2024-01-02 23:59:59.999999',
    '-2',
    'a green-tall LIGHT',
    '3',
    'Ann_a%',
    '3',
  ],
  ['B', null, '7.95', '4', null, '2001-02-28', null, null, null, null, null, null],
  [
    null,
    '7',
    null,
    '5',
    'false',
    '1990-05-01',
    '2023-12-31 00:00:00',
    '0.1',
    'light',
    '5',
    'Łukasz',
    '5',
  ],
];

export const ROWS: readonly (readonly Value[])[] = CELLS.map((row) =>
  row.map((text, i) => (text === null ? null : parseValue(text, SCHEMA.columns[i]!)!)),
);

export function plan(sql: string, ...parameters: Parameter[]): Promise<Plan> {
  return planQuery(sql, parameters, { schemas: new Map([['visits', SCHEMA]]) });
}

export async function run(sql: string, ...parameters: Parameter[]): Promise<ResultTable> {
  const p = await plan(sql, ...parameters);
  return p.kind === 'aggregate'
    ? finishAggregate(p, SCHEMA, interpretAggregate(p, SCHEMA, ROWS))
    : finishSelect(p, SCHEMA, interpretSelect(p, SCHEMA, ROWS));
}

/** The rows of a result. */
export async function rows(sql: string, ...parameters: Parameter[]): Promise<ResultTable['rows']> {
  return (await run(sql, ...parameters)).rows;
}

/** The beds of the rows that a condition selects, in order. */
export async function beds(where: string, ...parameters: Parameter[]): Promise<number[]> {
  const found = await rows(`SELECT bed FROM visits WHERE ${where} ORDER BY bed`, ...parameters);
  return found.map(([bed]) => Number(bed));
}

/** The code and details of the refusal of a query; throws if it is answered. */
export async function refusal(
  sql: string,
  ...parameters: Parameter[]
): Promise<{ code: ErrorCode; details: unknown; message: string; hint: string }> {
  try {
    await run(sql, ...parameters);
  } catch (error) {
    if (!isOpalineError(error)) throw error;
    const { code, details, message, hint } = error;
    return { code, details, message, hint };
  }
  throw new Error(`answered: ${sql}`);
}
