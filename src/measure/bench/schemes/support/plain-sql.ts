import type { LabTable, Question } from '../../scheme.ts';
import { averageOf, correlationOf } from './exact-answers.ts';
import { integerOf } from './plain-table.ts';

/** A question for a database of plaintext, and how its one result becomes the answer: sums come exactly, as text. */
export interface PlainSql {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
  readonly finish: (rows: readonly (readonly unknown[])[]) => readonly (string | number)[];
}

export const LAB_TABLE = 'lab';
const FROM = `FROM ${LAB_TABLE}`;

/** `"name"`, as SQL quotes it. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const sum = (expression: string): string => `CAST(COALESCE(SUM(${expression}), 0) AS VARCHAR)`;
const whole = (name: string): string => `CAST(${quotedName(name)} AS BIGINT)`;
const big = (cell: unknown): bigint => BigInt(cell as string);
const counted = (rows: readonly (readonly unknown[])[]): [number] => [Number(rows[0]![0])];

/**
 * Undefined where a column is not of the kind that the question takes.
 * @param keyword the condition that a document has a word, and its parameter
 */
export function plainSql(
  table: LabTable,
  question: Question,
  keyword: (column: string, word: string) => readonly [condition: string, parameter: string],
): PlainSql | undefined {
  const kindOf = (name: string): string | undefined => table.columns[name]?.kind;
  const integer = (...names: readonly string[]): boolean =>
    names.every((name) => kindOf(name) === 'integer');
  const searched = (name: string): boolean => kindOf(name) === 'integer' || kindOf(name) === 'text';
  const parameter = (column: string, value: string): string | number => {
    if (kindOf(column) !== 'integer') return value;
    // What is no integer equals none: beyond every value of the column.
    return Number.isNaN(integerOf(value)) ? 2 ** 40 : integerOf(value);
  };
  switch (question.workload) {
    case 'sum': {
      const { column } = question;
      if (!integer(column)) return undefined;
      const sql = `SELECT ${sum(quotedName(column))} ${FROM}`;
      return { sql, parameters: [], finish: (rows) => [rows[0]![0] as string] };
    }
    case 'filtered-average': {
      const { column, where } = question;
      if (!integer(column) || !searched(where.column)) return undefined;
      return {
        sql: `SELECT ${sum(quotedName(column))}, COUNT(*) ${FROM} WHERE ${quotedName(where.column)} = ?`,
        parameters: [parameter(where.column, where.value)],
        finish: ([row]) => averageOf(big(row![0]), Number(row![1])),
      };
    }
    case 'group-by': {
      const group = quotedName(question.group);
      if (!integer(question.column) || kindOf(question.group) !== 'text') return undefined;
      return {
        sql: `SELECT ${sum(quotedName(question.column))} ${FROM} GROUP BY ${group} ORDER BY ${group}`,
        parameters: [],
        finish: (rows) => rows.map(([cell]) => cell as string),
      };
    }
    case 'correlation': {
      if (!integer(question.x, question.y)) return undefined;
      const [x, y] = [whole(question.x), whole(question.y)];
      const sums = [x, y, `${x} * ${x}`, `${y} * ${y}`, `${x} * ${y}`].map(sum);
      return {
        sql: `SELECT COUNT(*), ${sums.join(', ')} ${FROM}`,
        parameters: [],
        finish: ([row]) => {
          const [rows, ...cells] = row!;
          const [sx, sy, xx, yy, xy] = cells.map(big) as [bigint, bigint, bigint, bigint, bigint];
          return correlationOf({ rows: Number(rows), x: sx, y: sy, xx, yy, xy });
        },
      };
    }
    case 'range': {
      if (!integer(question.column)) return undefined;
      return {
        sql: `SELECT COUNT(*) ${FROM} WHERE ${quotedName(question.column)} BETWEEN ? AND ?`,
        parameters: [question.from, question.to],
        finish: counted,
      };
    }
    case 'keyword': {
      if (kindOf(question.column) !== 'document') return undefined;
      const [condition, word] = keyword(question.column, question.word);
      return {
        sql: `SELECT COUNT(*) ${FROM} WHERE ${condition}`,
        parameters: [word],
        finish: counted,
      };
    }
    case 'exact-lookup':
    case 'private-lookup':
    case 'conjunction': {
      const where = question.workload === 'conjunction' ? question.where : [question.where];
      if (!where.every(({ column }) => searched(column))) return undefined;
      const conditions = where.map(({ column }) => `${quotedName(column)} = ?`);
      return {
        sql: `SELECT COUNT(*) ${FROM} WHERE ${conditions.join(' AND ')}`,
        parameters: where.map(({ column, value }) => parameter(column, value)),
        finish: counted,
      };
    }
    default:
      return question satisfies never;
  }
}
