import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { FsCall } from './fs-probe.ts';

/** A file's inode, and what of it is on the disk. */
type Names = Map<string, { readonly ino: bigint; content: Uint8Array } | 'folder'>;

/** Seconds since 1970. */
const BEFORE = 1_600_000_000;

/**
 * What a power failure may leave of a folder, at worst: of each file what was synced, under the names that were
 * there when their folder was last synced. Told of every call after it took effect.
 */
export class DurableDisk {
  private readonly root: string;
  /** Content by inode, as it was last synced. */
  private readonly synced = new Map<bigint, Uint8Array>();
  /** By folder, the names in it when it was last synced. */
  private readonly names = new Map<string, Names>();

  /** A folder as it lies on the disk. */
  constructor(root: string) {
    this.root = root;
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) this.note({ op: 'sync', path });
    }
    for (const folder of foldersOf(root)) this.note({ op: 'sync', path: folder });
  }

  note({ op, path }: FsCall): void {
    if (op !== 'sync' && op !== 'open' && op !== 'write') return;
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (found?.isDirectory() === true && op === 'sync') this.names.set(path, this.namesIn(path));
    if (found?.isFile() !== true) return;
    if (op === 'sync') {
      const content = new Uint8Array(readFileSync(path));
      this.synced.set(found.ino, content);
      const known = this.names.get(dirname(path))?.get(basename(path));
      if (known !== undefined && known !== 'folder' && known.ino === found.ino)
        known.content = content;
    } else if (op === 'write' || found.size === 0n) {
      // Inodes are used again: what one held before is not this file's.
      this.synced.delete(found.ino);
    }
  }

  private namesIn(folder: string): Names {
    const names: Names = new Map();
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const { ino } = statSync(join(folder, entry.name), { bigint: true });
      const file = { ino, content: this.synced.get(ino) ?? new Uint8Array(0) };
      names.set(entry.name, entry.isDirectory() ? 'folder' : file);
    }
    return names;
  }

  /**
   * Make a folder of what is left. A file that was never synced is empty. Of folders that `lucky` tells (by their
   * paths below the root) the names are left that are there now: a disk may write before it is told to, in any order.
   */
  restore(to: string, lucky: (folder: string) => boolean = () => false): void {
    const make = (folder: string): void => {
      const own = relative(this.root, folder);
      mkdirSync(join(to, own), { recursive: true });
      const names = lucky(own) ? this.namesIn(folder) : (this.names.get(folder) ?? []);
      for (const [name, file] of names) {
        const path = join(folder, name);
        if (file === 'folder') {
          make(path);
          continue;
        }
        const copy = join(to, relative(this.root, path));
        writeFileSync(copy, file.content);
        // The machine has to start again, and what it finds is older than that takes.
        utimesSync(copy, BEFORE, BEFORE);
      }
    };
    make(this.root);
  }
}

function foldersOf(root: string): string[] {
  const below = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  return [root, ...below];
}

/** A copy of a folder. */
export function copyFolder(from: string, to: string): string {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true });
  return to;
}
