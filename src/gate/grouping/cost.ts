import type { Parameters } from '../../params/parameters.ts';
import { coefficientForm, groupOfChunk, maskedChunk, wholeChunk } from '../../run/evaluate/cost.ts';
import { wireChunkBytes } from '../../table/column-part.ts';
import { codeBytes } from '../../table/row-codes.ts';
import type { Speeds } from './speeds.ts';

/** What an estimate depends on: nothing of a row is looked at. */
export interface GroupingShape {
  readonly segments: number;
  /** Chunks of all segments. */
  readonly chunks: number;
  readonly rows: number;
  /** Groups if every combination of values were present. */
  readonly groups: number;
  /** Distinct values of the column that is, or would be, private or clustered by, NULL among them. */
  readonly values: number;
  /** Ciphertext sums of one group. */
  readonly sums: number;
  /** Some rows are filtered out or deleted. */
  readonly filtered: boolean;
  /** Columns that are grouped by. */
  readonly columns: number;
}

/** An estimate for one thread: milliseconds, bytes of the replies among them, and those bytes. */
export interface Cost {
  readonly ms: number;
  readonly bytes: number;
}

/** A filter keeps this share of the rows, as far as anybody knows before it is looked up. */
const KEPT = 1 / 4;
/** Milliseconds to add one sum of a segment to the others', and to put it on its way. */
const COMBINE = 0.06;
/** Bytes a millisecond on the way from the store: a gigabit a second, nearly. */
const BYTES_A_MS = 100_000;
/** Values a posting list of which costs a token, a look-up and its decryption. */
const LOOKUP = 0.02;

/** By lists of each value and masks of each group. */
export function masksCost(shape: GroupingShape, parameters: Parameters, speeds: Speeds): Cost {
  const { chunks, groups, sums } = shape;
  const perChunk = selected(shape) / chunks;
  const present = Math.max(1, Math.min(groups, perChunk));
  const each = present * groupOfChunk(perChunk / present, parameters.n, Math.max(1, sums));
  const shared = present > 8 ? coefficientForm(sums) : 0;
  return replies(shape, groups * sums, (chunks * (each + shared)) / 1000, parameters, speeds);
}

/** By masks where whole chunks are one group's, but for a remainder of each. */
export function clusteredCost(shape: GroupingShape, parameters: Parameters, speeds: Speeds): Cost {
  const { segments, chunks, rows, values, groups, sums, filtered } = shape;
  const { n } = parameters;
  const columns = Math.max(1, sums);
  const others = Math.max(1, groups / values);
  const perChunk = selected(shape) / chunks;
  const plain = !filtered && others === 1;
  const whole = plain ? wholeChunk(columns) : others * maskedChunk(perChunk / others, n, columns);
  const rest = Math.min(n / 2, rows / segments / values);
  const edges = segments * values * others * groupOfChunk(rest / others, n, columns);
  return replies(shape, groups * sums, (chunks * whole + edges) / 1000, parameters, speeds);
}

/** By a ciphertext column of each group, and masks of the other columns' groups if there are any. */
export function privateCost(shape: GroupingShape, parameters: Parameters, speeds: Speeds): Cost {
  const { segments, chunks, groups, values, sums, filtered } = shape;
  const others = Math.max(1, groups / values);
  // Two groups share a column of counts.
  const columns = Math.ceil(values / 2) + values * sums;
  const perChunk = selected(shape) / chunks;
  const plain = !filtered && others === 1;
  const work = plain
    ? segments * columns * wholeChunk(1)
    : chunks * others * maskedChunk(perChunk / others, parameters.n, columns);
  return replies({ ...shape, values: 0 }, others * columns, work / 1000, parameters, speeds);
}

/** By sending the columns to the vault. */
export function vaultCost(shape: GroupingShape, parameters: Parameters, speeds: Speeds): Cost {
  const { chunks, rows, sums, values, columns, filtered } = shape;
  const ciphertexts = chunks * sums;
  const codes = rows * columns * codeBytes(values);
  const listed = filtered ? 4 * selected(shape) : 0;
  const { n, dataPrimes: primes } = parameters;
  const bytes = Math.round(ciphertexts * wireChunkBytes({ n, primes }) + codes + listed);
  return { ms: ciphertexts * speeds.decryptChunk + bytes / BYTES_A_MS, bytes };
}

function replies(
  { segments, values }: GroupingShape,
  samples: number,
  work: number,
  { n, dataPrimes }: Parameters,
  { kernels, decryptSum }: Speeds,
): Cost {
  const bytes = Math.round(samples * 4 * dataPrimes.length * (n + 1));
  const each = decryptSum + kernels * segments * COMBINE;
  return {
    ms: kernels * (work + segments * values * LOOKUP) + samples * each + bytes / BYTES_A_MS,
    bytes,
  };
}

function selected({ rows, filtered }: GroupingShape): number {
  return filtered ? rows * KEPT : rows;
}
