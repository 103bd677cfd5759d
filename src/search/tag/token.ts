import { Reader, Writer } from '../../bytes/codec.ts';
import { equalBytes } from '../../bytes/compare.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import type { RungSource, VaultRung } from '../token-rung.ts';
import { QUERY_BYTES, SEALED_BYTES } from './format.ts';
import { decodeTagState } from './state.ts';
import { identitySeal } from './token/seal.ts';
import { type Tagged, tagger } from './token/tagger.ts';

/**
 * What the store is asked for the rows of a keyword: its tag, which other keywords have too.
 * @throws BYTES_INVALID for a state that was not written by `buildTags`
 */
export function tagQuery(key: Uint8Array, state: Uint8Array, keyword: Uint8Array): Uint8Array {
  const { tag } = tagged(key, decodeTagState(state).bits, keyword);
  return new Writer(QUERY_BYTES).u32(tag).finish();
}

/**
 * The rows of a keyword, ascending: of the candidates in the store's reply, those whose sealed value is it. They are
 * exact, so that NOT of them is as well. The reply must be whole: all candidates of the tag and no other.
 * @throws BYTES_INVALID for a reply that is not what was stored
 */
export function openTagReply(
  key: Uint8Array,
  state: Uint8Array,
  keyword: Uint8Array,
  reply: Uint8Array | undefined,
): Uint32Array {
  const { rows, bits, occupied } = decodeTagState(state);
  const { tag, identity } = tagged(key, bits, keyword);
  const reader = new Reader(reply ?? NOTHING, 'tag reply');
  const found = reader.count(4 + SEALED_BYTES, rows);
  const candidates = reader.raw(4 * found);
  const sealed = reader.raw(SEALED_BYTES * found);
  reader.end();
  const expected = ((occupied[tag >>> 3]! >>> (tag & 7)) & 1) === 1;
  if (expected !== found > 0) reader.fail('the rows of the tag are missing');
  const view = new DataView(candidates.buffer, candidates.byteOffset, candidates.byteLength);
  const kept: number[] = [];
  const seal = identitySeal(key);
  for (let i = 0, before = -1; i < found; i++) {
    const row = view.getUint32(4 * i, true);
    if (row <= before || row >= rows) reader.fail('rows are not in order');
    before = row;
    const place = { row, tag, position: i, of: found };
    const opened = seal.open(sealed.subarray(SEALED_BYTES * i, SEALED_BYTES * (i + 1)), place);
    if (equalBytes(opened, identity)) kept.push(row);
  }
  seal.destroy();
  return Uint32Array.from(kept);
}

/**
 * A tag index in the hands of the vault.
 * @throws BYTES_INVALID for a state that was not written by `buildTags`
 */
export function openTags({ key, state, part }: Omit<RungSource, 'index' | 'rows'>): VaultRung {
  decodeTagState(state);
  return {
    lookup: async (query, ask) => {
      if (query.kind !== 'keyword') {
        throw new OpalineError('INTERNAL', { reason: 'tag: asked for more than a value' });
      }
      const [reply] = await ask([tagQuery(key, state, query.keyword)]);
      try {
        return openTagReply(key, state, query.keyword, reply);
      } catch (error) {
        if (!isOpalineError(error, 'BYTES_INVALID')) throw error;
        throw new OpalineError('PART_CORRUPT', { part, reason: 'its answer is not of this index' });
      }
    },
  };
}

const NOTHING = new Uint8Array(0);

function tagged(key: Uint8Array, bits: number, keyword: Uint8Array): Tagged {
  const tags = tagger(key, bits);
  const found = tags.of(keyword);
  tags.destroy();
  return found;
}
