import { wordsOf } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { RowSet } from '../../table/row-set.ts';
import { unpackRun } from '../packed-rows.ts';
import type { Ask, KeywordLookup } from '../rung.ts';
import { keywordRung } from '../token-hiding.ts';
import type { RungSource, VaultRung } from '../token-rung.ts';
import { TAG_BYTES, WHAT } from './format.ts';
import { batchesFor, SmoothQueries, type Slot } from './queries.ts';
import { Smoothing } from './smoothing.ts';
import { decodeState, findName, firstValues, valueWeights, type SmoothState } from './state.ts';
import { smoothKeys, type SmoothKeys } from './token/keys.ts';

/**
 * Lookups in an index: the rows of each keyword, in the order given; none for a keyword that the index does not have,
 * for which one that it has is asked for instead. In one round trip, and in 2^-12 of the cases in another, whose
 * number of queries depends on how many values are asked for: of each list its own, to the next power of two. A
 * lookup throws BYTES_INVALID of WHAT for a reply that is not what the index holds there: altered, moved, too
 * short, missing.
 *
 * @param key the index's, 32 bytes
 * @param state as `buildSmooth` gave it
 * @throws BYTES_INVALID for another state
 */
export function openSmooth(key: Uint8Array, state: Uint8Array): KeywordLookup {
  const decoded = decodeState(state);
  const smoothing = new Smoothing(valueWeights(decoded));
  return async (keywords, ask) => {
    if (keywords.length === 0) return [];
    const keys = smoothKeys(key);
    try {
      const queries = new SmoothQueries(smoothing);
      const found = keywords.map(() => new RowSet(decoded.rows));
      const wanted = enqueue(queries, smoothing, decoded, keys, keywords, found);
      while (queries.waiting > 0) {
        const slots = Array.from({ length: batchesFor(queries.waiting) }, () => queries.batch());
        await serve(slots.flat(), decoded, keys, wanted, ask);
      }
      return found;
    } finally {
      keys.destroy();
    }
  };
}

/** As a rung of the ladder. Throws the same. */
export function openSmoothRung({
  key,
  state,
  part,
}: Pick<RungSource, 'key' | 'state' | 'part'>): VaultRung {
  return keywordRung(openSmooth(key, state), WHAT, part);
}

/** Returns for each number in the queue the rows that it adds to, if any. */
function enqueue(
  queries: SmoothQueries,
  smoothing: Smoothing,
  state: SmoothState,
  keys: SmoothKeys,
  keywords: readonly Uint8Array[],
  found: readonly RowSet[],
): Map<number, RowSet> {
  const firsts = firstValues(state);
  const wanted = new Map<number, RowSet>();
  keywords.forEach((keyword, k) => {
    const place = findName(state, keys.name(keyword));
    const length = place < 0 ? 0 : state.lengths[place]!;
    const padded = 2 ** Math.ceil(Math.log2(Math.max(1, length)));
    for (let i = 0; i < padded; i++) {
      if (i < length) wanted.set(queries.enqueue(firsts[place]! + i), found[k]!);
      else queries.enqueue(smoothing.expected());
    }
  });
  return wanted;
}

/** Every value is opened, whether it is wanted or not: a refusal must not depend on which slots are real. */
async function serve(
  slots: readonly Slot[],
  { payload }: SmoothState,
  keys: SmoothKeys,
  wanted: ReadonlyMap<number, RowSet>,
  ask: Ask,
): Promise<void> {
  const replies = await ask(slots.map((slot) => keys.label(slot)));
  if (replies.length !== slots.length) refuse('as many replies as queries are due');
  slots.forEach((slot, i) => {
    const reply = replies[i] ?? refuse('a reply is missing');
    if (reply.length !== payload + TAG_BYTES) refuse('a reply is of another length');
    const words = wordsOf(keys.open(slot, reply));
    const rows = slot.serves === undefined ? undefined : wanted.get(slot.serves);
    if (rows === undefined) return;
    if ((words[0]! & 1) === 0) refuse('a value is empty');
    unpackRun(words, 1, rows, WHAT);
  });
}

function refuse(reason: string): never {
  throw new OpalineError('BYTES_INVALID', { what: WHAT, reason });
}
