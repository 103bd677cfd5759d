import { open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import type { LedgerFile } from '../../gate/release/ledger-file.ts';
import { lockFile } from '../../store/backends/file-lock.ts';
import { syncFolder } from '../../store/backends/sync-folder.ts';

/** How long somebody who is at work is waited for: a review of a large table takes seconds. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 20;

/** A ledger of releases in a folder. Mode 600 where it applies. */
export function ledgerFileAt(path: string): LedgerFile {
  return {
    name: basename(path),
    lock: () => lock(path),
    read: (from) => guarded(() => readFrom(path, from)),
    append: (bytes) => guarded(() => append(path, bytes)),
    truncate: (size) => guarded(() => truncate(path, size)),
  };
}

async function lock(path: string): Promise<AsyncDisposable> {
  const texts = {
    operation: 'locking the ledger of releases',
    held: (by: number) => new OpalineError('VAULT_LOCKED', { path, process: by }),
  };
  for (const begun = performance.now(); ; await delay(PAUSE_MS)) {
    try {
      return await lockFile(`${path}.lock`, texts);
    } catch (error) {
      const isOver = performance.now() - begun > PATIENCE_MS;
      if (!isOpalineError(error, 'VAULT_LOCKED') || isOver) throw error;
    }
  }
}

async function readFrom(path: string, from: number): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return new Uint8Array(0);
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.max(0, size - from));
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await file.read(bytes, at, bytes.length - at, from + at);
      if (bytesRead === 0) return bytes.subarray(0, at);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

async function append(path: string, bytes: Uint8Array): Promise<void> {
  const isNew = (await stat(path).catch(() => undefined)) === undefined;
  const file = await open(path, 'a', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  if (isNew) await syncFolder(dirname(path));
}

async function truncate(path: string, size: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(size);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function guarded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof OpalineError) throw error;
    const reason = systemCode(error);
    throw new OpalineError('STORE_IO', { operation: 'the ledger of releases', reason });
  }
}
