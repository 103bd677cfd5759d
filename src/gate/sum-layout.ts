import { OpalineError } from '../errors/opaline-error.ts';
import { fewestLimbs, noiseBound, type NoiseBound } from '../params/noise.ts';
import { REAL_POINT } from '../params/fixed-point.ts';
import { limbBounds } from '../params/packing.ts';
import type { Parameters } from '../params/parameters.ts';
import { plainModulus } from '../params/plain-modulus.ts';
import { productParameters } from '../params/presets.ts';
import { fewestProductLimbs, maxProducts, productNoise } from '../params/product-noise.ts';
import { fewestThresholdLimbs, thresholdNoise } from '../params/threshold-noise.ts';
import type { AggregatePlan, SumTerm } from '../plan/physical.ts';
import type { FactorMeta, SegmentMeta, ProductMeta } from '../table/segment-meta.ts';
import { noiseRows } from './custody/custody.ts';
import type { OpenTable } from './open-table.ts';
import { type OutputBatch, OutputBatches, type Share } from './output-batches.ts';

/**
 * One ciphertext sum of the reply: the limbs of one weight of term `term` over some segments. Its bounds are
 * proved here, before anything is sent.
 */
export interface SumOutput {
  readonly term: number;
  /** The sum counts 2^weight times, in the units of GroupResult. */
  readonly weight: number;
  /** A sum of a ciphertext column, of products of two, or of a column under a divided key. */
  readonly kind: 'sum' | 'product' | 'divided';
  /** Rows whose noise may add up (of a divided table all: custody/custody.ts), or chunks of products. */
  readonly units: number;
  /** Σ over rows of the largest |limb|; of products, over the rows that share a slot. */
  readonly magnitude: bigint;
  /** Messages stay below it: t/2. */
  readonly magnitudeLimit: bigint;
  /** Limbs of the ciphertext modulus the reply keeps. */
  readonly replyLimbs: number;
  readonly noise: NoiseBound;
}

/** What of a table the layout depends on. */
export type SumTable = Pick<OpenTable, 'manifest' | 'columnIndex' | 'schema'>;

export interface ColumnSum {
  readonly term: number;
  readonly output: number;
  /** Ciphertext column number within the segment. */
  readonly column: number;
  /** Of products: the other ciphertext column. */
  readonly times?: number;
}

export interface SumLayout {
  readonly outputs: readonly SumOutput[];
  /** Per segment, which ciphertext column adds to which output, and for which term of the plan. */
  readonly segments: readonly (readonly ColumnSum[])[];
  /** Per term, what rounding at ingest may have cost; none for what is not real. */
  readonly rounded: readonly (readonly RoundedRows[])[];
}

/** Rows of a segment that were rounded when they were ingested. */
export interface RoundedRows {
  readonly rows: number;
  /** How far each may be off at most, in the units of GroupResult doubled. */
  readonly twice: bigint;
}

/**
 * Lay the plan's sums out over ciphertext columns. Segments share an output as long as the sum of
 * their worst cases stays below t/2; past it another output begins, so a table of any size answers.
 * A product that a segment stores is summed; else the columns are multiplied, where it stores them so.
 *
 * @throws OVERFLOW_BOUND, NOISE_BOUND when not even one segment can be proved, CAPABILITY_MISSING
 */
export function layoutSums(
  plan: Pick<AggregatePlan, 'terms'>,
  table: SumTable,
  metas: readonly SegmentMeta[],
  parameters: Parameters,
): SumLayout {
  const outputs: SumOutput[] = [];
  const segments: ColumnSum[][] = metas.map(() => []);
  const rounded: RoundedRows[][] = plan.terms.map(() => []);
  const sumLimit = 1n << BigInt(parameters.plainBits - 1);
  plan.terms.forEach((term, termIndex) => {
    if (term.kind !== 'sum') return;
    const close =
      (kind: SumOutput['kind'], magnitudeLimit: bigint) =>
      ({ weight, units: counted, magnitude, members }: OutputBatch): void => {
        const units = kind === 'divided' ? noiseRows(table.manifest.segments) : counted;
        for (const { segment, column, times } of members) {
          const sum = { term: termIndex, output: outputs.length, column };
          segments[segment]!.push(times === undefined ? sum : { ...sum, times });
        }
        const proof = kind === 'product' ? proveProducts(units) : proveSum(parameters, units);
        outputs.push({ term: termIndex, weight, kind, units, magnitude, magnitudeLimit, ...proof });
      };
    const linear = parameters.preset === 'threshold' ? 'divided' : 'sum';
    const sums = new OutputBatches(sumLimit, Infinity, close(linear, sumLimit));
    let products: OutputBatches | undefined;
    metas.forEach((meta, segment) => {
      const { rows } = table.manifest.segments[segment]!;
      const wanted = term.product.map((name) => table.columnIndex(name));
      const unit = unitOf(wanted, table);
      const stored = findProduct(meta, wanted);
      if (stored !== undefined) {
        for (const share of sumShares(stored, segment, rows, unit)) {
          sums.add(checked(share, sumLimit, term));
        }
        rounded[termIndex]!.push(...roundedProduct(stored, unit));
        return;
      }
      const [x, y] = wanted.map((column) => meta.factors.find((one) => one.column === column));
      if (x === undefined || y === undefined) throw notStored(term);
      const limit = productLimit();
      products ??= new OutputBatches(
        limit,
        maxProducts(productParameters()),
        close('product', limit),
      );
      for (const share of productShares(x, y, segment, rows, unit)) {
        products.add(checked(share, limit, term));
      }
      rounded[termIndex]!.push(...roundedFactors(x, y, rows, unit));
    });
    sums.finish();
    products?.finish();
  });
  return { outputs, segments, rounded };
}

