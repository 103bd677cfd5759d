import type { RealEngine } from '../../engine/engine.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { RealParameters } from '../../params/parameters.ts';
import { toDouble } from '../../plan/exact/number-text.ts';
import type { Fragment } from '../../plan/fragment.ts';
import { encodeFragment } from '../../plan/fragment-codec.ts';
import { decodeScoresReply, type ScoredSegment } from '../../plan/fragment-scores.ts';
import type { ScorePlan } from '../../plan/physical.ts';
import { interpretScores, linkOf, type PlainScore } from '../../plan/score/interpret-score.ts';
import type { SetPredicate } from '../../plan/set-predicate.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import { unpackPolynomials } from '../../table/column-part.ts';
import type { SegmentEntry } from '../../table/manifest.ts';
import { eachSegment } from '../each-segment.ts';
import type { IndexUses } from '../index-uses.ts';
import type { OpenTable } from '../open-table.ts';
import { prepareRows } from '../rows.ts';
import { exact, replyError, replyLimbs, replyScale, segmentModel } from './segment-model.ts';

/** A score plan, its bounds proved and its tokens made. */
export interface PreparedScores {
  readonly plan: ScorePlan;
  readonly table: OpenTable;
  readonly parameters: RealParameters;
  readonly fragment: Fragment;
  readonly uses: IndexUses;
  /** Per segment what decoded slots are scaled by. */
  readonly scales: readonly number[];
  readonly polynomials: 2 | 4;
  readonly limbs: number;
  /** Every row counts. */
  readonly whole: boolean;
  /** No score, as it is rounded, is farther from the model's. */
  readonly error: number;
  /**
   * Scores are multiples of this power of two, the largest that is not above what is proved of the
   * decryption.
   */
  readonly grid: number;
  /** Of small appends, before rounding. */
  readonly delta: readonly PlainScore[];
}

/** Scores of a segment's rows. */
export interface SegmentRowScores {
  readonly entry: SegmentEntry;
  /** Ascending. */
  readonly rows: Uint32Array;
  readonly scores: Float64Array;
}

export interface RowScores {
  readonly segments: readonly SegmentRowScores[];
  /** By position among the rows of small appends. */
  readonly delta: readonly PlainScore[];
}

/** Segments of one request: at 16 MB and less each, what is in memory does not grow with the table. */
export const SEGMENTS_AT_ONCE = 4;
/** A link and an intercept in doubles, beside numbers of the size of z. */
const DOUBLES = 2 ** -50;
/** Scores are rounded to no finer than this. */
const LEAST_GRID = 2 ** -48;

/** @throws CAPABILITY_MISSING, NOISE_BOUND, MODEL_INVALID for numbers beyond any double */
export async function prepareScores(
  plan: ScorePlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: RealParameters,
): Promise<PreparedScores> {
  const entries = table.manifest.segments;
  const metas = await eachSegment(entries, (entry) => table.meta(entry));
  const models = metas.map((meta) => segmentModel(plan, table.schema, meta, parameters));
  const limbs = replyLimbs(models, parameters);
  const { fragment, uses } = await prepareRows({ orderBy: [] }, filter, table, link);
  const degree = plan.polynomial === undefined ? 1 : 3;
  const decoded = models.map((model) => replyError(model, limbs, parameters));
  const largest = models.map(({ phase, scaleBits }) => Number(phase.signal) * 2 ** -scaleBits);
  const delta = interpretScores(plan, table.schema, await table.deltaRows());
  const proved = Math.max(
    LEAST_GRID,
    ...decoded.map((error, i) => linked(plan, error, largest[i]!)),
    ...delta.map(({ score }) => DOUBLES * Math.abs(score)),
  );
  if (!Number.isFinite(proved)) {
    throw new OpalineError('MODEL_INVALID', { reason: 'its scores would be beyond any double' });
  }
  const grid = 2 ** Math.floor(Math.log2(proved));
  return {
    plan,
    table,
    parameters,
    fragment: {
      ...fragment,
      work: { kind: 'scores', degree, limbs },
      segments: fragment.segments.map((segment, i) => ({ ...segment, scores: models[i]!.share })),
    },
    uses,
    scales: models.map((model) => replyScale(model, limbs, parameters)),
    polynomials: degree === 1 ? 2 : 4,
    limbs,
    whole: filter.kind === 'all',
    error: (proved + grid / 2 + (plan.polynomial?.error ?? 0)) * (1 + DOUBLES),
    grid,
    delta,
  };
}

