import { OpalineError } from '../errors/opaline-error.ts';
import type { FurtherIndex } from '../table/search-index.ts';
import { openOre } from './ore/token.ts';
import { openIex } from './iex/token.ts';
import { openMitra } from './mitra/token.ts';
import { openPir } from './pir/token.ts';
import type { Ask } from './rung.ts';
import { openTags } from './tag/token.ts';
import { WHAT as PADDED } from './padded/format.ts';
import { openPadded } from './padded/token.ts';
import { WHAT as SMOOTH } from './smooth/format.ts';
import { openSmooth } from './smooth/token.ts';
import { keywordRung } from './token-hiding.ts';

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
type Openers = { readonly [I in FurtherIndex as I['index']]?: Opener<I> };

/** A rung's `token` stands here once it is there. */
const OPENERS: Openers = {
  tag: openTags,
  ore: openOre,
  mitra: openMitra,
  iex: openIex,
  'sse-padded': ({ key, state, part }) => keywordRung(openPadded(key, state), PADDED, part),
  smooth: ({ key, state, part }) => keywordRung(openSmooth(key, state), SMOOTH, part),
  pir: openPir,
};

/** @throws BYTES_INVALID for a state that the rung did not write */
export function openRung(source: RungSource): VaultRung {
  const open = OPENERS[source.index.index] as Opener<FurtherIndex> | undefined;
  if (open === undefined) {
    throw new OpalineError('NOT_YET_AVAILABLE', {
      feature: `the search index "${source.index.index}"`,
    });
  }
  return open(source);
}
