import { isAscii, isUtf8 } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { OpalineError } from '../../errors/opaline-error.ts';
import { checkAbort } from './reading.ts';
import {
  BLOCK_BYTES,
  BYTE_ORDER_MARK,
  NEWLINE,
  NotUtf8,
  type TextBlock,
  wholeCharacters,
} from './text-input.ts';

/**
 * The text of a UTF-8 file in blocks of about 256 KiB that split no character; a byte order mark is
 * dropped. Throws INPUT_NOT_FOUND, ABORTED, NotUtf8.
 */
export async function* textBlocks(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<TextBlock, void, undefined> {
  await using file = await openFile(path);
  const block = Buffer.allocUnsafe(BLOCK_BYTES + 4);
  let carried = 0;
  let bytes = 0;
  for (;;) {
    checkAbort(signal);
    const read = await readInto(file, path, block.subarray(carried, carried + BLOCK_BYTES), bytes);
    checkAbort(signal);
    const filled = carried + read;
    const whole = block.subarray(0, read === 0 ? filled : wholeCharacters(block, filled));
    if (!isUtf8(whole)) throw new NotUtf8(await badLine(file, path, bytes - carried, whole));
    bytes += read;
    if (whole.length > 0) {
      const text = whole.toString(isAscii(whole) ? 'latin1' : 'utf8');
      const marked = bytes === filled && text.startsWith(BYTE_ORDER_MARK);
      yield { text: marked ? text.slice(1) : text, bytes };
    }
    if (read === 0) return;
    carried = block.copy(block, 0, whole.length, filled);
  }
}

/** Opens a file for reading. Throws INPUT_NOT_FOUND. */
export async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new OpalineError('INPUT_NOT_FOUND', { path }, { cause });
  }
}

/** Bytes read into `target` from an offset of the file; 0 at its end. Throws INPUT_NOT_FOUND. */
export async function readInto(
  file: FileHandle,
  path: string,
  target: Uint8Array,
  offset: number,
): Promise<number> {
  try {
    return (await file.read(target, 0, target.length, offset)).bytesRead;
  } catch (cause) {
    throw new OpalineError('INPUT_NOT_FOUND', { path }, { cause });
  }
}

/** The line of the first byte that is not UTF-8, given the block that holds it and its offset. */
async function badLine(
  file: FileHandle,
  path: string,
  offset: number,
  block: Buffer,
): Promise<number> {
  let line = 1;
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  for (let at = 0; at < offset;) {
    const part = buffer.subarray(0, Math.min(BLOCK_BYTES, offset - at));
    const read = await readInto(file, path, part, at);
    if (read === 0) break;
    for (let i = 0; i < read; i++) if (part[i] === NEWLINE) line++;
    at += read;
  }
  for (let from = 0; ; line++) {
    const newline = block.indexOf(NEWLINE, from);
    if (newline < 0 || !isUtf8(block.subarray(from, newline))) return line;
    from = newline + 1;
  }
}
