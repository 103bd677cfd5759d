import { randomBytes } from '../../src/bytes/random.ts';
import { buildRung } from '../../src/search/build-rung.ts';
import { parseRung } from '../../src/search/eval-rung.ts';
import type { RungInput } from '../../src/search/rung-input.ts';
import type { Ask, StoreIndex } from '../../src/search/rung.ts';
import { openRung, type RungQuery, type VaultRung } from '../../src/search/token-rung.ts';
import { type FurtherIndex, NOT_YET } from '../../src/table/search-index.ts';

/** Every further index with its options, those apart that are refused for now. */
export const RUNGS: readonly FurtherIndex[] = (
  [
    { index: 'tag' },
    { index: 'ore' },
    { index: 'mitra' },
    { index: 'iex' },
    { index: 'sse-padded', pad: 'max' },
    { index: 'sse-padded', pad: 'power' },
    { index: 'smooth' },
    { index: 'pir', scheme: 'lwe' },
    { index: 'pir', scheme: 'bfv' },
  ] as const
).filter(({ index }) => !NOT_YET.includes(index));

/** One index of a segment at its store, and in the hands of the vault. */
export interface BuiltPair {
  readonly key: Uint8Array;
  readonly part: Uint8Array;
  readonly store: StoreIndex;
  readonly vault: VaultRung;
  /** What crossed, query by query: bytes up and down. */
  readonly transcript: { readonly up: number; readonly down: number | undefined }[];
  /** The rows of a query, ascending. */
  rows(query: RungQuery): Promise<Uint32Array>;
}

export async function buildPair(index: FurtherIndex, input: RungInput): Promise<BuiltPair> {
  const key = randomBytes(32);
  const { part, state } = buildRung(index, key, input);
  const store = await parseRung(part, { what: 'the part of a test' });
  const vault = await openRung({ index, key, state, rows: input.rows, part: 'of a test' });
  const transcript: { up: number; down: number | undefined }[] = [];
  const ask: Ask = (queries) => {
    const replies = queries.map((query) => store.answer!(query)?.slice());
    queries.forEach((query, i) => transcript.push({ up: query.length, down: replies[i]?.length }));
    return Promise.resolve(replies);
  };
  return {
    key,
    part,
    store,
    vault,
    transcript,
    rows: async (query) =>
      vault.token === undefined
        ? await vault.lookup!(query, ask)
        : Uint32Array.from(store.find!(vault.token(query)).toArray()),
  };
}
