import { deriveKey, keyedHmac } from '../../../bytes/hash.ts';
import { wipe } from '../../../bytes/compare.ts';

/** What a keyword of a column stands for: the first byte that is MACed. */
export const KEYWORD = {
  value: 0,
  null: 1,
  node: 2,
  edge: 3,
  token: 4,
  prefix: 5,
  gram: 6,
  pad: 7,
} as const;
export type KeywordKind = (typeof KEYWORD)[keyof typeof KEYWORD];

/** kind u8 | column u16 */
const PREFIX = 3;
const NO_CONTENT = new Uint8Array(0);

/** The PRF from the keywords of one segment to their keys, the tokens; to be destroyed after use. */
export interface KeywordPrf {
  /** 32 bytes: in `into` if it is given, else in an array of its own. */
  token(kind: KeywordKind, column: number, content?: Uint8Array, into?: Uint8Array): Uint8Array;
  destroy(): void;
}

/**
 * HMAC-SHA-256 (RFC 2104), a PRF if SHA-256's compression function is one (Bellare, CRYPTO 2006),
 * under a key derived from the segment's for this use alone: equal values of two segments have
 * unrelated tokens, and a token tells nothing of segments appended later.
 */
export function keywordPrf(segmentKey: Uint8Array): KeywordPrf {
  const key = deriveKey(segmentKey, 'opaline/sse/keyword');
  const mac = keyedHmac(key);
  wipe(key);
  return {
    token: (kind, column, content = NO_CONTENT, into) =>
      mac(keywordBytes(kind, column, content), into),
    destroy: mac.destroy,
  };
}

/**
 * A keyword as the message that is MACed. Kind and column (u16, little-endian) have fixed widths and
 * the content ends the message, so different keywords are different messages.
 */
export function keywordBytes(kind: KeywordKind, column: number, content: Uint8Array): Uint8Array {
  const message = new Uint8Array(PREFIX + content.length);
  message[0] = kind;
  message[1] = column & 0xff;
  message[2] = column >>> 8;
  for (let b = 0; b < content.length; b++) message[PREFIX + b] = content[b]!;
  return message;
}

/** The content of a range node's keyword: level u8, index u32. */
export function nodeContent(level: number, index: number): Uint8Array {
  return Uint8Array.of(level, index, index >>> 8, index >>> 16, index >>> 24);
}

/** The content of an edge block's keyword: its number, u32. */
export function blockContent(block: number): Uint8Array {
  return Uint8Array.of(block, block >>> 8, block >>> 16, block >>> 24);
}
