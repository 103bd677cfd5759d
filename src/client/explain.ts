import type { Preview } from '../gate/gate.ts';
import type { OpenTable } from '../gate/open-table.ts';
import type { SumOutput } from '../gate/sum-layout.ts';
import { plainModulus } from '../params/plain-modulus.ts';
import { productParameters } from '../params/presets.ts';
import { REAL_POINT } from '../params/fixed-point.ts';
import { likeLists } from '../plan/like-lists.ts';
import type { LikePattern } from '../plan/like.ts';
import type { OrderTerm, Plan, Predicate } from '../plan/physical.ts';
import type { Schema } from '../table/schema.ts';
import { indexOf } from '../table/search-index.ts';
import type { Explanation } from './api.ts';

/** A plan in words and numbers, for the owner: it names columns, and repeats no value. */
export function explainPlan(plan: Plan, table: OpenTable, preview: Preview): Explanation {
  const { outputs, tokens, rounds, segments, replyBytes } = preview;
  return {
    plan: planLines(plan, table, preview),
    verdict: 'answerable',
    leakage: preview.leakage,
    notes: notes(plan, table, preview),
    cost: {
      rounds,
      tokens,
      segments,
      replyBytes,
    },
    groupings: preview.ways.map(({ way, chosen, needs = null, ms, bytes, leakage }) => {
      return { way, chosen, needs, ms: Number(ms.toPrecision(2)), bytes, leakage };
    }),
    bounds: outputs.map((output) => bound(plan, table.schema, output)),
  };
}

function planLines(plan: Plan, table: OpenTable, preview: Preview): string[] {
  const { outputs, hidden, parameters } = preview;
  const way = wayOf(preview);
  const isHere = way === 'vault' || hidden?.by === 'codes';
  const pending = table.rows - table.segmentRows;
  const head = tableLine(table);
  const delta = pending === 0 ? [] : ['  delta   small appends: opened and computed on here'];
  const filter = `filter  ${describeFilter(plan.filter)}`;
  if (plan.kind === 'select') {
    return [
      head,
      `  ${filter}`,
      `  fetch   sealed records, opened here: ${plan.columns.join(', ')}`,
      ...delta,
    ];
  }
  const lines = [head, `  ${filter}`];
  if (hidden !== undefined) {
    const does = hidden.by === 'sums' ? 'every group of it is summed' : 'every row is sent';
    const names = hidden.columns.join(', ');
    lines.push(`  choose  here, what holds of ${names}: ${does}, whatever is asked`);
  }
  if (hidden !== undefined && way === undefined && plan.groupBy.length > 0) {
    lines.push(`  group   ${GROUP_LINES.masks} ${plan.groupBy.join(', ')}`);
  }
  if (way !== undefined) lines.push(`  group   ${GROUP_LINES[way]} ${plan.groupBy.join(', ')}`);
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
    if (isHere) {
      lines.push(
        `  sum     ${term.product.join(' * ')}: its columns are sent, opened and added up here`,
      );
      return;
    }
    const of = (kind: SumOutput['kind']): number =>
      outputs.filter((output) => output.term === i && output.kind === kind).length;
    const [sums, products] = [of('sum') + of('divided'), of('product')];
    const name = term.product.join(' * ');
    if (sums > 0 || products === 0) {
      const scheme = `(BFV, n ${parameters.n}, t 2^${parameters.plainBits})`;
      lines.push(`  sum     ${name}: ${counted(sums, 'ciphertext sum')} ${scheme}`);
    }
    if (products > 0) {
      const scheme = `(BGV, n ${productParameters().n}, t ${plainModulus(productParameters())})`;
      lines.push(
        `  sum     ${name}, multiplied by the store: ` +
          `${counted(products, 'ciphertext sum')} of products ${scheme}`,
      );
    }
  });
  lines.push(...delta, '  finish  here, in exact rational arithmetic');
  return lines;
}

/** What a plan runs on. */
export function tableLine(table: OpenTable): string {
  const segments = table.manifest.segments.length;
  const pending = table.rows - table.segmentRows;
  const rows = `${counted(table.segmentRows, 'row')} in ${counted(segments, 'segment')}`;
  const appended = pending === 0 ? '' : ` and ${counted(pending, 'row')} of small appends`;
  return `${table.schema.table}: ${rows}${appended}`;
}

type Way = Preview['ways'][number]['way'];

const GROUP_LINES: Readonly<Record<Way, string>> = {
  masks: 'by posting lists of',
  private: 'by ciphertext columns of each group, by',
  clustered: 'by posting lists, rows laid out together, of',
  vault: 'here, by sealed row codes of',
};

