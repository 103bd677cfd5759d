import { deriveKey } from '../../../bytes/hash.ts';
import { cmacMany } from './cmac.ts';
import { TOKEN_BYTES } from '../format.ts';

/** What a keyword of a column stands for; the first byte after the counter that is MACed. */
export const KEYWORD = { value: 0, null: 1, node: 2, edge: 3 } as const;
export type KeywordKind = (typeof KEYWORD)[keyof typeof KEYWORD];

/** counter u8 | kind u8 | column u16: with AES's block it leaves 12 bytes for a short value. */
const PREFIX = 4;
const NO_CONTENT = new Uint8Array(0);

/**
 * The PRF from keywords to keys. Its key is the segment's, so equal values of two segments have
 * unrelated tokens, and a token tells nothing of segments appended later.
 */
export function keywordKey(segmentKey: Uint8Array): Uint8Array {
  return deriveKey(segmentKey, 'opaline/sse/keyword');
}

/**
 * The 32-byte keys of many keywords of one kind and column, one after the other.
 *
 * NIST SP 800-108r1, section 4.1 (KDF in counter mode) with AES-256-CMAC: key = CMAC(1 ‖ kind ‖
 * column ‖ content) ‖ CMAC(2 ‖ …). Kind and column have fixed widths and content ends the message, so
 * different keywords are different messages. CMAC is a PRF up to the birthday bound (Iwata–Kurosawa,
 * FSE 2003): with σ blocks MACed under one segment's key an advantage near σ²/2^128, below 2^-80 for
 * 2^23 blocks. No collision of a hash can merge two keywords, since nothing is hashed.
 */
export function keywordTokens(
  key: Uint8Array,
  kind: KeywordKind,
  column: number,
  contents: readonly Uint8Array[],
): Uint8Array {
  const starts = new Uint32Array(2 * contents.length + 1);
  for (let i = 0; i < contents.length; i++) {
    const size = PREFIX + contents[i]!.length;
    starts[2 * i + 1] = starts[2 * i]! + size;
    starts[2 * i + 2] = starts[2 * i + 1]! + size;
  }
  const data = new Uint8Array(starts[2 * contents.length]!);
  for (let message = 0; message < 2 * contents.length; message++) {
    const at = starts[message]!;
    const content = contents[message >>> 1]!;
    data[at] = 1 + (message & 1);
    data[at + 1] = kind;
    data[at + 2] = column & 0xff;
    data[at + 3] = column >>> 8;
    for (let b = 0; b < content.length; b++) data[at + PREFIX + b] = content[b]!;
  }
  return cmacMany(key, data, starts);
}

/** The key of one keyword. */
export function keywordToken(
  key: Uint8Array,
  kind: KeywordKind,
  column: number,
  content: Uint8Array = NO_CONTENT,
): Uint8Array {
  return keywordTokens(key, kind, column, [content]);
}

/** Key number i of what `keywordTokens` returned; a view. */
export function tokenAt(tokens: Uint8Array, i: number): Uint8Array {
  return tokens.subarray(i * TOKEN_BYTES, (i + 1) * TOKEN_BYTES);
}

/** The content of a range node's keyword: level u8, index u32. */
export function nodeContent(level: number, index: number): Uint8Array {
  return Uint8Array.of(level, index, index >>> 8, index >>> 16, index >>> 24);
}

/** The content of an edge block's keyword: its number, u32. */
export function blockContent(block: number): Uint8Array {
  return Uint8Array.of(block, block >>> 8, block >>> 16, block >>> 24);
}