/** What an error of a decoded slot is of a score, or of the polynomial in its place. */
function linked(plan: ScorePlan, decoded: number, largest: number): number {
  const z = largest + Math.abs(toDouble(exact(plan.intercept)));
  const own = decoded + DOUBLES * z;
  const isOwners = plan.link === 'logistic' && plan.polynomial === undefined;
  // The logistic function nowhere rises by more than a quarter.
  return isOwners ? own / 4 + DOUBLES : own;
}

/** Send, decrypt and round, a few segments at a time. @throws BYTES_INVALID, PART_CORRUPT, PART_MISSING */
export async function executeScores(
  prepared: PreparedScores,
  link: StoreLink,
  engine: () => Promise<RealEngine>,
  options: CallOptions,
): Promise<RowScores> {
  const { table, fragment } = prepared;
  const segments: SegmentRowScores[] = [];
  const entries = table.manifest.segments;
  const call: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  for (let from = 0; from < entries.length; from += SEGMENTS_AT_ONCE) {
    const some = fragment.segments.slice(from, from + SEGMENTS_AT_ONCE);
    const bytes = await link.aggregate(encodeFragment({ ...fragment, segments: some }), call);
    const reply = decodeScoresReply(bytes).segments;
    if (reply.length !== some.length) throw unfit();
    const real = await engine();
    for (const [i, scored] of reply.entries()) {
      const entry = entries[from + i]!;
      const rows = await checkRows(scored, entry, prepared);
      const scores = decryptScores(scored, from + i, prepared, real);
      segments.push({ entry, rows, scores });
      options.onProgress?.(from + i + 1, entries.length);
    }
  }
  return {
    segments,
    delta: prepared.delta.map(({ position, score }) => ({
      position,
      score: rounded(score, prepared),
    })),
  };
}

/** A store may hide rows, but it names none twice, none that was deleted, and all where all are meant. */
async function checkRows(
  { segment, rows }: ScoredSegment,
  entry: SegmentEntry,
  { table, whole }: PreparedScores,
): Promise<Uint32Array> {
  const gone = await table.deletedRows(entry);
  const fits =
    segment === entry.id &&
    rows.every((row) => row < entry.rows && !gone.has(row)) &&
    (!whole || rows.length === table.countedRows(entry));
  if (!fits) throw unfit();
  return rows;
}

function decryptScores(
  { rows, chunks }: ScoredSegment,
  position: number,
  prepared: PreparedScores,
  engine: RealEngine,
): Float64Array {
  const { plan, parameters, polynomials, limbs, scales } = prepared;
  const { n, dataPrimes } = parameters;
  const primes = dataPrimes.slice(0, limbs);
  const scores = new Float64Array(rows.length);
  const added = plan.polynomial?.coefficients[0] ?? toDouble(exact(plan.intercept));
  let taken = 0;
  let at = 0;
  while (at < rows.length) {
    const chunk = Math.floor((2 * rows[at]!) / n);
    const packed = chunks[taken++];
    if (packed === undefined) throw unfit();
    const residues = unpackPolynomials({ n, primes }, packed, polynomials, 'a scores reply');
    const slots = engine.decrypt({ limbs, scale: scales[position]!, polynomials: residues });
    for (; at < rows.length && Math.floor((2 * rows[at]!) / n) === chunk; at++) {
      const value = slots[rows[at]! - (chunk * n) / 2]! + added;
      const score = plan.polynomial === undefined ? linkOf(plan, value) : value;
      scores[at] = rounded(score, prepared);
    }
    slots.fill(0);
  }
  if (taken !== chunks.length) throw unfit();
  return scores;
}

/**
 * What leaves the gate of a decryption. It keeps the error's digits, which say something of the key to
 * whoever holds the ciphertexts (Li and Micciancio 2021), from being handed out where they could not be
 * right; it is no defence by itself, and scores go to the owner alone.
 */
function rounded(score: number, { plan, grid }: PreparedScores): number {
  const within = plan.link === 'logistic' ? Math.min(1, Math.max(0, score)) : score;
  return Math.round(within / grid) * grid + 0;
}

function unfit(): OpalineError {
  return new OpalineError('BYTES_INVALID', {
    what: 'a scores reply',
    reason: 'it does not fit the query',
  });
}
