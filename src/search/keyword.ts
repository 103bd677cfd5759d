/** What a keyword stands for; its first byte. */
export const KEYWORD_KIND = { value: 0, null: 1, token: 2, prefix: 3, gram: 4, pad: 5 } as const;
export type KeywordKind = (typeof KEYWORD_KIND)[keyof typeof KEYWORD_KIND];

/**
 * A keyword as the constructions take it: one byte of its kind, then the canonical bytes of the value, or
 * UTF-8 of a document's token, a prefix or a gram. NULL has no content.
 * `pad` stands for nothing that can be asked for: its content is a number. A column's keywords are told from
 * another's by the key, which belongs to one column of one segment.
 */
export function keyword(kind: KeywordKind, content: Uint8Array = NOTHING): Uint8Array {
  const bytes = new Uint8Array(1 + content.length);
  bytes[0] = kind;
  bytes.set(content, 1);
  return bytes;
}

const NOTHING = new Uint8Array(0);
