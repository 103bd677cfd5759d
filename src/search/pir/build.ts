import { sha256 } from '../../bytes/hash.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Postings } from '../postings.ts';
import type { BuiltRung } from '../rung.ts';
import { writePolynomials } from './bfv/build/polynomials.ts';
import { allocateBfv } from './bfv/format.ts';
import { fillTable, type FilledTable } from './build/buckets.ts';
import { writeHint } from './lwe/build/hint.ts';
import { allocateLwe } from './lwe/format.ts';
import { listBytes, partBytes, type PirScheme } from './records.ts';
import { encodeState } from './state.ts';
import { choosePirLayout, sizesOf, widerLayout, type PirLayout } from './table.ts';
import { pirKeys, wipeKeys, type PirKeys } from './token/keywords.ts';

/**
 * Build the table of one column of one segment. `key` is 32 bytes and belongs to this build alone.
 *
 * The part's size depends on how many keywords have lists of which length, rounded up, and by a small chance on
 * where they fall; not on which keywords these are. The table of no keyword answers like any other.
 * @throws REQUEST_TOO_LARGE where the lists need a larger table than the scheme's error leaves room for
 * @throws INTERNAL where the key is not 32 bytes
 */
export function buildPir(key: Uint8Array, postings: Postings, scheme: PirScheme): BuiltRung {
  if (key.length !== 32) {
    throw new OpalineError('INTERNAL', { reason: 'pir: the key is not 32 bytes' });
  }
  const keys = pirKeys(key);
  const { layout, filled } = fill(postings, keys, scheme);
  const { part, hint } = write(postings.rows, layout, filled, keys);
  wipeKeys(keys);
  const { stash } = filled;
  const state = encodeState({ rows: postings.rows, layout, hintDigest: sha256(hint), stash });
  return { part, state };
}

function fill(
  postings: Postings,
  keys: PirKeys,
  scheme: PirScheme,
): { readonly layout: PirLayout; readonly filled: FilledTable } {
  let layout: PirLayout | undefined = choosePirLayout(scheme, lengths(postings));
  for (;;) {
    const { height, buckets, bytes } = sizesOf(layout);
    const filled = fillTable(postings, keys, { height, buckets, partBytes: partBytes(height) });
    if (filled !== undefined) return { layout, filled };
    layout = widerLayout(layout);
    if (layout === undefined) {
      const what = 'the pir index of a segment';
      throw new OpalineError('REQUEST_TOO_LARGE', { what, size: bytes + 1, limit: bytes });
    }
  }
}

function write(
  rows: number,
  layout: PirLayout,
  filled: FilledTable,
  keys: PirKeys,
): { readonly part: Uint8Array; readonly hint: Uint8Array } {
  if (layout.scheme === 'bfv') {
    const { part, table } = allocateBfv(rows, layout);
    writePolynomials(table, filled.bucket);
    return { part, hint: new Uint8Array(0) };
  }
  const { part, table } = allocateLwe(rows, layout);
  const { height, columns, matrix, hint } = table;
  for (let j = 0; j < columns; j++) {
    const sealed = filled.bucket(j);
    for (let r = 0; r < height; r++) matrix[r * columns + j] = sealed[r]!;
  }
  writeHint(table, keys.matrix);
  return { part, hint };
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
