import type { FileHandle } from 'node:fs/promises';
import type { AsyncBuffer } from 'hyparquet';
import type { OpenParquetFile } from './parquet-file.ts';
import { checkAbort } from './reading.ts';
import { openFile, readInto } from './text-file.ts';

/** Opens a file of `bytes` bytes by its path. Throws INPUT_NOT_FOUND. */
export async function openParquetPath(
  path: string,
  bytes: number,
  signal: AbortSignal | undefined,
): Promise<OpenParquetFile> {
  const handle = await openFile(path);
  return { buffer: asyncBuffer(handle, path, bytes, signal), close: () => handle.close() };
}

/** The file as hyparquet reads it. Throws ABORTED, INPUT_NOT_FOUND, RangeError outside the file. */
function asyncBuffer(
  file: FileHandle,
  path: string,
  bytes: number,
  signal: AbortSignal | undefined,
): AsyncBuffer {
  return {
    byteLength: bytes,
    async slice(start, end = bytes) {
      checkAbort(signal);
      if (!(start >= 0 && start <= end && end <= bytes)) throw new RangeError('outside the file');
      const target = new Uint8Array(end - start);
      for (let filled = 0; filled < target.length;) {
        const read = await readInto(file, path, target.subarray(filled), start + filled);
        if (read === 0) throw new RangeError('the file became shorter');
        filled += read;
      }
      checkAbort(signal);
      return target.buffer;
    },
  };
}
