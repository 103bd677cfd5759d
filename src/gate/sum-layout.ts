import { OpalineError } from '../errors/opaline-error.ts';
import { fewestLimbs, noiseBound, type NoiseBound } from '../params/noise.ts';
import { limbBounds } from '../params/packing.ts';
import type { Parameters } from '../params/parameters.ts';
import type { AggregatePlan, SumTerm } from '../plan/physical.ts';
import type { SegmentMeta, ProductMeta } from '../table/segment-meta.ts';
import type { OpenTable } from './open-table.ts';

/**
 * One ciphertext sum of the reply: the limbs of one weight of term `term` over some segments. Its bounds are
 * proved here, before anything is sent.
 */
export interface SumOutput {
  readonly term: number;
  /** The sum counts 2^weight times. */
  readonly weight: number;
  /** Rows whose noise may add up. */
  readonly rows: number;
  /** Σ over rows of the largest |limb|. */
  readonly magnitude: bigint;
  /** Limbs of the ciphertext modulus the reply keeps. */
  readonly replyLimbs: number;
  readonly noise: NoiseBound;
}

/** What of a table the layout depends on. */
export type SumTable = Pick<OpenTable, 'manifest' | 'columnIndex'>;

export interface ColumnSum {
  readonly term: number;
  readonly output: number;
  /** Ciphertext column number within the segment. */
  readonly column: number;
}

export interface SumLayout {
  readonly outputs: readonly SumOutput[];
  /** Per segment, which ciphertext column adds to which output, and for which term of the plan. */
  readonly segments: readonly (readonly ColumnSum[])[];
}

/**
 * Lay the plan's sums out over ciphertext columns. Segments share an output as long as the sum of
 * their worst cases stays below t/2; past it another output begins, so a table of any size answers.
 *
 * @throws OVERFLOW_BOUND, NOISE_BOUND when not even one segment can be proved.
 */
export function layoutSums(
  plan: Pick<AggregatePlan, 'terms'>,
  table: SumTable,
  metas: readonly SegmentMeta[],
  parameters: Parameters,
): SumLayout {
  const outputs: SumOutput[] = [];
  const segments: ColumnSum[][] = metas.map(() => []);
  const limit = 1n << BigInt(parameters.plainBits - 1);
  plan.terms.forEach((term, termIndex) => {
    if (term.kind !== 'sum') return;
    // Limbs of one weight add up, whatever their place in the split of their segment.
    const open = new Map<number, OpenOutput>();
    const close = (weight: number): void => {
      const batch = open.get(weight);
      if (batch === undefined) return;
      const { rows, magnitude, members } = batch;
      const replyLimbs = fewestLimbs(parameters, rows);
      const noise = noiseBound(parameters, rows, replyLimbs);
      for (const { segment, column } of members) {
        segments[segment]!.push({ term: termIndex, output: outputs.length, column });
      }
      outputs.push({ term: termIndex, weight, rows, magnitude, replyLimbs, noise });
      open.delete(weight);
    };
    metas.forEach((meta, segment) => {
      const product = findProduct(meta, table, term);
      const { rows } = table.manifest.segments[segment]!;
      const plan = { count: product.limbs, width: product.width };
      limbBounds(product.maxAbs, plan).forEach((most, position) => {
        const magnitude = BigInt(rows) * most;
        if (magnitude >= limit) {
          throw new OpalineError('OVERFLOW_BOUND', {
            column: term.product.join('*'),
            bound: magnitude.toString(),
            limit: limit.toString(),
          });
        }
        const weight = position * product.width;
        if ((open.get(weight)?.magnitude ?? 0n) + magnitude >= limit) close(weight);
        const batch = open.get(weight) ?? { rows: 0, magnitude: 0n, members: [] };
        open.set(weight, batch);
        batch.rows += rows;
        batch.magnitude += magnitude;
        batch.members.push({ segment, column: product.first + position });
      });
    });
    for (const weight of open.keys()) close(weight);
  });
  return { outputs, segments };
}

interface OpenOutput {
  rows: number;
  magnitude: bigint;
  readonly members: { segment: number; column: number }[];
}

/** The ciphertext columns of a sum's product. @throws CAPABILITY_MISSING */
export function findProduct(
  meta: SegmentMeta,
  table: Pick<SumTable, 'columnIndex'>,
  term: Pick<SumTerm, 'product'>,
): ProductMeta {
  const wanted = term.product.map((name) => table.columnIndex(name));
  const found = meta.products.find(
    ({ factors }) =>
      factors.length === wanted.length && factors.every((factor, i) => factor === wanted[i]),
  );
  if (found === undefined) {
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: 'SUM',
      column: term.product.join('*'),
      needs: `declare "pairs": [${JSON.stringify(term.product)}] in the schema and ingest again`,
    });
  }
  return found;
}