type Proof = Pick<SumOutput, 'replyLimbs' | 'noise'>;

function proveSum(parameters: Parameters, rows: number): Proof {
  if (parameters.preset === 'threshold') {
    const limbs = fewestThresholdLimbs(parameters, rows);
    return { replyLimbs: limbs, noise: thresholdNoise(parameters, rows, limbs) };
  }
  const replyLimbs = fewestLimbs(parameters, rows);
  return { replyLimbs, noise: noiseBound(parameters, rows, replyLimbs) };
}

function proveProducts(products: number): Proof {
  const parameters = productParameters();
  const replyLimbs = fewestProductLimbs(parameters, products);
  return { replyLimbs, noise: productNoise(parameters, products, replyLimbs) };
}

/** t is odd: messages up to ⌊t/2⌋ have one signed reading. */
const productLimit = (): bigint => plainModulus(productParameters()) / 2n + 1n;

/** `unit`: terms count 2^-unit, and the product 2^-point. */
function* sumShares(
  product: ProductMeta,
  segment: number,
  rows: number,
  unit: number,
): Generator<Share> {
  const { first, limbs, width, maxAbs, fixed } = product;
  const lowest = unit - (fixed?.point ?? 0);
  for (const [i, most] of limbBounds(maxAbs, { count: limbs, width }).entries()) {
    const magnitude = BigInt(rows) * most;
    const weight = lowest + i * width;
    yield { weight, units: rows, magnitude, segment, column: first + i };
  }
}

/** Each limb of x with each of y. A slot takes one row of each chunk. */
function* productShares(
  x: FactorMeta,
  y: FactorMeta,
  segment: number,
  rows: number,
  unit: number,
): Generator<Share> {
  const lowest = unit - (x.fixed?.point ?? 0) - (y.fixed?.point ?? 0);
  const units = Math.ceil(rows / productParameters().n);
  const bounds = ({ limbs, width, maxAbs }: FactorMeta): bigint[] =>
    limbBounds(maxAbs, { count: limbs, width });
  for (const [i, most] of bounds(x).entries()) {
    for (const [j, other] of bounds(y).entries()) {
      const magnitude = BigInt(units) * most * other;
      const weight = lowest + i * x.width + j * y.width;
      yield { weight, units, magnitude, segment, column: x.first + i, times: y.first + j };
    }
  }
}

/** Products of these columns count 2^-unit in GroupResult: as many points as there are reals. */
export function unitOf(factors: readonly number[], { schema }: Pick<SumTable, 'schema'>): number {
  return REAL_POINT * factors.filter((column) => schema.columns[column]!.type === 'real').length;
}

/** The rows of a stored product that were rounded. */
export function roundedProduct({ fixed }: Pick<ProductMeta, 'fixed'>, unit: number): RoundedRows[] {
  if (fixed === undefined || fixed.inexact === 0) return [];
  return [{ rows: fixed.inexact, twice: 1n << BigInt(unit - fixed.point) }];
}

/**
 * With x = X + d and y = Y + e in units of theirs, |d| and |e| at most ½ and 0 in rows that are exact,
 * |xy − XY| ≤ |X|/2 + |Y|/2 + 1/4.
 */
function roundedFactors(x: FactorMeta, y: FactorMeta, rows: number, unit: number): RoundedRows[] {
  const inexact = (factor: FactorMeta): number => factor.fixed?.inexact ?? 0;
  const [ofX, ofY] = [inexact(x), inexact(y)];
  if (ofX + ofY === 0) return [];
  const quarters = (ofX > 0 ? 2n * y.maxAbs : 0n) + (ofY > 0 ? 2n * x.maxAbs : 0n) + 1n;
  const shift = BigInt(unit - (x.fixed?.point ?? 0) - (y.fixed?.point ?? 0));
  return [{ rows: Math.min(rows, ofX + ofY), twice: ((quarters + 1n) / 2n) << shift }];
}

/**
 * How far a sum over at most `rows` rows may be off in units of GroupResult: the rows that count may be
 * those that were rounded the most.
 */
export function roundingError(rounded: readonly RoundedRows[], rows: number): bigint {
  let left = rows;
  let twice = 0n;
  for (const most of rounded.toSorted((a, b) => (a.twice > b.twice ? -1 : 1))) {
    const counted = Math.min(left, most.rows);
    twice += BigInt(counted) * most.twice;
    left -= counted;
  }
  return (twice + 1n) / 2n;
}

function checked(share: Share, limit: bigint, term: SumTerm): Share {
  if (share.magnitude < limit) return share;
  throw new OpalineError('OVERFLOW_BOUND', {
    column: term.product.join('*'),
    bound: share.magnitude.toString(),
    limit: limit.toString(),
  });
}

/** The ciphertext columns of a product that the segment stores. */
export function findProduct(meta: SegmentMeta, wanted: readonly number[]): ProductMeta | undefined {
  return meta.products.find(
    ({ factors }) =>
      factors.length === wanted.length && factors.every((factor, i) => factor === wanted[i]),
  );
}

function notStored(term: SumTerm): OpalineError {
  return new OpalineError('CAPABILITY_MISSING', {
    operation: 'SUM',
    column: term.product.join('*'),
    // The planner lets through what the schema stores, so the segment is older than that.
    needs: 'some of its rows were ingested before the product was stored; run opaline compact',
  });
}
