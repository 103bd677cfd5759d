import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { randomId } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';

/** What a killed process left half-written is removed after this long. */
const ABANDONED_AFTER_MS = 3_600_000;
/** Room is made for more than the part at hand, so that not every part has to look for some. */
const FREED_AT_ONCE = 0.1;

/**
 * Copies of a remote store's parts in a folder: what was used longest ago goes first. Parts never
 * change, so a copy is never stale. Several threads and processes may share the folder.
 */
export class PartCache {
  private readonly folder: string;
  private readonly limit: number;
  private readonly loading = new Map<string, Promise<void>>();
  /** Bytes in the folder as of the last look, and what was added since. */
  private held: number | undefined;

  /** `limit` in bytes; one part may exceed it. */
  constructor(folder: string, limit: number) {
    this.folder = folder;
    this.limit = limit;
  }

  /** Bytes [offset, offset + length) of a part, fewer where it ends; `load` brings what is not here. */
  async read(
    table: string,
    part: string,
    load: () => Promise<Uint8Array>,
    offset = 0,
    length?: number,
  ): Promise<Uint8Array> {
    return await this.opened(table, part, load, async (handle) => {
      const size = (await handle.stat()).size;
      const end = Math.min(size, offset + (length ?? size));
      const bytes = new Uint8Array(Math.max(0, end - offset));
      let done = 0;
      while (done < bytes.length) {
        const { bytesRead } = await handle.read(bytes, done, bytes.length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    });
  }

  async size(table: string, part: string, load: () => Promise<Uint8Array>): Promise<number> {
    return await this.opened(table, part, load, async (handle) => (await handle.stat()).size);
  }

  private async opened<T>(
    table: string,
    part: string,
    load: () => Promise<Uint8Array>,
    use: (handle: Awaited<ReturnType<typeof open>>) => Promise<T>,
  ): Promise<T> {
    const path = join(this.folder, table, part);
    try {
      // Another process may make room with the very part that was just brought.
      for (let tries = 0; ; tries++) {
        const handle = await open(path, 'r').catch((error: unknown) => {
          if (systemCode(error) === 'ENOENT' && tries < MOST_TRIES) return undefined;
          throw error;
        });
        if (handle === undefined) {
          await this.bring(table, part, load);
          continue;
        }
        try {
          return await use(handle);
        } finally {
          await handle.close();
        }
      }
    } catch (error) {
      if (error instanceof OpalineError) throw error;
      throw cacheFailed(error);
    }
  }

  /** Once for all who wait for the part. */
  private async bring(table: string, part: string, load: () => Promise<Uint8Array>): Promise<void> {
    const key = `${table}/${part}`;
    let running = this.loading.get(key);
    if (running === undefined) {
      running = load()
        .then((bytes) => this.keep(table, part, bytes))
        .finally(() => this.loading.delete(key));
      this.loading.set(key, running);
    }
    await running;
  }

  private async keep(table: string, part: string, bytes: Uint8Array): Promise<void> {
    await this.makeRoom(bytes.length);
    const folder = join(this.folder, table);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const aside = join(folder, `${part}.${randomId()}.tmp`);
    try {
      const handle = await open(aside, 'wx');
      try {
        await handle.writeFile(bytes);
        // Half a part under its name after a crash would be taken for the store's damage.
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(aside, join(folder, part));
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
  }

  private async makeRoom(wanted: number): Promise<void> {
    if (this.held !== undefined && this.held + wanted <= this.limit) {
      this.held += wanted;
      return;
    }
    const files = await this.files();
    let held = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const most = this.limit - wanted;
    if (held > most) {
      files.sort((a, b) => a.used - b.used);
      for (const { path, bytes } of files) {
        if (held <= Math.max(0, most - this.limit * FREED_AT_ONCE)) break;
        await rm(path, { force: true });
        held -= bytes;
      }
    }
    this.held = held + wanted;
  }

  private async files(): Promise<{ path: string; bytes: number; used: number }[]> {
    const found: { path: string; bytes: number; used: number }[] = [];
    for (const table of await readdir(this.folder).catch(() => [])) {
      for (const name of await readdir(join(this.folder, table)).catch(() => [])) {
        const path = join(this.folder, table, name);
        const about = await stat(path).catch(() => undefined);
        if (about === undefined || !about.isFile()) continue;
        if (name.endsWith('.tmp')) {
          if (Date.now() - about.mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
          continue;
        }
        found.push({ path, bytes: about.size, used: about.mtimeMs });
      }
    }
    return found;
  }

  /** A part was used: it goes later than others. */
  async touch(table: string, part: string): Promise<void> {
    const now = new Date();
    await utimes(join(this.folder, table, part), now, now).catch(() => undefined);
  }
}

const MOST_TRIES = 3;

function cacheFailed(error: unknown): OpalineError {
  const reason = systemCode(error);
  return reason === 'ENOSPC' || reason === 'EDQUOT'
    ? new OpalineError('STORE_FULL', { store: 'cache' })
    : new OpalineError('STORE_IO', { operation: 'the cache of parts', reason });
}
