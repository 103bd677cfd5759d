import { OpalineError } from '../errors/opaline-error.ts';
import type { FurtherIndex, Rung } from '../table/search-index.ts';
import { buildPadded } from './padded/build.ts';
import { baseOf } from './padded/format.ts';
import { buildPir } from './pir/build.ts';
import type { RungInput } from './rung-input.ts';
import { buildOreRung } from './ore/build.ts';
import { buildIex } from './iex/build.ts';
import { buildMitra, type KeywordChange, takesBatch, updateMitra } from './mitra/build.ts';
import type { BuiltRung } from './rung.ts';
import { buildTagRung } from './tag/build.ts';
import { buildSmooth } from './smooth/build.ts';

/** Builds an index of one column of one segment under a key of its own, 32 bytes. */
type Builder<I extends FurtherIndex> = (key: Uint8Array, input: RungInput, index: I) => BuiltRung;

type Builders = { readonly [I in FurtherIndex as I['index']]?: Builder<I> };

/** A rung's `build` stands here once it is there. */
const BUILDERS: Builders = {
  tag: buildTagRung,
  ore: buildOreRung,
  mitra: (key, { postings }) => buildMitra(key, postings),
  iex: (key, { postings }) => buildIex(key, postings),
  pir: (key, { postings }) => buildPir(key, postings),
  'sse-padded': (key, { postings }, { pad }) => buildPadded(key, postings, { base: baseOf(pad) }),
  smooth: (key, { postings }) => buildSmooth(key, postings),
};

/** Makes a later part of an index, of some changes, and the state that goes with all its parts. */
type Updater = (
  key: Uint8Array,
  state: Uint8Array,
  changes: readonly KeywordChange[],
) => BuiltRung | undefined;

/** Of the rungs whose indexes change record by record; those of others are as they were built. */
const UPDATERS: { readonly [R in FurtherIndex['index']]?: Updater } = {
  mitra: (key, state, changes) =>
    takesBatch(state) ? updateMitra(key, state, changes) : undefined,
};

/**
 * The index that a schema names for a column.
 * @throws what the rung refuses the column for
 */
export function buildRung(index: FurtherIndex, key: Uint8Array, input: RungInput): BuiltRung {
  const build = BUILDERS[index.index] as Builder<FurtherIndex> | undefined;
  if (build === undefined) throw noBuilder(index.index);
  return build(key, input, index);
}

/** Whether indexes of that rung change record by record. */
export function isUpdatable({ index }: { readonly index: string }): boolean {
  return Object.hasOwn(UPDATERS, index);
}

/**
 * A further part of an index, and the state that takes the place of `state`. Undefined where the index takes no more: it is
 * as it was, and is made anew when its segment is.
 * @throws BYTES_INVALID for a state that the rung did not write, INTERNAL where indexes of that rung do not change
 */
export function updateRung(
  index: string,
  key: Uint8Array,
  state: Uint8Array,
  changes: readonly KeywordChange[],
): BuiltRung | undefined {
  const update = Object.hasOwn(UPDATERS, index)
    ? UPDATERS[index as FurtherIndex['index']]
    : undefined;
  if (update === undefined) {
    throw new OpalineError('INTERNAL', { reason: `the index ${index} does not change` });
  }
  return update(key, state, changes);
}

function noBuilder(rung: Rung): OpalineError {
  return new OpalineError('NOT_YET_AVAILABLE', { feature: `the search index "${rung}"` });
}
