import { wholeChunkBytes, wireChunkBytes } from '../../table/column-part.ts';
import { productParameters, sumParameters } from '../../params/presets.ts';
import type { OpenTable } from '../open-table.ts';
import type { SumOutput } from '../sum-layout.ts';

/** What verifying an answer takes besides computing it. */
export interface VerificationCost {
  /** Posting lists that are opened here. */
  readonly lists: number;
  /** Bytes that they take at most, besides the records of their MACs. */
  readonly listBytes: number;
  /** Sums that carry a check sum each. */
  readonly checkSums: number;
  /** Bytes of their reply if every group were present. */
  readonly checkBytes: number;
  /** Custodians answer for check sums, too. */
  readonly divided: boolean;
  /** Sums of products, computed again here from whole parts. */
  readonly replayed: number;
  /** Bytes of the check columns of one row, as uploaded, over all columns. */
  readonly rowBytes: number;
}

/**
 * @param replyBytes of the unverified answer
 * @returns undefined where a segment has no check columns
 */
export async function verificationCost(
  table: OpenTable,
  lists: number,
  outputs: readonly Pick<SumOutput, 'kind'>[],
  replyBytes: number,
): Promise<VerificationCost | undefined> {
  const { segments } = table.manifest;
  const metas = await Promise.all(segments.map((entry) => table.meta(entry)));
  if (metas.some(({ checks }) => checks === undefined)) return undefined;
  const columns = Math.max(0, ...metas.map(({ checks }) => checks?.of.length ?? 0));
  const divided = table.schema.custody !== undefined;
  const checkSums = outputs.filter(({ kind }) => kind !== 'product').length;
  const largest = Math.max(0, ...segments.map(({ rows }) => rows));
  return {
    lists,
    listBytes: lists * Math.ceil(largest / 8),
    checkSums,
    checkBytes: checkSums === 0 ? 0 : Math.round((replyBytes * checkSums) / outputs.length),
    divided,
    replayed: outputs.length - checkSums,
    rowBytes: columns * (divided ? wholeRowBytes() : wireRowBytes()),
  };
}

function wireRowBytes(): number {
  const { n, dataPrimes } = sumParameters(48);
  return wireChunkBytes({ n, primes: dataPrimes }) / n;
}

/** Under a divided key, which has the ring of products. */
function wholeRowBytes(): number {
  const { n, dataPrimes } = productParameters();
  return wholeChunkBytes({ n, primes: dataPrimes }) / n;
}
