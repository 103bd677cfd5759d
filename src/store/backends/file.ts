import { constants } from 'node:fs';
import { link, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomId } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import type { Backend, BackendDescriptor } from '../backend.ts';
import type { StoredPart } from '../link.ts';
import { makeFolder, syncFolder } from './sync-folder.ts';

/**
 * A backend in a folder:
 *
 *     <table>/parts/<id>      immutable parts
 *     <table>/head-<epoch>    manifests; the greatest epoch is the head
 *     <table>/tmp-<random>    being written; removed when found
 *
 * A part is written aside, synced, renamed, and its folder synced. A head is linked to its name,
 * which fails if the name exists: compare-and-set without a lock, on any file system with links.
 */
export class FileBackend implements Backend {
  readonly address: string;
  readonly descriptor: BackendDescriptor;
  readonly seekBytes = 4096;
  private readonly root: string;
  /** Heads as they were last read, by table. */
  private readonly heads = new Map<string, KnownHead>();

  constructor(root: string) {
    this.root = root;
    this.address = root;
    this.descriptor = { kind: 'file', path: root };
  }

  async tables(): Promise<readonly string[]> {
    const names = await this.list(this.root);
    if (names === undefined) throw new OpalineError('STORE_NOT_FOUND', { path: this.root });
    const tables: string[] = [];
    for (const name of names) {
      if (ID.test(name) && (await this.epochs(name)).length > 0) tables.push(name);
    }
    return tables;
  }

  async head(table: string): Promise<Uint8Array | undefined> {
    for (let attempt = 1; ; attempt++) {
      const [[epoch], known] = await Promise.all([this.epochs(table), this.knownHead(table)]);
      if (epoch === undefined) return undefined;
      if (known?.epoch === epoch) return known.bytes.slice();
      // Where it is gone since it was listed, there were two publications, and there is a newer one.
      const again = attempt < LISTINGS ? { ENOENT: () => undefined } : {};
      const bytes = await io('reading a manifest', () => this.readHead(table, epoch), again);
      if (bytes !== undefined) return bytes;
    }
  }

  private async readHead(table: string, epoch: number): Promise<Uint8Array> {
    const path = this.headPath(table, epoch);
    // Before it is read, so that whatever is written meanwhile counts as another file.
    const file = await this.fileAt(path);
    // Not a Buffer, whose slices are views.
    const bytes = new Uint8Array(await readFile(path));
    if (this.heads.size >= KNOWN_HEADS) this.heads.clear();
    if (file !== undefined) this.heads.set(table, { epoch, file, bytes });
    return bytes.slice();
  }

  /**
   * The head that was read last, where its file is still the same. Which head is the newest is for the folder to say
   * each time; a file of the same name is another one only where somebody put back an old copy, and is then of
   * another inode or another time.
   */
  private async knownHead(table: string): Promise<KnownHead | undefined> {
    const known = this.heads.get(table);
    if (known === undefined) return undefined;
    const file = await this.fileAt(this.headPath(table, known.epoch));
    return file === known.file ? known : undefined;
  }

  /** What tells a file from others of its name; undefined where there is none. */
  private async fileAt(path: string): Promise<string | undefined> {
    const found = await io('reading a manifest', () => stat(path, { bigint: true }), {
      ENOENT: () => undefined,
      ENOTDIR: () => undefined,
    });
    return found && [found.ino, found.size, found.mtimeNs, found.ctimeNs].join();
  }

  async publish(table: string, epoch: number, manifest: Uint8Array): Promise<void> {
    const folder = join(this.root, table);
    await this.makeFolders(table);
    const [found = 0, ...older] = await this.epochs(table);
    if (found !== epoch - 1)
      throw new OpalineError('EPOCH_CONFLICT', { expected: epoch - 1, found });
    const aside = join(folder, `tmp-${randomId()}`);
    try {
      await writeSynced(aside, manifest);
      await io('publishing a manifest', () => link(aside, this.headPath(table, epoch)), {
        EEXIST: () => {
          throw new OpalineError('EPOCH_CONFLICT', { expected: epoch - 1, found: epoch });
        },
      });
      await io('publishing a manifest', () => syncFolder(folder));
    } finally {
      await discard(aside);
    }
    // The head before stays until the next publication: a reader may be between list and read.
    for (const old of older) await discard(this.headPath(table, old));
  }

  async has(table: string, part: string): Promise<boolean> {
    return (await this.statOf(this.partPath(table, part))) !== undefined;
  }

  read(table: string, part: string): Promise<Uint8Array> {
    return io('reading a part', () => readFile(this.partPath(table, part)), missing(part));
  }

