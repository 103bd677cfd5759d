import type { Preview } from '../gate/gate.ts';
import type { OpenTable } from '../gate/open-table.ts';
import type { SumOutput } from '../gate/sum-layout.ts';
import type { Parameters } from '../params/parameters.ts';
import type { OrderTerm, Plan, Predicate } from '../plan/physical.ts';
import type { Explanation } from './api.ts';

/** A plan in words and numbers, for the owner: it names columns, and repeats no value. */
export function explainPlan(
  plan: Plan,
  table: OpenTable,
  preview: Preview,
  parameters: Parameters,
): Explanation {
  const { outputs, tokens, rounds, segments, groupBytes, mostGroups } = preview;
  return {
    plan: planLines(plan, table, outputs, parameters),
    verdict: 'answerable',
    leakage: preview.leakage,
    notes: notes(plan, table),
    cost: {
      rounds,
      tokens,
      segments,
      replyBytes: groupBytes * mostGroups,
    },
    bounds: outputs.map((output) => bound(plan, output, parameters)),
  };
}

function planLines(
  plan: Plan,
  table: OpenTable,
  outputs: readonly SumOutput[],
  parameters: Parameters,
): string[] {
  const segments = table.manifest.segments.length;
  const pending = table.rows - table.segmentRows;
  const head =
    `${table.schema.table}: ${counted(table.segmentRows, 'row')} in ${counted(segments, 'segment')}` +
    (pending === 0 ? '' : ` and ${counted(pending, 'row')} of small appends`);
  const delta = pending === 0 ? [] : ['  delta   small appends: opened and computed on here'];
  const filter = `filter  ${describe(plan.filter)}`;
  if (plan.kind === 'select') {
    return [
      head,
      `  ${filter}`,
      `  fetch   sealed records, opened here: ${plan.columns.join(', ')}`,
      ...delta,
    ];
  }
  const lines = [head, `  ${filter}`];
  if (plan.groupBy.length > 0)
    lines.push(`  group   by posting lists of ${plan.groupBy.join(', ')}`);
  plan.terms.forEach((term, i) => {
    if (term.kind === 'count') {
      lines.push(
        `  count   ${term.over.length === 0 ? 'rows' : `rows with ${term.over.join(', ')}`}`,
      );
      return;
    }
    if (term.kind !== 'sum') {
      const line = orderLine(term);
      // A median's two ranks are one line.
      if (!lines.includes(line)) lines.push(line);
      return;
    }
    const columns = outputs.filter((output) => output.term === i).length;
    lines.push(
      `  sum     ${term.product.join(' * ')}: ${columns} ciphertext sum${columns === 1 ? '' : 's'} ` +
        `(BFV, n ${parameters.n}, t 2^${parameters.plainBits})`,
    );
  });
  lines.push(...delta, '  finish  here, in exact rational arithmetic');
  return lines;
}

function orderLine(term: OrderTerm): string {
  switch (term.kind) {
    case 'rank':
      return `  rank    ${term.column}, at ${term.fraction.numerator}/${term.fraction.denominator} of its order`;
    case 'distinct':
      return `  count   distinct values of ${term.column}`;
    case 'histogram':
      return `  count   ${term.column} in ${counted(term.buckets, 'bucket')} between its ends`;
    default:
      return term satisfies never;
  }
}

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

function notes(plan: Plan, table: OpenTable): string[] {
  const out: string[] = [];
  if (table.schema.subject === undefined) {
    out.push('The schema names no subject: every row counts as a person.');
  }
  if (plan.kind === 'aggregate' && plan.groupBy.length > 0) {
    out.push('Grouping shows the store this column’s unlabelled partition, for good.');
  }
  return out;
}

function bound(
  plan: Plan,
  output: SumOutput,
  parameters: Parameters,
): Explanation['bounds'][number] {
  const term = plan.kind === 'aggregate' ? plan.terms[output.term] : undefined;
  const name = term?.kind === 'sum' ? term.product.join(' * ') : 'sum';
  return {
    term: output.weight === 0 ? name : `${name}, times 2^${output.weight}`,
    noise: whole(output.noise.bound),
    noiseLimit: whole(output.noise.limit),
    magnitude: output.magnitude.toString(),
    magnitudeLimit: (1n << BigInt(parameters.plainBits - 1)).toString(),
  };
}

const whole = ({ numerator, denominator }: SumOutput['noise']['bound']): string =>
  ((numerator + denominator - 1n) / denominator).toString();

/** The condition's shape: columns and operators, values as dots. */
function describe(predicate: Predicate): string {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value === true ? 'every row' : 'no row';
    case 'equals':
      return `${predicate.column} = …`;
    case 'range': {
      const { column, low, high } = predicate;
      const left = low === undefined ? '' : low.inclusive ? '… <= ' : '… < ';
      const right = high === undefined ? '' : high.inclusive ? ' <= …' : ' < …';
      return `${left}${column}${right}`;
    }
    case 'isNull':
      return `${predicate.column} is null`;
    case 'not':
      return `not (${describe(predicate.arg)})`;
    case 'and':
    case 'or':
      return predicate.args.map((arg) => `(${describe(arg)})`).join(` ${predicate.kind} `);
    default:
      return predicate satisfies never;
  }
}
