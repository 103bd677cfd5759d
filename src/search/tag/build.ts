import { wordsOf } from '../../bytes/codec.ts';
import { randomBytes } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { type Postings, rowsOf } from '../postings.ts';
import type { RungInput } from '../rung-input.ts';
import type { BuiltRung } from '../rung.ts';
import { segmentTag } from './bits.ts';
import { encodeTags, MAX_BITS, MAX_ROWS, SEALED_BYTES } from './format.ts';
import { encodeTagState, occupiedBytes } from './state.ts';
import { identitySeal } from './token/seal.ts';
import { noIdentity, type Tagged, tagger } from './token/tagger.ts';

/**
 * Tags of `bits` bits beside sealed values for every row of a segment. A row has one keyword; one that has none, the
 * place of an erased row, gets a random tag. `key` is 32 bytes and of this build alone.
 * @throws INTERNAL when a row has two keywords or the arguments are out of range
 */
export function buildTags(key: Uint8Array, postings: Postings, bits: number): BuiltRung {
  const { rows } = postings;
  if (key.length !== 32) invalid('the key is not 32 bytes');
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS) invalid('row count out of range');
  if (!Number.isInteger(bits) || bits < 0 || bits > MAX_BITS) invalid('tag length out of range');
  const tags = tagger(key, bits);
  const keywords = postings.keywords.map((keyword) => tags.of(keyword));
  tags.destroy();
  const { tagOf, keywordOf } = byRow(postings, keywords, bits);
  const { starts, members } = sortByTag(tagOf, bits);
  const sealed = new Uint8Array(SEALED_BYTES * rows);
  const seal = identitySeal(key);
  const none = noIdentity();
  for (let i = 0; i < rows; i++) {
    const row = members[i]!;
    const tag = tagOf[row]!;
    const place = { row, tag, position: i - starts[tag]!, of: starts[tag + 1]! - starts[tag]! };
    const identity = keywords[keywordOf[row]!]?.identity ?? none;
    seal.seal(identity, place, sealed, SEALED_BYTES * i);
  }
  seal.destroy();
  return {
    part: encodeTags({ rows, bits, starts, members, sealed }),
    state: encodeTagState({ rows, bits, occupied: occupation(starts, bits) }),
  };
}

/**
 * As the registry of rungs wants it: tags of the schema's length or shorter ones, where the segment's rows or values are few.
 * Throws the same.
 */
export function buildTagRung(
  key: Uint8Array,
  { rows, postings }: RungInput,
  { bits }: { readonly bits?: number },
): BuiltRung {
  const distinct = postings.keywords.length;
  return buildTags(key, postings, segmentTag({ rows, distinct }, bits));
}

function byRow(
  postings: Postings,
  keywords: readonly Tagged[],
  bits: number,
): { tagOf: Uint32Array; keywordOf: Int32Array } {
  const { rows } = postings;
  const keywordOf = new Int32Array(rows).fill(-1);
  for (let k = 0; k < keywords.length; k++) {
    for (const row of rowsOf(postings, k)) {
      if (keywordOf[row] !== -1) invalid('a row is out of range or has two keywords');
      keywordOf[row] = k;
    }
  }
  const tagOf = new Uint32Array(rows);
  keywordOf.forEach((k, row) => {
    tagOf[row] = k === -1 ? randomTag(bits) : keywords[k]!.tag;
  });
  return { tagOf, keywordOf };
}

function randomTag(bits: number): number {
  return wordsOf(randomBytes(4))[0]! % 2 ** bits;
}

/** Counting sort: rows stay ascending within a tag. */
function sortByTag(
  tagOf: Uint32Array,
  bits: number,
): { starts: Uint32Array; members: Uint32Array } {
  const starts = new Uint32Array(2 ** bits + 1);
  for (const tag of tagOf) starts[tag + 1]! += 1;
  for (let tag = 0; tag < 2 ** bits; tag++) starts[tag + 1]! += starts[tag]!;
  const next = starts.slice();
  const members = new Uint32Array(tagOf.length);
  tagOf.forEach((tag, row) => {
    members[next[tag]!++] = row;
  });
  return { starts, members };
}

function occupation(starts: Uint32Array, bits: number): Uint8Array {
  const occupied = new Uint8Array(occupiedBytes(bits));
  for (let tag = 0; tag < 2 ** bits; tag++) {
    if (starts[tag + 1]! > starts[tag]!) occupied[tag >>> 3]! |= 1 << (tag & 7);
  }
  return occupied;
}

function invalid(reason: string): never {
  throw new OpalineError('INTERNAL', { reason: `tag: ${reason}` });
}
