import { OpalineError } from '../errors/opaline-error.ts';
import { type Answer, ANSWER_NAMES, answering, rungsFor } from '../table/search-answers.ts';
import type { Column, Schema } from '../table/schema.ts';
import { isCoded, isUnlisted } from '../table/search-index.ts';
import { type DeletePlan, isLinear, type Plan } from './physical.ts';
import type { SetAtom, SetPredicate } from './set-predicate.ts';

/**
 * Refuse what a column's declared indexes cannot answer, before a token is made.
 * @throws CAPABILITY_MISSING naming the column, what was asked of it, and the indexes that could
 */
export function requireCapabilities(
  plan: Plan | DeletePlan,
  filter: SetPredicate,
  schema: Schema,
): void {
  const columnOf = (name: string): Column => schema.columns.find((one) => one.name === name)!;
  const require = (name: string, answer: Answer): void => {
    const column = columnOf(name);
    if (answering(column, answer) === undefined) throw missing(column, answer);
  };
  for (const atom of atomsOf(filter)) {
    const answer = answerFor(atom);
    if (isUnlisted(columnOf(atom.column))) throw unlisted(columnOf(atom.column));
    if (answer !== undefined) require(atom.column, answer);
  }
  if (plan.kind !== 'aggregate') return;
  const hidden = new Set(schema.groupBy.map(({ column }) => column));
  // Groups of a coded column are made in the vault, which then makes those of the others too.
  if (!plan.groupBy.some((name) => isCoded(columnOf(name)))) {
    for (const name of plan.groupBy) if (!hidden.has(name)) require(name, 'order');
  }
  for (const term of plan.terms) if (!isLinear(term)) require(term.column, 'order');
}

/** What the rows of an atom take; undefined: nothing, every column has its list of NULL rows. */
function answerFor(atom: SetAtom): Answer | undefined {
  switch (atom.kind) {
    case 'isNull':
      return undefined;
    case 'equals':
      return 'equals';
    case 'keyword':
      return 'match';
    case 'like':
      // Which patterns an index answers is checked where they are planned (part-capability.ts).
      return undefined;
    case 'range':
      return atom.low === undefined && atom.high === undefined ? undefined : 'range';
    default:
      return atom satisfies never;
  }
}

function* atomsOf(filter: SetPredicate): Generator<SetAtom> {
  switch (filter.kind) {
    case 'all':
    case 'none':
      return;
    case 'atom':
      yield filter.atom;
      return;
    case 'not':
      yield* atomsOf(filter.arg);
      return;
    case 'and':
    case 'or':
      for (const arg of filter.args) yield* atomsOf(arg);
      return;
    default:
      filter satisfies never;
  }
}

/** A condition that could not be answered by choosing among sums, or rows, in the vault (gate/grouping). */
function unlisted({ name }: Column): OpalineError {
  return new OpalineError('CAPABILITY_MISSING', {
    operation: 'a condition that shows rows',
    column: `"${name}"`,
    needs:
      'its "search" is "oblivious", which answers in sums, counts and averages, joined to other ' +
      'conditions by AND; for others declare "sse" and run opaline reindex',
  });
}

function missing({ name, search }: Column, answer: Answer): OpalineError {
  const has = search.map(({ index }) => `"${index}"`).join(', ');
  const could = rungsFor(answer).map((rung) => `"${rung}"`);
  return new OpalineError('CAPABILITY_MISSING', {
    operation: ANSWER_NAMES[answer],
    column: `"${name}"`,
    needs: `its "search" ${has === '' ? 'is empty' : `has ${has}`}: add ${could.join(' or ')} and ingest again`,
  });
}