  async readRange(
    table: string,
    part: string,
    offset: number,
    length: number,
    room?: Uint8Array,
  ): Promise<Uint8Array> {
    return await io(
      'reading a part',
      async () => {
        const file = await open(this.partPath(table, part), constants.O_RDONLY);
        try {
          const out = room?.subarray(0, length) ?? new Uint8Array(length);
          const { bytesRead } = await file.read(out, 0, length, offset);
          if (bytesRead < length) {
            throw new OpalineError('PART_CORRUPT', { part, reason: 'it is truncated' });
          }
          return out;
        } finally {
          await file.close();
        }
      },
      missing(part),
    );
  }

  async size(table: string, part: string): Promise<number> {
    const found = await this.statOf(this.partPath(table, part));
    if (found === undefined) throw new OpalineError('PART_MISSING', { part });
    return found.size;
  }

  async write(table: string, part: string, bytes: Uint8Array): Promise<void> {
    const path = this.partPath(table, part);
    await this.makeFolders(table);
    const aside = join(this.root, table, `tmp-${randomId()}`);
    try {
      await writeSynced(aside, bytes);
      await io('storing a part', () => rename(aside, path));
      await io('storing a part', () => syncFolder(dirname(path)));
    } finally {
      await discard(aside);
    }
  }

  async parts(table: string): Promise<readonly StoredPart[]> {
    const names = (await this.list(join(this.root, table, 'parts'))) ?? [];
    const parts: StoredPart[] = [];
    for (const id of names) {
      const found = await this.statOf(this.partPath(table, id));
      if (ID.test(id) && found !== undefined) parts.push({ id, bytes: found.size });
    }
    return parts;
  }

  async remove(table: string, parts: readonly string[]): Promise<void> {
    for (const part of parts) {
      await io('removing a part', () => rm(this.partPath(table, part), { force: true }));
    }
    await this.sweep(table);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  /** Remove what writers that died left behind; a living one's files are younger. */
  private async sweep(table: string): Promise<void> {
    for (const name of (await this.list(join(this.root, table))) ?? []) {
      if (!name.startsWith('tmp-')) continue;
      const path = join(this.root, table, name);
      const found = await io('listing a folder', () => stat(path), { ENOENT: () => undefined });
      if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) {
        await io('removing a part', () => rm(path, { force: true }));
      }
    }
  }

  /** The table's folders, each durable in the one above it. */
  private async makeFolders(table: string): Promise<void> {
    const parts = join(this.root, table, 'parts');
    if ((await this.statOf(parts)) !== undefined) return;
    await io('creating a folder', () => makeFolder(parts));
  }

  /** Epochs with a head, newest first. */
  private async epochs(table: string): Promise<number[]> {
    const names = (await this.list(join(this.root, table))) ?? [];
    return names
      .flatMap((name) => HEAD.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  }

  private async list(folder: string): Promise<string[] | undefined> {
    return await io('listing a folder', () => readdir(folder), {
      ENOENT: () => undefined,
      ENOTDIR: () => undefined,
    });
  }

  private statOf(path: string): Promise<{ size: number } | undefined> {
    return io('reading a part', () => stat(path), { ENOENT: () => undefined });
  }

  private headPath(table: string, epoch: number): string {
    return join(this.root, table, `head-${epoch}`);
  }

  private partPath(table: string, part: string): string {
    return join(this.root, table, 'parts', part);
  }
}

interface KnownHead {
  readonly epoch: number;
  /** Tells the file from others of its name. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

const ID = /^[0-9a-f]{32}$/;
/** Tables whose head is kept in memory: a few KB each, and about 1 KB a segment. */
const KNOWN_HEADS = 64;
/** Longer than any write of one part takes. */
const ABANDONED_AFTER_MS = 3_600_000;
/** Writers that publish faster than a reader lists do not last. */
const LISTINGS = 16;
const HEAD = /^head-([0-9]{1,15})$/;

/** Make an empty store folder, or accept an existing folder. */
export async function createFileStore(root: string): Promise<FileBackend> {
  await io('creating the store', () => makeFolder(root));
  return new FileBackend(root);
}

const missing = (part: string): Handlers<never> => ({
  ENOENT: () => {
    throw new OpalineError('PART_MISSING', { part });
  },
});

/** What to do about a system error code: return a value in place of the result, or throw. */
type Handlers<R> = Record<string, () => R>;

/** Run an operation; system errors become ours. */
async function io<T, R = never>(
  operation: string,
  run: () => Promise<T>,
  handlers: Handlers<R> = {},
): Promise<T | R> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof OpalineError) throw error;
    const code = systemCode(error);
    const handler = handlers[code];
    if (handler !== undefined) return handler();
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new OpalineError('STORE_FULL', { store: 'folder' });
    }
    throw new OpalineError('STORE_IO', { operation, reason: code });
  }
}

/** Best effort: what stays behind is in nobody's way, and the work it was for is done or refused. */
async function discard(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  await io('writing', async () => {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}
