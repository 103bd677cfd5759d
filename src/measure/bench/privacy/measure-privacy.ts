import type { AttackResult, Privacy } from '../result.ts';
import type { Answer, LabTable, PreparedScheme, Question } from '../scheme.ts';
import { attackAtRest } from './at-rest.ts';
import { attackedValues, columnsOf } from './attacked-values.ts';
import { attackQueries, type Asked, type Effort, volumeAttack } from './by-query.ts';
import { attackRows } from './by-range.ts';
import { spaceOf } from './query-space.ts';

/**
 * What the store learns by a scheme and workload, measured by attacks on what was built: on the rows at rest of every
 * column that the question reads, and on what queries show; of ranges also on which rows they find. The attack that
 * counts is the one that gains most of the values over naming the commonest; of a private lookup, which promises that
 * queries look alike, the distinguisher.
 * @throws ABORTED
 */
export async function measurePrivacy(
  prepared: PreparedScheme,
  question: Question,
  answer: Answer,
  table: LabTable,
  effort: Effort,
  asked: Asked,
): Promise<Privacy> {
  const shows = prepared.shows(question.workload);
  const attacks: AttackResult[] = [];
  for (const column of columnsOf(question)) {
    const labels = prepared.atRest?.(column);
    const histogram = attackedValues(table, column);
    if (labels === 'all') return readsAll(shows, Math.max(...histogram.counts) / table.rows);
    const ordered = prepared.ordered?.(column) ?? false;
    attacks.push(...attackAtRest(column, histogram, labels && { labels, ordered }, effort.seeds));
  }
  if (question.workload === 'group-by' && answer.groupVolumes !== undefined) {
    const keywords = attackedValues(table, question.group).counts.map((rows) => ({ rows }));
    if (answer.groupVolumes.length === keywords.length) {
      attacks.push(
        volumeAttack(keywords, answer.groupVolumes, question.group, effort.seeds, 'rows'),
      );
    }
  }
  const space = spaceOf(question, table, effort.keywords);
  if (space !== undefined) {
    attacks.push(...(await attackQueries(prepared, space, effort, asked)));
  }
  if (question.workload === 'range') {
    const found = await attackRows(prepared, question, table, effort, asked);
    if (found !== undefined) attacks.push(found);
  }
  const { on: _, ...worst } = worstOf(attacks, question);
  return { shows, ...worst, attacks };
}

function worstOf(attacks: readonly AttackResult[], { workload }: Question): AttackResult {
  const alike = attacks.filter(({ measure }) => measure === 'auc');
  const naming = attacks.filter(({ measure }) => measure !== 'auc');
  const counted = workload === 'private-lookup' && alike.length > 0 ? alike : naming;
  return counted.reduce((worst, one) => (gain(one) > gain(worst) ? one : worst));
}

const gain = ({ advantage }: AttackResult): number => advantage.mean;

/** The store reads the values: nothing is to be attacked, everything is known. */
function readsAll(shows: string, guess: number): Privacy {
  const all = { mean: 1, interval: [1, 1] as const };
  return {
    shows,
    attack: null,
    knowledge: null,
    recovery: all,
    measure: 'rows',
    guess,
    advantage: all,
  };
}
