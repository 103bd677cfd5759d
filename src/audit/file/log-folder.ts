import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { randomId } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { makeFolder, syncFolder } from '../../store/backends/sync-folder.ts';
import { CHECKPOINT_PATH, type LogSource } from '../log-source.ts';

const ASIDE = /^tmp-[0-9a-f]{32}$/;
/** No file of a log is larger; a bundle of 256 entries of 65,535 bytes has 16 MB. */
const MOST_BYTES = 1 << 28;

/** A log's files in a folder of their own. Paths are those of LogSource, with slashes. */
export class LogFolder implements LogSource {
  readonly root: string;
  /** Folders that are known to be on the disk, with those above them. */
  private readonly durable = new Set<string>();

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** @throws LOG_NOT_FOUND unless the folder holds a checkpoint */
  static async open(root: string): Promise<LogFolder> {
    const folder = new LogFolder(root);
    if ((await folder.read(CHECKPOINT_PATH)) !== undefined) return folder;
    throw new OpalineError('LOG_NOT_FOUND', { path: root });
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return await io('reading the audit log', async () => {
      try {
        await using file = await open(join(this.root, path), 'r');
        const { size } = await file.stat();
        if (size > MOST_BYTES) {
          const limit = MOST_BYTES;
          throw new OpalineError('REQUEST_TOO_LARGE', { what: `${path}, in bytes,`, size, limit });
        }
        return new Uint8Array(await file.readFile());
      } catch (error) {
        if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemCode(error))) return undefined;
        throw error;
      }
    });
  }

  async paths(): Promise<readonly string[]> {
    return await this.below('');
  }

  /** The paths of the files in a folder of the log and in those below it; none where it is missing. */
  async below(path: string): Promise<string[]> {
    const found: string[] = [];
    const entries = await io('listing the audit log', () =>
      readdir(join(this.root, path), { withFileTypes: true }),
    ).catch(missing);
    for (const entry of entries) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) found.push(...(await this.below(inner)));
      else found.push(inner);
    }
    return found;
  }

  /**
   * Replace files, each by a whole one: written aside, synced, renamed, in the order given; then their folders are
   * synced. When it resolves they are on the disk; when it does not, each is the old one or the new one.
   */
  async write(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const folders = new Set<string>();
    for (const [path, bytes] of files) {
      const target = join(this.root, path);
      const folder = dirname(target);
      if (!folders.has(folder)) await this.provide(folder);
      folders.add(folder);
      await this.replace(target, bytes);
    }
    for (const folder of folders) await this.sync(folder);
  }

  /** Make a folder, durable with those above it: another writer may have died between making and syncing it. */
  private async provide(folder: string): Promise<void> {
    if (this.durable.has(folder)) return;
    await io('creating a folder of the audit log', () => makeFolder(folder, 0o700));
    for (let at = folder; at !== this.root; at = dirname(at)) await this.sync(dirname(at));
    this.durable.add(folder);
  }

  async has(path: string): Promise<boolean> {
    const found = await stat(join(this.root, path)).catch(() => undefined);
    return found?.isFile() === true;
  }

  /** Sync the folder that holds the checkpoint: a rename that was seen may not be on the disk. */
  async sync(folder: string = this.root): Promise<void> {
    await io('writing the audit log', () => syncFolder(folder));
  }

  private async replace(target: string, bytes: Uint8Array): Promise<void> {
    const aside = join(this.root, `tmp-${randomId()}`);
    try {
      await io('writing the audit log', async () => {
        const file = await open(aside, 'wx', 0o600);
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(aside, target);
      });
    } catch (error) {
      await rm(aside, { force: true }).catch(() => undefined);
      // A rename may take place and be reported as failed.
      const found = await readFile(target).catch(() => undefined);
      if (found === undefined || !found.equals(bytes)) throw error;
    }
  }

  /** Remove files; that it is on the disk follows with the next write to their folders, or never. */
  async remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      await io('tidying the audit log', () => rm(join(this.root, path), { force: true }));
    }
  }

  /** Remove folders and what is in them, where they are. Best effort: what stays is in nobody's way. */
  async discardFolders(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const folder = join(this.root, path);
      this.durable.delete(folder);
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  /** Remove what writers that died left aside. For who holds the lock. */
  async sweep(): Promise<void> {
    const names = await io('listing the audit log', () => readdir(this.root)).catch(missing);
    await this.remove(names.map(String).filter((name) => ASIDE.test(name)));
  }
}

function missing(error: unknown): never[] {
  if (error instanceof OpalineError && error.code === 'STORE_IO') {
    if ('reason' in error.details && ['ENOENT', 'ENOTDIR'].includes(error.details.reason ?? '')) {
      return [];
    }
  }
  throw error;
}

async function io<T>(operation: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof OpalineError) throw error;
    const reason = systemCode(error);
    if (reason === 'ENOSPC' || reason === 'EDQUOT') {
      throw new OpalineError('STORE_FULL', { store: 'of the audit log' });
    }
    throw new OpalineError('STORE_IO', { operation, reason });
  }
}
