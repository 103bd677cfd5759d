import { openBytes, SEAL_OVERHEAD, sealBytes } from '../../bytes/aead.ts';
import { utf8, Writer } from '../../bytes/codec.ts';
import { frame, FRAME_BYTES, unframe } from '../../bytes/framing.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { LedgerFile } from './ledger-file.ts';

/** Length, and the same with every bit turned. */
const HEADER = 8;
/** A record of more is refused unread. */
const MOST_BYTES = 2 ** 28;
const TAG = 16;

/**
 * The number of records of a file, as far as can be told without its key.
 * @throws BYTES_INVALID
 */
export function checkLedger(bytes: Uint8Array, what: string): number {
  const reader = unframe(bytes, 'LDGR', what);
  let records = 0;
  for (; reader.remaining > 0; records++) {
    const length = reader.u32();
    if (reader.u32() !== ~length >>> 0) reader.fail('a record has no length');
    reader.raw(length);
  }
  return records;
}

/**
 * Records one after the other in a file that only grows, each sealed (AES-256-GCM) and bound to its number and the
 * file's name, so that none can be changed, left out in the midst, moved or brought from elsewhere. What a process that
 * died left at the end of the file was never acknowledged, and is cut off. That whole records are missing from the end
 * cannot be told here: an older copy of the file is noticed by the audit log alone.
 */
export class SealedRecords {
  private readonly file: LedgerFile;
  private readonly key: Uint8Array;
  private at = 0;
  private count = 0;

  constructor(file: LedgerFile, key: Uint8Array) {
    this.file = file;
    this.key = key;
  }

  /** Records so far. */
  get length(): number {
    return this.count;
  }

  /**
   * The records that are new since the last call. To be called with the lock held: it cuts what a writer left that died.
   * @throws LEDGER_INVALID
   */
  async next(): Promise<Uint8Array[]> {
    const bytes = await this.file.read(this.at);
    const records: Uint8Array[] = [];
    let offset = 0;
    if (this.at === 0 && bytes.length > 0) {
      if (bytes.length < FRAME_BYTES) return await this.cut(0, records);
      this.asInvalid(() => unframe(bytes.subarray(0, FRAME_BYTES), 'LDGR', this.file.name));
      offset = FRAME_BYTES;
    }
    while (offset < bytes.length) {
      const body = this.bodyAt(bytes, offset);
      if (body === undefined) return await this.cut(offset, records);
      const { name } = this.file;
      records.push(this.asInvalid(() => openBytes(this.key, body, this.place(this.count), name)));
      this.count++;
      offset += HEADER + body.length;
    }
    this.at += offset;
    return records;
  }

  /** Add records, all or none; they are on the disk when it resolves. With the lock held, after `next`. */
  async append(records: readonly Uint8Array[]): Promise<void> {
    const writer = this.at === 0 ? frame('LDGR') : new Writer();
    for (const [i, record] of records.entries()) {
      if (record.length + SEAL_OVERHEAD > MOST_BYTES) {
        const size = record.length;
        throw new OpalineError('REQUEST_TOO_LARGE', { what: 'a record', size, limit: MOST_BYTES });
      }
      const sealed = sealBytes(this.key, record, this.place(this.count + i));
      writer
        .u32(sealed.length)
        .u32(~sealed.length >>> 0)
        .raw(sealed);
    }
    const bytes = writer.finish();
    await this.file.append(bytes);
    this.at += bytes.length;
    this.count += records.length;
  }

  /** A record's bytes; undefined where the file ends before they do, or where they were never written. */
  private bodyAt(bytes: Uint8Array, offset: number): Uint8Array | undefined {
    const rest = bytes.subarray(offset);
    // A file system may have made the file longer before it wrote there.
    if (rest.length < HEADER || rest.every((byte) => byte === 0)) return undefined;
    const view = new DataView(rest.buffer, rest.byteOffset);
    const length = view.getUint32(0, true);
    if (view.getUint32(4, true) !== ~length >>> 0) throw this.invalid('a record has no length');
    if (length < SEAL_OVERHEAD || length > MOST_BYTES) throw this.invalid('a record’s length');
    const body = rest.subarray(HEADER, HEADER + length);
    if (body.length < length) return undefined;
    const isLast = rest.length === HEADER + length;
    return isLast && body.subarray(-TAG).every((byte) => byte === 0) ? undefined : body;
  }

  private async cut(offset: number, records: Uint8Array[]): Promise<Uint8Array[]> {
    await this.file.truncate(this.at + offset);
    this.at += offset;
    return records;
  }

  private place(index: number): Uint8Array {
    return new Writer().raw(utf8('opaline ledger v1\n')).text(this.file.name).u64(index).finish();
  }

  private asInvalid<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof OpalineError) || error.code !== 'BYTES_INVALID') throw error;
      throw this.invalid('a record was altered');
    }
  }

  private invalid(reason: string): OpalineError {
    return new OpalineError('LEDGER_INVALID', { path: this.file.name, reason });
  }
}
