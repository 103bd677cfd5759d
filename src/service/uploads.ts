import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../bytes/hex.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { systemCode } from '../errors/system-code.ts';
import type { CallOptions, PartKind, StoreLink } from '../store/link.ts';

/** A part whose bytes arrive in pieces. */
export interface Incoming {
  readonly table: string;
  readonly id: string;
  readonly kind: PartKind;
  /** Of all its bytes. */
  readonly digest: Uint8Array;
  readonly total: number;
}

const MOST_COMPLETED = 1000;
/** Files of uploads that nobody went on with are removed after this long. */
const ABANDONED_AFTER_MS = 24 * 3_600_000;

/**
 * Uploads in pieces, each appended to a file: a client that was cut off asks how far it came and goes
 * on, also after the service was restarted. The digest is checked over the whole by the link.
 */
export class PartUploads {
  private readonly folder: string;
  private readonly link: StoreLink;
  private readonly busy = new Map<string, Promise<unknown>>();
  /** Completed of late: a client whose last reply was lost asks once more. */
  private readonly completed = new Set<string>();

  constructor(folder: string, link: StoreLink) {
    this.folder = folder;
    this.link = link;
  }

  /** Make the folder, and drop what was abandoned. */
  async start(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
    }
  }

  /** Bytes of the part that have arrived. */
  received(part: Incoming): Promise<number> {
    return this.alone(part, () => this.standing(part));
  }

  /**
   * Append a piece at `offset`; store the part with its last. Resolves to the bytes that have arrived.
   * @throws UPLOAD_OFFSET when the piece is not the next one, PART_CORRUPT when the digest of the whole
   * does not match (the upload starts over), and what the part's parser refuses
   */
  append(part: Incoming, offset: number, piece: Uint8Array, options: CallOptions): Promise<number> {
    return this.alone(part, async () => {
      const path = this.path(part);
      if (this.completed.has(path) && offset === part.total && piece.length === 0) return offset;
      const whole = offset === 0 && piece.length === part.total;
      const before = whole ? 0 : await this.standing(part);
      const after = offset + piece.length;
      if (offset !== before || after > part.total) {
        throw new OpalineError('UPLOAD_OFFSET', { part: part.id, expected: before });
      }
      if (whole) {
        await this.store(part, piece, options);
        return after;
      }
      await append(path, piece);
      if (after < part.total) return after;
      try {
        await this.store(part, await readFile(path), options);
      } finally {
        if (options.signal?.aborted !== true) await rm(path, { force: true });
      }
      return after;
    });
  }

  private async store(part: Incoming, bytes: Uint8Array, options: CallOptions): Promise<void> {
    const { table, id, kind, digest } = part;
    await this.link.put({ table, id, kind, bytes, digest }, options);
    this.completed.add(this.path(part));
    const [oldest] = this.completed;
    if (this.completed.size > MOST_COMPLETED) this.completed.delete(oldest!);
  }

  private async standing(part: Incoming): Promise<number> {
    const path = this.path(part);
    return this.completed.has(path) ? part.total : await size(path);
  }

  /** The digest is in the name: two contents under one id do not mix. */
  private path({ table, id, digest }: Incoming): string {
    return join(this.folder, `${table}-${id}-${toHex(digest.subarray(0, 8))}`);
  }

  /** One request at a time works on a part. */
  private async alone<T>(part: Incoming, run: () => Promise<T>): Promise<T> {
    const key = this.path(part);
    const before = this.busy.get(key) ?? Promise.resolve();
    const turn = before.then(run, run);
    const settled = turn.catch(() => undefined);
    this.busy.set(key, settled);
    try {
      return await turn;
    } finally {
      if (this.busy.get(key) === settled) this.busy.delete(key);
    }
  }
}

async function size(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.size ?? 0;
}

async function append(path: string, piece: Uint8Array): Promise<void> {
  const file = await open(path, 'a');
  try {
    await file.writeFile(piece);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new OpalineError('STORE_FULL', { store: 'folder' });
    }
    throw new OpalineError('STORE_IO', { operation: 'receiving a part', reason: code });
  } finally {
    await file.close();
  }
}
