import { openBytes, sealBytes } from '../../bytes/aead.ts';
import { Reader, Writer } from '../../bytes/codec.ts';
import { type FrameType, frame, unframe } from '../../bytes/framing.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { KeptFile } from './kept-file.ts';

/** A small file of the vault, sealed under a key of its own: AES-256-GCM bound to its frame. */
export interface SealedFile {
  readonly file: KeptFile;
  readonly key: Uint8Array;
  readonly type: FrameType;
}

/** Replace the content; a crash leaves the old or the new one. */
export async function writeSealedFile(
  { file, key, type }: SealedFile,
  content: Writer,
): Promise<void> {
  const header = frame(type).finish();
  const sealed = sealBytes(key, content.finish(), header);
  await file.replace(new Writer().raw(header).raw(sealed).finish());
}

/**
 * The content as `read` decodes it.
 * @throws VAULT_CORRUPT when the file cannot be read, was altered, or is another file
 */
export async function readSealedFile<T>(
  { file, key, type }: SealedFile,
  read: (reader: Reader) => T,
): Promise<T> {
  const { vault, name } = file;
  const corrupt = (reason: string): OpalineError =>
    new OpalineError('VAULT_CORRUPT', { path: vault, reason });
  let bytes: Uint8Array;
  try {
    bytes = await file.read();
  } catch {
    throw corrupt(`${name} cannot be read`);
  }
  try {
    const outer = unframe(bytes, type, name);
    const header = bytes.subarray(0, outer.offset);
    const reader = new Reader(openBytes(key, outer.raw(outer.remaining), header, name), name);
    const content = read(reader);
    reader.end();
    return content;
  } catch (error) {
    if (error instanceof OpalineError && error.code === 'BYTES_INVALID') {
      throw corrupt(error.message);
    }
    throw error;
  }
}
