import { OpalineError } from '../../errors/opaline-error.ts';
import { fewestLimbs, noiseBound } from '../../params/noise.ts';
import { digitLimit, type GroupPacking, limbBounds } from '../../params/packing.ts';
import type { Parameters } from '../../params/parameters.ts';
import type { GroupProduct } from '../../table/group-columns.ts';
import type { SegmentMeta } from '../../table/segment-meta.ts';
import type { GroupValues } from '../group-values.ts';
import type { OpenTable } from '../open-table.ts';
import { roundedProduct, type RoundedRows, type SumOutput, unitOf } from '../sum-layout.ts';
import type { Measure } from './measures.ts';

/** A ciphertext sum of one or two groups, proved. */
export interface GroupOutput extends Omit<SumOutput, 'term'> {
  readonly measure: number;
  /** Value numbers of the groups, one a digit. */
  readonly groups: readonly number[];
  readonly packing: GroupPacking;
}

/** A ciphertext column of a segment that is summed. */
export interface GroupColumnSum {
  readonly output: number;
  readonly column: number;
  readonly measure: number;
  /** Schema indexes of columns whose NULL rows have to be masked out. */
  readonly notNull: readonly number[];
}

export interface GroupLayout {
  readonly outputs: readonly GroupOutput[];
  /** Per segment, ascending by column number: their order is random, and so says nothing. */
  readonly segments: readonly (readonly GroupColumnSum[])[];
  /** Per measure, what rounding at ingest may have cost. */
  readonly rounded: readonly (readonly RoundedRows[])[];
}

interface Draft extends Omit<GroupOutput, 'replyLimbs' | 'noise'> {
  units: number;
  magnitude: bigint;
  readonly members: (Omit<GroupColumnSum, 'output'> & { readonly segment: number })[];
}

/**
 * Lay the sums of private groups out over ciphertext columns. Segments share an output where they hold
 * the same groups in a coefficient, as long as the sum of their worst cases fits a digit.
 *
 * @throws CAPABILITY_MISSING for a product that is not stored by group, OVERFLOW_BOUND, NOISE_BOUND
 */
export function layoutGroups(
  measures: readonly Measure[],
  column: number,
  values: GroupValues,
  table: Pick<OpenTable, 'manifest' | 'schema'>,
  metas: readonly SegmentMeta[],
  parameters: Parameters,
): GroupLayout {
  const drafts: Draft[] = [];
  const rounded: RoundedRows[][] = measures.map(() => []);
  for (const [number, measure] of measures.entries()) {
    const open = new Map<string, Draft>();
    const unit = unitOf(measure.factors, table);
    for (const [segment, meta] of metas.entries()) {
      const entry = table.manifest.segments[segment]!;
      const { product, notNull } = storedProduct(measure, column, table, meta);
      const groups = values.numbersIn(entry, meta);
      const { digits } = product;
      const lowest = unit - (product.fixed?.point ?? 0);
      rounded[number]!.push(...roundedProduct(product, unit));
      const packing = { digits, width: Math.floor(parameters.plainBits / digits) };
      const bounds = limbBounds(product.maxAbs, { count: product.limbs, width: product.width });
      product.columns.forEach((ciphertexts, i) => {
        const run = Math.floor(i / product.limbs) * digits;
        const position = i % product.limbs;
        const magnitude = BigInt(entry.rows) * bounds[position]!;
        const own = groups.slice(run, run + digits);
        const weight = lowest + position * product.width;
        const key = `${weight}/${digits}/${own.join()}`;
        let draft = open.get(key);
        if (draft === undefined || draft.magnitude + magnitude > digitLimit(packing)) {
          requireRoom(magnitude, packing, measure, table);
          draft = {
            measure: number,
            kind: 'sum',
            weight,
            groups: own,
            packing,
            units: 0,
            magnitude: 0n,
            magnitudeLimit: digitLimit(packing) + 1n,
            members: [],
          };
          open.set(key, draft);
          drafts.push(draft);
        }
        draft.units += entry.rows;
        draft.magnitude += magnitude;
        draft.members.push({ segment, column: ciphertexts, measure: number, notNull });
      });
    }
  }
  return { ...number(drafts, metas.length, parameters), rounded };
}

/** Outputs in the order of their first columns, which is as random as these. */
function number(
  drafts: readonly Draft[],
  segments: number,
  parameters: Parameters,
): Omit<GroupLayout, 'rounded'> {
  const sums: GroupColumnSum[][] = Array.from({ length: segments }, () => []);
  const ordered = drafts.toSorted((a, b) => {
    const [x, y] = [a.members[0]!, b.members[0]!];
    return x.segment - y.segment || x.column - y.column;
  });
  const outputs = ordered.map(({ members, ...draft }, output): GroupOutput => {
    for (const { segment, ...member } of members) sums[segment]!.push({ ...member, output });
    const replyLimbs = fewestLimbs(parameters, draft.units);
    return { ...draft, replyLimbs, noise: noiseBound(parameters, draft.units, replyLimbs) };
  });
  return { outputs, segments: sums.map((own) => own.sort((a, b) => a.column - b.column)) };
}

/** A count of rows where one column is not NULL has columns of its own; other NULLs are masked out. */
function storedProduct(
  { factors, over }: Measure,
  column: number,
  { schema }: Pick<OpenTable, 'schema'>,
  meta: SegmentMeta,
): { product: GroupProduct; notNull: readonly number[] } {
  const products = meta.groups?.find((grouping) => grouping.column === column)?.products ?? [];
  const wanted = products.filter((product) => product.factors.join() === factors.join());
  const notNull = over.filter((one) => meta.columns[one]!.nulls > 0);
  const exact = notNull.length === 1 ? wanted.find((one) => one.notNull === notNull[0]) : undefined;
  if (exact !== undefined) return { product: exact, notNull: [] };
  const product = wanted.find((one) => one.notNull === undefined);
  if (product !== undefined) return { product, notNull };
  const names = factors.map((factor) => schema.columns[factor]!.name);
  const { name } = schema.columns[column]!;
  const declaration = { [name]: { oblivious: [names] } };
  throw new OpalineError('CAPABILITY_MISSING', {
    operation: `SUM(${names.join('*')}) by "${name}"`,
    column: `"${name}"`,
    needs: `declare "groupBy": ${JSON.stringify(declaration)} in the schema and ingest again`,
  });
}

function requireRoom(
  magnitude: bigint,
  packing: GroupPacking,
  { factors }: Measure,
  { schema }: Pick<OpenTable, 'schema'>,
): void {
  const limit = digitLimit(packing);
  if (magnitude <= limit) return;
  throw new OpalineError('OVERFLOW_BOUND', {
    column: factors.map((factor) => schema.columns[factor]!.name).join('*'),
    bound: magnitude.toString(),
    limit: limit.toString(),
  });
}
