import { OpalineError } from '../errors/opaline-error.ts';
import type { FurtherIndex } from '../table/search-index.ts';
import { once } from './once.ts';
import type { Ask } from './rung.ts';

/** What the vault asks of an index of one column of one segment. */
export type RungQuery =
  /** The rows with a keyword (keyword.ts). */
  | { readonly kind: 'keyword'; readonly keyword: Uint8Array }
  /** The rows with a value between ends, canonical bytes; an absent end is unbounded. NULL is in no range. */
  | { readonly kind: 'range'; readonly low?: RungEnd; readonly high?: RungEnd }
  /** The rows whose keywords make a condition true. */
  | { readonly kind: 'match'; readonly condition: KeywordCondition };

export interface RungEnd {
  readonly value: Uint8Array;
  readonly inclusive: boolean;
}

export type KeywordCondition =
  | { readonly kind: 'keyword'; readonly keyword: Uint8Array }
  | { readonly kind: 'and' | 'or'; readonly args: readonly KeywordCondition[] }
  | { readonly kind: 'not'; readonly arg: KeywordCondition };

/** An index in the hands of the vault; either `token` or `lookup` is there. */
export interface VaultRung {
  /** Revealing rungs: what the store finds the rows by, as a part of its share of the plan. */
  token?(query: RungQuery): Uint8Array;
  /**
   * Hiding rungs: the rows, ascending, found by asking. What the store answers is hostile.
   * @throws PART_CORRUPT when it is not what was stored
   */
  lookup?(query: RungQuery, ask: Ask): Promise<Uint32Array>;
  /** The same of several keywords at once, in the order given; a rung that has none is asked for one by one. */
  lookupEach?(keywords: readonly Uint8Array[], ask: Ask): Promise<Uint32Array[]>;
}

/** What an index was built with, as the vault has it. */
export interface RungSource<I extends FurtherIndex = FurtherIndex> {
  readonly index: I;
  /** 32 bytes, of this column, segment and rung alone. */
  readonly key: Uint8Array;
  readonly state: Uint8Array;
  /** Rows of the segment. */
  readonly rows: number;
  /** For messages: the index's part. */
  readonly part: string;
}

type Opener<I extends FurtherIndex> = (source: RungSource<I>) => VaultRung;
type Openers = { readonly [I in FurtherIndex as I['index']]?: () => Promise<Opener<I>> };

/** A rung's `token` stands here once it is there, loaded by the first of its indexes that is asked. */
const OPENERS: Openers = {
  tag: once(async () => (await import('./tag/token.ts')).openTags),
  ore: once(async () => (await import('./ore/token.ts')).openOre),
  mitra: once(async () => (await import('./mitra/token.ts')).openMitra),
  iex: once(async () => (await import('./iex/token.ts')).openIex),
  'sse-padded': once(async () => (await import('./padded/token.ts')).openPaddedRung),
  smooth: once(async () => (await import('./smooth/token.ts')).openSmoothRung),
  pir: once(async () => (await import('./pir/token.ts')).openPirRung),
};

/** @throws BYTES_INVALID for a state that the rung did not write */
export async function openRung(source: RungSource): Promise<VaultRung> {
  const load = OPENERS[source.index.index] as (() => Promise<Opener<FurtherIndex>>) | undefined;
  if (load === undefined) {
    throw new OpalineError('NOT_YET_AVAILABLE', {
      feature: `the search index "${source.index.index}"`,
    });
  }
  const open = await load();
  return open(source);
}
