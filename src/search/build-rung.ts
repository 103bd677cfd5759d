import { OpalineError } from '../errors/opaline-error.ts';
import type { FurtherIndex, Rung } from '../table/search-index.ts';
import type { RungInput } from './rung-input.ts';
import type { BuiltRung } from './rung.ts';

/** Builds an index of one column of one segment under a key of its own, 32 bytes. */
type Builder<I extends FurtherIndex> = (key: Uint8Array, input: RungInput, index: I) => BuiltRung;

type Builders = { readonly [I in FurtherIndex as I['index']]?: Builder<I> };

/** A rung's `build` stands here once it is there. */
const BUILDERS: Builders = {};

/**
 * The index that a schema names for a column.
 * @throws what the rung refuses the column for
 */
export function buildRung(index: FurtherIndex, key: Uint8Array, input: RungInput): BuiltRung {
  const build = BUILDERS[index.index] as Builder<FurtherIndex> | undefined;
  if (build === undefined) throw noBuilder(index.index);
  return build(key, input, index);
}

function noBuilder(rung: Rung): OpalineError {
  return new OpalineError('NOT_YET_AVAILABLE', { feature: `the search index "${rung}"` });
}
