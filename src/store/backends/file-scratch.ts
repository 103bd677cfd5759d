import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomId } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import type { Scratch } from '../backend.ts';

const ABANDONED_AFTER_MS = 24 * 3_600_000;
const ID = /^[0-9a-f]{32}$/;

/**
 * Scratch in a store's folder, which every machine of a cluster mounts: a folder for each query. Not
 * synced: a crash ends the query.
 */
export class FileScratch implements Scratch {
  private readonly root: string;
  private readonly folder: string;

  constructor(root: string) {
    this.root = root;
    this.folder = join(root, 'scratch');
  }

  async identity(): Promise<string> {
    const path = join(this.root, 'store.id');
    const aside = `${path}.${randomId()}.tmp`;
    try {
      await writeFile(aside, randomId());
      // Of several that start at once one makes it, and all read that.
      await link(aside, path).catch(() => undefined);
      const id = await readFile(path, 'utf8');
      if (ID.test(id)) return id;
    } catch (error) {
      return failed('reading store.id', error);
    } finally {
      await rm(aside, { force: true });
    }
    throw new OpalineError('STORE_IO', { operation: 'reading store.id', reason: 'damaged' });
  }

  async openScratch(query: string): Promise<void> {
    try {
      await mkdir(this.path(query), { recursive: true });
    } catch (error) {
      failed('making room for intermediate results', error);
    }
  }

  async writeScratch(query: string, id: string, bytes: Uint8Array): Promise<void> {
    // Two workers may be at one job, when the first was taken for dead.
    const aside = this.path(query, `${id}.${randomId()}.tmp`);
    try {
      await writeFile(aside, bytes);
      await rename(aside, this.path(query, id));
    } catch (error) {
      await rm(aside, { force: true });
      if (systemCode(error) === 'ENOENT') throw new OpalineError('ABORTED', {});
      failed('writing an intermediate result', error);
    }
  }

  async readScratch(query: string, id: string): Promise<Uint8Array> {
    try {
      return await readFile(this.path(query, id));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') throw new OpalineError('PART_MISSING', { part: id });
      return failed('reading an intermediate result', error);
    }
  }

  async closeScratch(query: string): Promise<void> {
    // A worker that has not heard yet may write while the folder is being emptied.
    await rm(this.path(query), { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }

  async sweepScratch(): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const path = join(this.folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) {
        await rm(path, { recursive: true, force: true });
      }
    }
  }

  private path(...names: string[]): string {
    return join(this.folder, ...names);
  }
}

function failed(operation: string, error: unknown): never {
  const reason = systemCode(error);
  if (reason === 'ENOSPC' || reason === 'EDQUOT') {
    throw new OpalineError('STORE_FULL', { store: 'folder' });
  }
  throw new OpalineError('STORE_IO', { operation, reason });
}
