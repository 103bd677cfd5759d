import { OpalineError } from '../../errors/opaline-error.ts';
import { RowSet } from '../../table/row-set.ts';
import type { Ask } from '../rung.ts';
import type { RungQuery, RungSource, VaultRung } from '../token-rung.ts';
import { HintCache } from './lwe/token/hints.ts';
import { lweRetriever } from './lwe/token/retrieve.ts';
import { decodeBucket, decodeRows } from './records.ts';
import { decodeState, type PirState } from './state.ts';
import { openBucket } from './token/bucket.ts';
import { pirKeys, placer, type PirKeys, type Place } from './token/keywords.ts';
import { partsOf } from './token/parts.ts';

/** Kept between queries: a table is opened anew for each. */
const HINTS = new HintCache();

/** What the vault asks one table. */
export interface PirClient {
  /**
   * The rows of each keyword, none where it has none, in one round trip. What is sent depends on the number of
   * keywords alone: for each, absent or not, as many buckets are fetched as the longest list of the table takes; and
   * the hint, by the first lookup.
   *
   * Every bucket that comes back is opened, also those that the keyword turns out not to need, so a store that
   * altered its answer is refused whatever was asked.
   * @throws BYTES_INVALID where the store's replies are not what the table gives
   */
  find(keywords: readonly Uint8Array[], ask: Ask): Promise<RowSet[]>;
}

/**
 * The `pir` index in the hands of the vault.
 * @throws BYTES_INVALID for a state that is none
 */
export function openPir({ key, state, rows, part }: RungSource): VaultRung {
  const client = pirClient(key, state);
  return {
    lookup: async (query, ask) => {
      try {
        const [found] = await client.find([keywordOf(query)], ask);
        if (found!.rows !== rows) throw corrupt(part);
        return found!.toArray();
      } catch (error) {
        if (error instanceof OpalineError && error.code === 'BYTES_INVALID') throw corrupt(part);
        throw error;
      }
    },
  };
}

function keywordOf(query: RungQuery): Uint8Array {
  if (query.kind === 'keyword') return query.keyword;
  if (query.kind === 'match' && query.condition.kind === 'keyword') return query.condition.keyword;
  throw new OpalineError('INTERNAL', { reason: 'pir answers single keywords' });
}

/** @throws BYTES_INVALID for a state that is none */
export function pirClient(key: Uint8Array, state: Uint8Array, hints: HintCache = HINTS): PirClient {
  const known = decodeState(state);
  const keys = pirKeys(key);
  return {
    find: async (keywords, ask) => {
      const places = placesOf(keys, known, keywords);
      const buckets = places.flatMap(({ candidates }) => candidates);
      const sealed = await lweRetriever(keys.matrix, known, hints)(buckets, ask);
      const records = sealed.map((bytes, i) =>
        decodeBucket(openBucket(keys.bucket, buckets[i]!, bytes)),
      );
      const found = partsOf(places, records, known.stash);
      const { parts } = known.layout;
      return keywords.map((_, k) =>
        rowsOfParts(found.slice(k * parts, (k + 1) * parts), known.rows),
      );
    },
  };
}

/** Where the parts of each keyword would be: as many for each. */
function placesOf(keys: PirKeys, { layout }: PirState, keywords: readonly Uint8Array[]): Place[] {
  const place = placer(keys.keyword, layout.columns);
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

function corrupt(part: string): OpalineError {
  return new OpalineError('PART_CORRUPT', {
    part,
    reason: 'its answer is not what the table gives',
  });
}
