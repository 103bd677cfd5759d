import { equalBytes } from '../../bytes/compare.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { RowSet } from '../../table/row-set.ts';
import type { Ask } from '../rung.ts';
import { HINT_QUERY } from './lwe/format.ts';
import { checkHint, decryptAnswer, encryptQueries } from './lwe/token/retrieve.ts';
import { decodeBucket, decodeRows, type Record } from './records.ts';
import { decodeState, type PirState } from './state.ts';
import { openBucket } from './token/bucket.ts';
import { pirKeys, placer, type PirKeys, type Place } from './token/keywords.ts';

/**
 * The vault's side of one table: looks keywords up by private information retrieval. Holds the hint once it was
 * fetched, 4 KB for each byte of a bucket, so it is worth keeping between lookups.
 */
export interface PirClient {
  /**
   * The rows of each keyword, none where it has none, in one round trip. What is sent depends on the number of
   * keywords alone: for each, absent or not, as many buckets are fetched as the longest list of the table takes; with
   * the first call also the hint.
   *
   * Every bucket that comes back is opened, also those that the keyword turns out not to need, so a store that
   * altered its answer is refused whatever was asked.
   * @throws BYTES_INVALID where the store's replies are not what the table gives
   */
  find(keywords: readonly Uint8Array[], ask: Ask): Promise<RowSet[]>;
}

/** @throws BYTES_INVALID for a state that is none */
export function openPir(key: Uint8Array, state: Uint8Array): PirClient {
  const known = decodeState(state);
  const keys = pirKeys(key);
  let hint: Uint32Array | undefined;
  return {
    find: async (keywords, ask) => {
      const lookup = prepare(keys, known, keywords);
      const first = hint === undefined ? [HINT_QUERY] : [];
      const replies = await ask([...first, ...lookup.queries]);
      if (replies.length !== first.length + lookup.queries.length) wrong('not one reply a query');
      hint ??= checkHint(replies[0], known.layout, known.hintDigest);
      return lookup.read(replies.slice(first.length), hint);
    },
  };
}

interface Lookup {
  readonly queries: readonly Uint8Array[];
  readonly read: (replies: readonly (Uint8Array | undefined)[], hint: Uint32Array) => RowSet[];
}

function prepare(keys: PirKeys, state: PirState, keywords: readonly Uint8Array[]): Lookup {
  const { layout, stash, rows } = state;
  const place = placer(keys.keyword, layout.columns);
  const places = keywords.flatMap((keyword) =>
    Array.from({ length: layout.parts }, (_, part) => place(keyword, part)),
  );
  place.destroy();
  const buckets = places.flatMap(({ candidates }) => candidates);
  const { queries, secrets } = encryptQueries(keys.matrix, layout, buckets);
  const read: Lookup['read'] = (replies, hint) => {
    const records = replies.map((reply, i) => {
      const sealed = decryptAnswer(reply, hint, secrets[i]!, layout);
      return decodeBucket(openBucket(keys.bucket, buckets[i]!, sealed));
    });
    for (const secret of secrets) secret.fill(0);
    const found = places.map((part, i) =>
      recordAt(part, [...records[2 * i]!, ...records[2 * i + 1]!, ...stash]),
    );
    return keywords.map((_, k) => rowsOfParts(found.slice(k * layout.parts), layout.parts, rows));
  };
  return { queries, read };
}

function recordAt({ tag }: Place, records: readonly Record[]): Uint8Array | undefined {
  return records.find((record) => equalBytes(record.tag, tag))?.content;
}

/** A list ends with the first part that is not there: parts are written without a gap. */
function rowsOfParts(
  found: readonly (Uint8Array | undefined)[],
  most: number,
  rows: number,
): RowSet {
  const parts: Uint8Array[] = [];
  for (const part of found.slice(0, most)) {
    if (part === undefined) break;
    parts.push(part);
  }
  if (parts.length === 0) return new RowSet(rows);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return decodeRows(bytes, rows);
}

function wrong(reason: string): never {
  throw new OpalineError('BYTES_INVALID', { what: 'pir reply', reason });
}
