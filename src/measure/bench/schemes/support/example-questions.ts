import type { Equality, LabTable, Question, WorkloadName } from '../../scheme.ts';
import { factsOf } from '../../column-facts.ts';

/**
 * Questions of every workload over a table's columns, those that people would ask first: what EXPLAIN says of the
 * first that a scheme answers holds of its kind. Values are of no row: what is shown does not depend on them.
 */
export function exampleQuestions(table: LabTable): ReadonlyMap<WorkloadName, readonly Question[]> {
  const named = (...kinds: readonly string[]): string[] =>
    factsOf(table)
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ name }) => name);
  const [numbers, texts, keys] = [named('integer'), named('text'), named('key')];
  const equal = (column: string): Equality => ({ column, value: '1' });
  const lookups = [...texts, ...keys, ...numbers].map(equal);
  const [x, y] = numbers;
  const questions: readonly Question[] = [
    ...numbers.map((column): Question => ({ workload: 'sum', column })),
    ...numbers.flatMap((column) =>
      lookups.map((where): Question => ({ workload: 'filtered-average', column, where })),
    ),
    ...numbers.flatMap((column) =>
      texts.map((group): Question => ({ workload: 'group-by', group, column })),
    ),
    ...(x === undefined || y === undefined ? [] : [{ workload: 'correlation', x, y } as const]),
    ...lookups.map((where): Question => ({ workload: 'exact-lookup', where })),
    ...numbers.map((column): Question => ({ workload: 'range', column, from: 0, to: 1 })),
    ...named('document').map((column): Question => ({ workload: 'keyword', column, word: 'word' })),
    ...texts.flatMap((first, i) =>
      texts.slice(i + 1).map((second): Question => {
        return { workload: 'conjunction', where: [equal(first), equal(second)] };
      }),
    ),
    ...[...keys, ...texts].map((column): Question => {
      return { workload: 'private-lookup', where: equal(column) };
    }),
  ];
  return Map.groupBy(questions, ({ workload }) => workload);
}
