import { OpalineError } from '../../errors/opaline-error.ts';
import { KEYWORD_KIND } from '../keyword.ts';
import type { RungQuery, RungSource, VaultRung } from '../token-rung.ts';
import { blockOf, codeWords, prefixHigh, prefixLow } from './code.ts';
import { BLOCK_BITS, BLOCK_KEY_BYTES, encodeToken, type LeftCiphertext } from './format.ts';
import { type CodeRange, NULL_CODES, rangeCodes } from './range.ts';
import { decodeOreState, type OreState } from './state.ts';
import { type BlockSource, blockSource, entryKey } from './token/blocks.ts';

/** The token of a range of codes of a segment. */
export function rangeToken(
  key: Uint8Array,
  { blocks }: Pick<OreState, 'blocks'>,
  { low, high }: CodeRange,
): Uint8Array {
  const source = blockSource(key);
  return encodeToken({
    ...(low !== undefined && { low: encryptLeft(source, blocks, low) }),
    ...(high !== undefined && { high: encryptLeft(source, blocks, high) }),
  });
}

/**
 * An ore index in the hands of the vault.
 * @throws BYTES_INVALID for a state that was not written by `buildOre`
 */
export function openOre({ key, state }: Pick<RungSource, 'key' | 'state'>): VaultRung {
  const numbered = decodeOreState(state);
  return {
    token: (query) => {
      const codes = queryCodes(numbered, query);
      return codes === undefined ? NO_ROWS : rangeToken(key, numbered, codes);
    },
  };
}

function queryCodes(state: OreState, query: RungQuery): CodeRange | undefined {
  switch (query.kind) {
    case 'range':
      return rangeCodes(state, query.low, query.high);
    case 'keyword': {
      if (query.keyword[0] === KEYWORD_KIND.null) return NULL_CODES;
      const end = { value: query.keyword.subarray(1), inclusive: true };
      return rangeCodes(state, end, end);
    }
    case 'match':
      throw new OpalineError('INTERNAL', { reason: 'ore: asked for more than values' });
    default:
      return query satisfies never;
  }
}

/** That no row of the segment is in the range shows, and nothing else. */
const NO_ROWS = new Uint8Array(0);

/** Encrypt_L of Lewi–Wu, section 4. */
function encryptLeft(source: BlockSource, blocks: number, code: bigint): LeftCiphertext {
  const [low, high] = codeWords([code]) as unknown as [number, number];
  const entries = new Uint8Array(blocks);
  const keys = new Uint8Array(BLOCK_KEY_BYTES * blocks);
  for (let block = 0; block < blocks; block++) {
    const below = BLOCK_BITS * (blocks - 1 - block);
    const above = below + BLOCK_BITS;
    const prefix = Uint32Array.of(prefixLow(low, high, above), prefixHigh(high, above));
    const made = source.blocks(block, prefix);
    const entry = made.places[blockOf(low, high, below)]!;
    entries[block] = entry;
    keys.set(entryKey(made.keys, entry), BLOCK_KEY_BYTES * block);
    made.keys.fill(0);
  }
  return { keys, entries };
}
