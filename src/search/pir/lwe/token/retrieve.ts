import { wordBytes, wordsOf } from '../../../../bytes/codec.ts';
import { equalBytes } from '../../../../bytes/compare.ts';
import { sha256 } from '../../../../bytes/hash.ts';
import { randomBytes } from '../../../../bytes/random.ts';
import { OpalineError } from '../../../../errors/opaline-error.ts';
import type { Ask } from '../../../rung.ts';
import { HINT_QUERY, WHAT } from '../format.ts';
import { hintBytes } from '../layout.ts';
import { SCALE_BITS, SECRET_WORDS, type Dimensions } from '../parameters.ts';
import { gaussianWords } from './gaussian.ts';
import type { HintCache } from './hints.ts';
import { publicColumns } from './matrix.ts';

/** What the vault knows of a table. */
export interface LweKnown {
  readonly layout: Dimensions;
  /** SHA-256 of the hint. */
  readonly hintDigest: Uint8Array;
}

/**
 * Fetches buckets, each as the store's table has it, sealed: the store learns how many. One round trip, with the hint
 * in it where the cache does not have it.
 * @throws BYTES_INVALID for replies of wrong number or length, or another hint
 */
export function lweRetriever(
  seed: Uint8Array,
  { layout, hintDigest }: LweKnown,
  hints: HintCache,
): (buckets: readonly number[], ask: Ask) => Promise<Uint8Array[]> {
  return async (buckets, ask) => {
    const { queries, secrets } = encryptQueries(seed, layout, buckets);
    const known = hints.get(hintDigest);
    const first = known === undefined ? [HINT_QUERY] : [];
    const replies = await ask([...first, ...queries]);
    if (replies.length !== first.length + queries.length) {
      throw new OpalineError('BYTES_INVALID', { what: 'pir answer', reason: 'not one a query' });
    }
    const hint = known ?? checkHint(replies[0], layout, hintDigest);
    hints.put(hintDigest, hint);
    const answers = replies.slice(first.length);
    const sealed = answers.map((answer, i) => decryptAnswer(answer, hint, secrets[i]!, layout));
    for (const secret of secrets) secret.fill(0);
    return sealed;
  };
}

/** Queries for buckets, and what opens their answers. */
export interface LweQueries {
  readonly queries: readonly Uint8Array[];
  /** One for each query, to be used once. */
  readonly secrets: readonly Uint32Array[];
}

/**
 * A query for each bucket: A·s + e + 2^24·δ_bucket, under a secret and an error of its own (SimplePIR, §4,
 * Query). Equal buckets have unrelated queries.
 */
export function encryptQueries(
  seed: Uint8Array,
  { columns }: Dimensions,
  buckets: readonly number[],
): LweQueries {
  const secrets = buckets.map(() => wordsOf(randomBytes(4 * SECRET_WORDS)));
  const words = buckets.map((bucket) => {
    const query = gaussianWords(columns, randomBytes);
    query[bucket]! += 2 ** SCALE_BITS;
    return query;
  });
  let k = 0;
  for (const column of publicColumns(seed, columns)) {
    for (let i = 0; i < words.length; i++) addScaled(words[i]!, column, secrets[i]![k]!);
    k++;
  }
  return { queries: words.map(wordBytes), secrets };
}

function addScaled(sum: Uint32Array, column: Uint32Array, by: number): void {
  for (let j = 0; j < sum.length; j++) sum[j]! += Math.imul(column[j]!, by);
}

/**
 * The hint, checked against the digest that the vault sealed.
 * @throws BYTES_INVALID for any other bytes
 */
function checkHint(
  reply: Uint8Array | undefined,
  dimensions: Dimensions,
  digest: Uint8Array,
): Uint32Array {
  if (reply?.length !== hintBytes(dimensions) || !equalBytes(sha256(reply), digest)) {
    throw new OpalineError('BYTES_INVALID', {
      what: WHAT,
      reason: 'the hint is not the signed one',
    });
  }
  return wordsOf(reply);
}

/**
 * The bucket in an answer: answer − hint·s, rounded to a multiple of 2^24 (SimplePIR, §4, Recover). Any bytes of the
 * right length give some bucket; whether it is the table's is for its seal to say.
 * @throws BYTES_INVALID for another length
 */
export function decryptAnswer(
  answer: Uint8Array | undefined,
  hint: Uint32Array,
  secret: Uint32Array,
  { height }: Dimensions,
): Uint8Array {
  if (answer?.length !== 4 * height) {
    throw new OpalineError('BYTES_INVALID', { what: 'pir answer', reason: 'of the wrong length' });
  }
  const words = wordsOf(answer);
  return Uint8Array.from(words, (word, r) => {
    let mask = 0;
    for (let k = 0, at = r * SECRET_WORDS; k < SECRET_WORDS; k++, at++) {
      mask = (mask + Math.imul(hint[at]!, secret[k]!)) | 0;
    }
    return (word - mask + 2 ** (SCALE_BITS - 1)) >>> SCALE_BITS;
  });
}