function wayOf({ ways }: Preview): Way | undefined {
  return ways.find(({ chosen }) => chosen)?.way;
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

function notes(plan: Plan, table: OpenTable, preview: Preview): string[] {
  const { outputs } = preview;
  const way = wayOf(preview);
  const out: string[] = [
    ...preview.lookups.map(lookupNote),
    ...verificationNotes(preview.verification),
  ];
  if (table.schema.subject === undefined) {
    out.push('The schema names no subject: every row counts as a person.');
  }
  if (preview.hidden?.by === 'codes') {
    out.push('Rows are chosen here: what the store sends grows with the rows of the table.');
  } else if (way === 'vault') {
    out.push(
      'So many groups are made here: what the store sends grows with the rows, not the groups.',
    );
  }
  out.push(...patternNotes(plan.filter, table.schema, preview.tested));
  const { groupBy } = table.schema;
  const hidden = new Set(way === 'private' ? groupBy.map(({ column }) => column) : []);
  const listed = plan.kind === 'aggregate' && plan.groupBy.some((name) => !hidden.has(name));
  if (listed && way !== 'vault') {
    out.push('Grouping shows the store this column’s unlabelled partition, for good.');
  }
  if (plan.kind !== 'aggregate') return out;
  for (const [i, term] of plan.terms.entries()) {
    const multiplied = outputs.some(({ term: of, kind }) => of === i && kind === 'product');
    if (term.kind !== 'sum' || !multiplied) continue;
    out.push(
      `The product of ${term.product.join(' and ')} is not declared: the store reads ` +
        `${2 * PRODUCT_ROW_BYTES} bytes a row or more to multiply them, where a declared pair is ` +
        `${SUM_ROW_BYTES}.`,
    );
  }
  return out;
}

function lookupNote({ column, index, asked, estimate }: Preview['lookups'][number]): string {
  const { bytes, bytesUp, bytesDown, rounds } = estimate;
  return (
    `${column} is looked up by ${index}, for ${counted(asked, 'condition')}: by estimate ` +
    `${counted(rounds, 'round trip')}, ${bytesUp} bytes up and ${bytesDown} down for each, ` +
    `of an index of ${bytes} bytes.`
  );
}

function verificationNotes(cost: Preview['verification']): string[] {
  if (cost === undefined) return [];
  const { lists, listBytes, checkSums, checkBytes, divided, replayed, rowBytes } = cost;
  const rows =
    lists === 0
      ? 'rows need no list'
      : `${counted(lists, 'list')} and MACs are opened here, ${listBytes} bytes or less`;
  const custodians = divided ? ', which custodians answer for as for sums' : '';
  const sums =
    checkSums === 0
      ? ''
      : `; ${counted(checkSums, 'check sum')} a group, ${checkBytes} bytes more${custodians}`;
  const again =
    replayed === 0
      ? ''
      : `; ${counted(replayed, 'sum')} of products are computed here again, from whole parts`;
  return [
    'An answer that is verified takes two more round trips: ' +
      `${rows}${sums}${again}. Check columns take ${rowBytes.toFixed(1)} bytes a row, uploaded.`,
  ];
}

/** What is worth knowing of LIKE where records are opened one by one to answer it. */
function patternNotes(filter: Predicate, schema: Schema, tested: boolean): string[] {
  if (!tested) return [];
  const out = [
    'LIKE is answered by lists of grams: records of rows that have them all are fetched and tested here.',
  ];
  const visit = (p: Predicate, negated: boolean): void => {
    if (p.kind === 'not') visit(p.arg, true);
    if (p.kind === 'and' || p.kind === 'or') p.args.forEach((arg) => visit(arg, negated));
    if (p.kind !== 'like') return;
    const column = schema.columns.find(({ name }) => name === p.column);
    const lists = likeLists(p.pattern, (column && indexOf(column, 'sse')) ?? {});
    if (lists?.grams.length === 1 && lists.prefix === undefined) {
      out.push(
        `The pattern on ${p.column} has one gram alone: a longer text would leave fewer records to fetch.`,
      );
    }
    if (negated) {
      out.push(
        `NOT LIKE on ${p.column} is every other row: exact, and the store learns which rows are like the pattern.`,
      );
    }
  };
  visit(filter, false);
  return out;
}

/** A ciphertext column in memory, by preset (table/column-part.ts). */
const SUM_ROW_BYTES = 24;
const PRODUCT_ROW_BYTES = 56;

function bound(plan: Plan, { columns }: Schema, output: SumOutput): Explanation['bounds'][number] {
  const term = plan.kind === 'aggregate' ? plan.terms[output.term] : undefined;
  const name = term?.kind === 'sum' ? term.product.join(' * ') : 'rows of a group';
  const factors: readonly string[] = term?.kind === 'sum' ? term.product : [];
  const reals = factors.filter((factor) =>
    columns.some((column) => column.name === factor && column.type === 'real'),
  );
  const weight = output.weight - REAL_POINT * reals.length;
  return {
    term: weight === 0 ? name : `${name}, times 2^${weight}`,
    noise: whole(output.noise.bound),
    noiseLimit: whole(output.noise.limit),
    magnitude: output.magnitude.toString(),
    magnitudeLimit: output.magnitudeLimit.toString(),
  };
}

const whole = ({ numerator, denominator }: SumOutput['noise']['bound']): string =>
  ((numerator + denominator - 1n) / denominator).toString();

/** A pattern with its texts as dots. */
function likeShape(pattern: LikePattern): string {
  const parts = pattern.map((part) =>
    typeof part === 'string' ? '…' : '_'.repeat(part.skip) + (part.more ? '%' : ''),
  );
  return parts.join('');
}

/** The condition's shape: columns and operators, values as dots. */
export function describeFilter(predicate: Predicate): string {
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
    case 'keyword':
      return `${predicate.column} has …`;
    case 'like':
      return `${predicate.column} like ${likeShape(predicate.pattern)}`;
    case 'not':
      return `not (${describeFilter(predicate.arg)})`;
    case 'and':
    case 'or':
      return predicate.args.map((arg) => `(${describeFilter(arg)})`).join(` ${predicate.kind} `);
    default:
      return predicate satisfies never;
  }
}
