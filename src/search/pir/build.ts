import { sha256 } from '../../bytes/hash.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Postings } from '../postings.ts';
import type { BuiltRung } from '../rung.ts';
import { fillTable, type FilledTable } from './build/buckets.ts';
import { allocateLwe } from './lwe/format.ts';
import { chooseLayout, partBytes, widened, type Layout } from './lwe/layout.ts';
import { MOST_COLUMNS } from './lwe/parameters.ts';
import { writeHint } from './lwe/build/hint.ts';
import { listBytes } from './records.ts';
import { encodeState } from './state.ts';
import { pirKeys, wipeKeys, type PirKeys } from './token/keywords.ts';

/**
 * Build the table of one column of one segment. `key` is 32 bytes and belongs to this build alone.
 *
 * The part's size depends on how many keywords have lists of which length, rounded up; not on which keywords
 * these are. There is at least one keyword or none; the table of none answers like any other.
 * @throws REQUEST_TOO_LARGE where the lists need a larger table than LWE's error leaves room for
 * @throws INTERNAL where the key or the postings are not as they should be
 */
export function buildPir(key: Uint8Array, postings: Postings): BuiltRung {
  if (key.length !== 32) {
    throw new OpalineError('INTERNAL', { reason: 'pir: the key is not 32 bytes' });
  }
  const { rows } = postings;
  const keys = pirKeys(key);
  const { layout, filled } = fill(postings, keys);
  const { height, columns } = layout;
  const { part, table } = allocateLwe(rows, layout);
  for (let j = 0; j < columns; j++) {
    const sealed = filled.bucket(j);
    for (let r = 0; r < height; r++) table.matrix[r * columns + j] = sealed[r]!;
  }
  writeHint(table, keys.matrix);
  wipeKeys(keys);
  const state = { rows, layout, hintDigest: sha256(table.hint), stash: filled.stash };
  return { part, state: encodeState(state) };
}

function fill(postings: Postings, keys: PirKeys): { layout: Layout; filled: FilledTable } {
  const first = chooseLayout(lengths(postings));
  for (let layout: Layout | undefined = first; layout !== undefined; layout = widened(layout)) {
    const { height, columns } = layout;
    const shape = { height, buckets: columns, partBytes: partBytes(height) };
    const filled = fillTable(postings, keys, shape);
    if (filled !== undefined) return { layout, filled };
  }
  const what = 'the pir index of a segment';
  const size = first.height * first.columns;
  throw new OpalineError('REQUEST_TOO_LARGE', { what, size, limit: first.height * MOST_COLUMNS });
}

/** How many lists are of so many bytes. */
function lengths({ rows, keywords, starts }: Postings): Map<number, number> {
  const lists = new Map<number, number>();
  for (let i = 0; i < keywords.length; i++) {
    const length = listBytes(starts[i + 1]! - starts[i]!, rows);
    lists.set(length, (lists.get(length) ?? 0) + 1);
  }
  return lists;
}
