import type { SetPredicate } from '../../../../plan/set-predicate.ts';
import { type Answer, answering, hides } from '../../../../table/search-answers.ts';
import { isWhole, type Column, type Schema, summedPairs } from '../../../../table/schema.ts';
import { indexOf } from '../../../../table/search-index.ts';
import { quoted } from '../../../keyword-space.ts';
import type { Equality, Question } from '../../scheme.ts';

export interface SqlQuestion {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

/** A question in SQL for a table of the schema's; undefined where a column lacks what it takes. */
export function opalineSql(schema: Schema, question: Question): SqlQuestion | undefined {
  const from = `FROM ${quoted(schema.table)}`;
  const columnOf = (name: string): Column | undefined =>
    schema.columns.find((column) => column.name === name);
  const sums = (...names: readonly string[]): boolean =>
    names.every((name) => {
      const column = columnOf(name);
      return column !== undefined && isWhole(column);
    });
  const filters = (where: readonly Equality[]): boolean =>
    where.every(({ column }) => isComparable(columnOf(column)));
  const counted = (where: readonly Equality[]): SqlQuestion => ({
    sql: `SELECT COUNT(*) ${from} WHERE ${where.map(({ column }, i) => `${quoted(column)} = $${i + 1}`).join(' AND ')}`,
    parameters: where.map(({ value }) => value),
  });
  switch (question.workload) {
    case 'sum':
      if (!sums(question.column)) return undefined;
      return { sql: `SELECT SUM(${quoted(question.column)}) ${from}`, parameters: [] };
    case 'filtered-average': {
      const { column, where } = question;
      if (!sums(column) || !filters([where])) return undefined;
      return {
        sql: `SELECT AVG(${quoted(column)}) ${from} WHERE ${quoted(where.column)} = $1`,
        parameters: [where.value],
      };
    }
    case 'group-by': {
      const group = columnOf(question.group);
      if (!sums(question.column) || group === undefined || !isGrouped(group)) return undefined;
      const name = quoted(question.group);
      return {
        sql: `SELECT SUM(${quoted(question.column)}) ${from} GROUP BY ${name} ORDER BY ${name}`,
        parameters: [],
      };
    }
    case 'correlation': {
      const { x, y } = question;
      const pair = summedPairs(schema).some((names) => names.includes(x) && names.includes(y));
      if (!sums(x, y) || (x !== y && !pair)) return undefined;
      return { sql: `SELECT CORR(${quoted(x)}, ${quoted(y)}) ${from}`, parameters: [] };
    }
    case 'range': {
      const column = columnOf(question.column);
      if (column === undefined || !isWhole(column)) return undefined;
      if (answering(column, 'range') === undefined) return undefined;
      return {
        sql: `SELECT COUNT(*) ${from} WHERE ${quoted(question.column)} BETWEEN $1 AND $2`,
        parameters: [question.from, question.to],
      };
    }
    case 'keyword': {
      const column = columnOf(question.column);
      if (column === undefined || answering(column, 'match') === undefined) return undefined;
      return {
        sql: `SELECT COUNT(*) ${from} WHERE MATCH(${quoted(question.column)}, $1)`,
        parameters: [question.word],
      };
    }
    case 'exact-lookup':
    case 'private-lookup':
      return filters([question.where]) ? counted([question.where]) : undefined;
    case 'conjunction':
      return filters(question.where) ? counted(question.where) : undefined;
    default:
      return question satisfies never;
  }
}

/**
 * The condition of a question that is looked up in hiding indexes alone and counted by the vault; undefined where the
 * store is to find the rows, or nothing is.
 */
export function hiddenCondition(schema: Schema, question: Question): SetPredicate | undefined {
  const hidden = (name: string, answer: Answer): boolean => {
    const column = schema.columns.find((one) => one.name === name);
    const index = column && answering(column, answer);
    return index !== undefined && hides(index);
  };
  switch (question.workload) {
    case 'exact-lookup':
    case 'private-lookup':
    case 'conjunction': {
      const where = question.workload === 'conjunction' ? question.where : [question.where];
      if (!where.every(({ column }) => hidden(column, 'equals'))) return undefined;
      const args = where.map(({ column, value }): SetPredicate => ({
        kind: 'atom',
        atom: { kind: 'equals', column, value },
      }));
      return args.length === 1 ? args[0] : { kind: 'and', args };
    }
    case 'keyword': {
      const { column, word } = question;
      if (!hidden(column, 'match')) return undefined;
      return { kind: 'atom', atom: { kind: 'keyword', column, keyword: word } };
    }
    default:
      return undefined;
  }
}

function isComparable(column: Column | undefined): boolean {
  if (column === undefined) return false;
  return answering(column, 'equals') !== undefined || indexOf(column, 'oblivious') !== undefined;
}

function isGrouped(column: Column): boolean {
  return (
    indexOf(column, 'oblivious') !== undefined ||
    (column.type !== 'document' && answering(column, 'order') !== undefined)
  );
}
