import { byCount, questionsOf } from '../questions.ts';
import { histogramOf } from '../histogram.ts';
import type { LabTable, Question, WorkloadName } from '../scheme.ts';
import type { Asking } from '../workloads.ts';

/**
 * The table's questions of some workloads, those with a filter on a value three times: for the commonest value, for the
 * typical one, and for the rarest. A label is a workload's name, with ": commonest" or ": rarest".
 */
export function variantsOf(table: LabTable, workloads: readonly WorkloadName[]): Asking[] {
  return questionsOf(table)
    .filter(({ workload }) => workloads.includes(workload))
    .flatMap((question) => [
      { label: question.workload, question },
      ...extremes(question, table).map(([name, one]) => ({
        label: `${question.workload}: ${name}`,
        question: one,
      })),
    ]);
}

function extremes(question: Question, table: LabTable): [string, Question][] {
  if (question.workload !== 'exact-lookup' && question.workload !== 'filtered-average') return [];
  const { column } = question.where;
  const { values, counts } = histogramOf(table, column);
  const order = byCount(counts);
  const asking = (place: number): Question => ({
    ...question,
    where: { column, value: values[place]! },
  });
  return [
    ['commonest', asking(order[0]!)],
    ['rarest', asking(order.at(-1)!)],
  ];
}
