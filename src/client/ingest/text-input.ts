/** Text that is read block by block, from a file by its path or from one that a page was given. */
export interface TextInput {
  /** For messages, and for the name of a table. */
  readonly path: string;
  /** Size in all. */
  readonly bytes: number;
  /**
   * Its UTF-8 in blocks of about 256 KiB that split no character, without a byte order mark. Each call reads
   * anew. Throws INPUT_NOT_FOUND, ABORTED, NotUtf8.
   */
  blocks(signal?: AbortSignal): AsyncIterable<TextBlock>;
}

export interface TextBlock {
  readonly text: string;
  /** Bytes read so far, this block included. */
  readonly bytes: number;
}

export const BLOCK_BYTES: number = 1 << 18;
export const NEWLINE = 10;
export const BYTE_ORDER_MARK = '\ufeff';

/** Thrown in place of text; readers turn it into their own error. */
export class NotUtf8 extends Error {
  override readonly name = 'NotUtf8';
  /** Line of the first bad byte, from 1. */
  readonly line: number;

  constructor(line: number) {
    super('not UTF-8');
    this.line = line;
  }
}

/** Length of the longest prefix of `bytes` that does not stop inside a UTF-8 sequence. */
export function wholeCharacters(bytes: Uint8Array, length: number): number {
  for (let back = 1; back <= Math.min(4, length); back++) {
    const byte = bytes[length - back]!;
    if (byte < 0x80) return length;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? length - back : length;
    }
  }
  return length;
}
