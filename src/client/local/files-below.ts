import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';

/**
 * The files in a folder of a vault and in those below it, by their paths with slashes from the vault's folder: those of
 * which `isOne` tells. Whoever writes to them is to be kept waiting meanwhile.
 * @throws STORE_IO
 */
export async function filesBelow(
  vault: string,
  folder: string,
  isOne: (path: string) => boolean,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const place = join(vault, folder);
  try {
    const found = await readdir(place, { recursive: true, withFileTypes: true });
    for (const entry of found) {
      if (!entry.isFile()) continue;
      const at = join(entry.parentPath, entry.name);
      const path = `${folder}${at.slice(place.length)}`.replaceAll('\\', '/');
      if (isOne(path)) files.set(path, await readFile(at));
    }
  } catch (error) {
    const reason = systemCode(error);
    throw new OpalineError('STORE_IO', { operation: `reading the vault’s ${folder}`, reason });
  }
  return files;
}
