import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Make a rename or link durable. Windows cannot open a folder for this and needs it not.
 * @throws the system's error
 */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (!['EPERM', 'EACCES', 'EINVAL', 'EISDIR'].includes(String(code))) throw error;
  }
}

/**
 * Make a folder and those above it that are missing, each durable in the one that holds it.
 * @throws the system's error
 */
export async function makeFolder(folder: string, mode?: number): Promise<void> {
  const whole = resolve(folder);
  const first = await mkdir(whole, { recursive: true, ...(mode !== undefined && { mode }) });
  if (first === undefined) return;
  for (let made = whole; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}
