import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { OpalineError } from '../../errors/opaline-error.ts';

/** Make a rename or link durable. Windows cannot open a folder for this and needs it not. */
export async function syncFolder(folder: string): Promise<void> {
  let handle;
  try {
    handle = await open(folder, constants.O_RDONLY);
  } catch {
    return;
  }
  try {
    await handle.sync();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code !== 'EPERM' && code !== 'EINVAL' && code !== 'EISDIR') {
      throw new OpalineError('STORE_IO', { operation: 'syncing a folder', reason: code });
    }
  } finally {
    await handle.close();
  }
}
