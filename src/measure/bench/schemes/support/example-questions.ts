import type { Schema } from '../../../../table/schema.ts';
import { isWhole } from '../../../../table/schema.ts';
import type { Equality, Question, WorkloadName } from '../../scheme.ts';

/**
 * Questions of every workload over a schema's columns, each pair of columns once: what EXPLAIN says of one that can
 * be asked holds of its kind. Values are of no row: what is shown does not depend on them.
 */
export function exampleQuestions({ columns }: Schema): Map<WorkloadName, Question[]> {
  const numbers = columns.filter(isWhole).map(({ name }) => name);
  const compared = columns.filter(({ type }) => type !== 'document').map(({ name }) => name);
  const texts = columns.filter(({ type }) => type === 'text').map(({ name }) => name);
  const documents = columns.filter(({ type }) => type === 'document').map(({ name }) => name);
  const equal = (column: string): Equality => ({ column, value: '1' });
  const [x, y] = numbers;
  const lookups = [...texts, ...compared].map(equal);
  const of = <Q extends Question>(questions: readonly Q[]): Question[] => [...questions];
  return new Map<WorkloadName, Question[]>([
    ['sum', of(numbers.map((column) => ({ workload: 'sum', column })))],
    [
      'filtered-average',
      numbers.flatMap((column) =>
        lookups.map((where): Question => ({ workload: 'filtered-average', column, where })),
      ),
    ],
    [
      'group-by',
      numbers.flatMap((column) =>
        texts.map((group): Question => ({ workload: 'group-by', group, column })),
      ),
    ],
    ['correlation', x === undefined || y === undefined ? [] : [{ workload: 'correlation', x, y }]],
    ['exact-lookup', of(lookups.map((where) => ({ workload: 'exact-lookup', where })))],
    ['range', of(numbers.map((column) => ({ workload: 'range', column, from: 0, to: 1 })))],
    ['keyword', of(documents.map((column) => ({ workload: 'keyword', column, word: 'word' })))],
    [
      'conjunction',
      texts.flatMap((first, i) =>
        texts
          .slice(i + 1)
          .map((second): Question => ({
            workload: 'conjunction',
            where: [equal(first), equal(second)],
          })),
      ),
    ],
    ['private-lookup', of(lookups.map((where) => ({ workload: 'private-lookup', where })))],
  ]);
}
