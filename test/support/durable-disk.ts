import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { FsCall } from './fs-probe.ts';

/**
 * What a power failure may leave of a folder, at worst: of each file what was synced, under the names that were
 * there when their folder was last synced. Told of every call after it took effect.
 */
export class DurableDisk {
  private readonly root: string;
  /** Content by inode, as it was last synced. */
  private readonly synced = new Map<bigint, Uint8Array>();
  /** By folder, the names in it when it was last synced, with the inode or that it is a folder. */
  private readonly names = new Map<string, Map<string, bigint | 'folder'>>();

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
    if (op !== 'sync') return;
    const found = statSync(path, { bigint: true });
    if (!found.isDirectory()) {
      this.synced.set(found.ino, new Uint8Array(readFileSync(path)));
      return;
    }
    this.names.set(path, namesIn(path));
  }

  /**
   * Make a folder of what is left. A file that was never synced is empty. Of folders that `lucky` tells (by their
   * paths below the root) the names are left that are there now: a disk may write before it is told to, in any order.
   */
  restore(to: string, lucky: (folder: string) => boolean = () => false): void {
    const make = (folder: string): void => {
      const own = relative(this.root, folder);
      mkdirSync(join(to, own), { recursive: true });
      const names = lucky(own) ? namesIn(folder) : (this.names.get(folder) ?? []);
      for (const [name, inode] of names) {
        const path = join(folder, name);
        if (inode === 'folder') make(path);
        else writeFileSync(join(to, relative(this.root, path)), this.synced.get(inode) ?? '');
      }
    };
    make(this.root);
  }
}

function namesIn(folder: string): Map<string, bigint | 'folder'> {
  const names = new Map<string, bigint | 'folder'>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const inode = (): bigint => statSync(join(folder, entry.name), { bigint: true }).ino;
    names.set(entry.name, entry.isDirectory() ? 'folder' : inode());
  }
  return names;
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
