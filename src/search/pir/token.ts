import { RowSet } from '../../table/row-set.ts';
import type { Ask, KeywordLookup } from '../rung.ts';
import { keywordRung } from '../token-hiding.ts';
import type { RungSource, VaultRung } from '../token-rung.ts';
import { HintCache } from './lwe/token/hints.ts';
import { retrieveBfv } from './bfv/token/retrieve.ts';
import { retrieveLwe } from './lwe/token/retrieve.ts';
import { decodeBucket, decodeRows, WHAT } from './records.ts';
import { decodeState, type PirState } from './state.ts';
import { sizesOf } from './table.ts';
import { openBucket } from './token/bucket.ts';
import { pirKeys, placer, type PirKeys, type Place } from './token/keywords.ts';
import { partsOf } from './token/parts.ts';

/** Kept between queries: a table is opened anew for each. */
const HINTS = new HintCache();

/**
 * Looks keywords up in one table, in one round trip. What is sent depends on the number of keywords alone: for each, absent
 * or not, as many buckets are fetched as the longest list of the table takes; and by the first lookup the hint of LWE.
 *
 * Every bucket that comes back is opened, also those that the keyword turns out not to need, so a store that
 * altered its answer is refused whatever was asked, with BYTES_INVALID of WHAT.
 * @throws BYTES_INVALID for a state that is none
 */
export function openPir(
  key: Uint8Array,
  state: Uint8Array,
  hints: HintCache = HINTS,
): KeywordLookup {
  const known = decodeState(state);
  const keys = pirKeys(key);
  return async (keywords, ask) => {
    const places = placesOf(keys, known, keywords);
    const buckets = places.flatMap(({ candidates }) => candidates);
    const sealed = await retrieve(keys, known, buckets, ask, hints);
    const records = sealed.map((bytes, i) =>
      decodeBucket(openBucket(keys.bucket, buckets[i]!, bytes)),
    );
    const found = partsOf(places, records, known.stash);
    const { parts } = known.layout;
    return keywords.map((_, k) => rowsOfParts(found.slice(k * parts, (k + 1) * parts), known.rows));
  };
}

/** As a rung of the ladder. Throws the same. */
export function openPirRung({
  key,
  state,
  part,
}: Pick<RungSource, 'key' | 'state' | 'part'>): VaultRung {
  return keywordRung(openPir(key, state), WHAT, part);
}

/** Buckets as the store has them, sealed. */
async function retrieve(
  keys: PirKeys,
  { layout, hintDigest }: PirState,
  buckets: readonly number[],
  ask: Ask,
  hints: HintCache,
): Promise<Uint8Array[]> {
  if (layout.scheme === 'bfv') return await retrieveBfv(layout, buckets, ask);
  return await retrieveLwe(keys.matrix, { layout, hintDigest }, hints, buckets, ask);
}

/** Where the parts of each keyword would be: as many for each. */
function placesOf(keys: PirKeys, { layout }: PirState, keywords: readonly Uint8Array[]): Place[] {
  const place = placer(keys.keyword, sizesOf(layout).buckets);
  const places = keywords.flatMap((keyword) =>
    Array.from({ length: layout.parts }, (_, part) => place(keyword, part)),
  );
  place.destroy();
  return places;
}

/** A list ends with the first part that is not there: parts are written without a gap. */
function rowsOfParts(found: readonly (Uint8Array | undefined)[], rows: number): RowSet {
  const end = found.indexOf(undefined);
  const parts = (end === -1 ? found : found.slice(0, end)) as readonly Uint8Array[];
  if (parts.length === 0) return new RowSet(rows);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return decodeRows(bytes, rows);
}
