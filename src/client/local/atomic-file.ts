import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { randomId } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { syncFolder } from '../../store/backends/sync-folder.ts';
import type { KeptFile } from './kept-file.ts';

/**
 * Replace a file's content so that a crash leaves the old or the new one. Mode 600 where it applies.
 * @throws STORE_IO naming the operation
 */
export async function writeAtomic(
  path: string,
  bytes: Uint8Array,
  operation = 'writing to the vault',
): Promise<void> {
  const aside = `${path}.${randomId()}.tmp`;
  try {
    const file = await open(aside, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    if (error instanceof OpalineError) throw error;
    const reason = systemCode(error);
    throw new OpalineError('STORE_IO', { operation, reason });
  }
}

/** A file in a vault's folder. */
export function fileAt(path: string): KeptFile {
  return {
    vault: dirname(path),
    name: basename(path),
    read: () => readFile(path),
    replace: (bytes) => writeAtomic(path, bytes),
  };
}
