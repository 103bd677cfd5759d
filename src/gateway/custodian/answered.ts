import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Reader, Writer } from '../../bytes/codec.ts';
import { equalBytes } from '../../bytes/compare.ts';
import { frame, FRAME_BYTES, unframe } from '../../bytes/framing.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { sha256 } from '../../bytes/hash.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { lockFile } from '../../store/backends/file-lock.ts';
import { syncFolder } from '../../store/backends/sync-folder.ts';

/** What a custodian answers at once: sums of a table at an epoch. */
export interface AnsweredSums {
  /** 32 hex digits. */
  readonly table: string;
  readonly epoch: number;
  /** Digests of different sums (gate/custody/sum-digest.ts), 32 bytes each. */
  readonly sums: readonly Uint8Array[];
}

/** One of them, as it is in the file. */
interface AnsweredSum {
  readonly table: string;
  readonly epoch: number;
  readonly sum: Uint8Array;
}

/** How a request stands to what was answered before. */
export type Standing = 'new' | 'answered' | 'superseded';

const CONTENT_BYTES = 16 + 8 + 32;
const CHECK_BYTES = 8;
const RECORD_BYTES = CONTENT_BYTES + CHECK_BYTES;

/**
 * What a custodian has answered, in a file that only grows: a frame, then for each sum the table, the epoch, the
 * digest of what was decrypted and eight bytes of their SHA-256. Records are on the disk before the answer is made,
 * so that no crash lets a sum be answered twice; one that was half-written was not answered. No scalar is ever in it.
 *
 * One process at a time holds the file. Whoever puts an older copy of it back lets sums be answered again.
 */
export class Answered implements AsyncDisposable {
  private readonly path: string;
  private readonly lock: AsyncDisposable;
  /** By table: the newest epoch that was answered for, and its sums, in hex. Older ones are not answered for again. */
  private readonly tables = new Map<string, { epoch: number; sums: Set<string> }>();
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(path: string, lock: AsyncDisposable, known: readonly AnsweredSum[]) {
    this.path = path;
    this.lock = lock;
    for (const { table, epoch, sum } of known) this.remember({ table, epoch, sums: [sum] });
  }

  /** @throws STORE_IO, BYTES_INVALID where a record was altered, CUSTODIAN_REFUSED where another process holds it */
  static async open(path: string): Promise<Answered> {
    const lock = await lockFile(`${path}.lock`, {
      operation: 'locking what a custodian has answered',
      held: (by) =>
        new OpalineError('CUSTODIAN_REFUSED', {
          custodian: path,
          reason: `process ${by} serves this share`,
        }),
    });
    try {
      return new Answered(path, lock, await load(path));
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Answered: one of the sums was, at this epoch. Superseded: a later epoch of the table was answered for. */
  standing({ table, epoch, sums }: AnsweredSums): Standing {
    const known = this.tables.get(table);
    if (known === undefined || known.epoch < epoch) return 'new';
    if (known.epoch > epoch) return 'superseded';
    return sums.some((sum) => known.sums.has(toHex(sum))) ? 'answered' : 'new';
  }

  /** Record sums that are about to be answered, unless they may not be. On the disk when this resolves to 'new'. */
  async record(answered: AnsweredSums): Promise<Standing> {
    const result = this.turn.then(async () => {
      const standing = this.standing(answered);
      if (standing !== 'new') return standing;
      // From here on they count as answered, whatever becomes of the write.
      this.remember(answered);
      const { table, epoch, sums } = answered;
      await append(this.path, concat(sums.map((sum) => encode({ table, epoch, sum }))));
      return standing;
    });
    this.turn = result.catch(() => undefined);
    return await result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.turn;
    await this.lock[Symbol.asyncDispose]();
  }

  private remember({ table, epoch, sums }: AnsweredSums): void {
    let known = this.tables.get(table);
    if (known === undefined || known.epoch < epoch) {
      known = { epoch, sums: new Set() };
      this.tables.set(table, known);
    }
    if (known.epoch > epoch) return;
    for (const sum of sums) known.sums.add(toHex(sum));
  }
}

function concat(records: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer(records.length * RECORD_BYTES);
  for (const record of records) writer.raw(record);
  return writer.finish();
}

function encode({ table, epoch, sum }: AnsweredSum): Uint8Array {
  const content = new Writer(RECORD_BYTES)
    .raw(fromHex(table, 'a table id'))
    .u64(epoch)
    .raw(sum)
    .finish();
  return new Writer(RECORD_BYTES)
    .raw(content)
    .raw(sha256(content).subarray(0, CHECK_BYTES))
    .finish();
}

function decode(record: Uint8Array, path: string): AnsweredSum {
  const content = record.subarray(0, CONTENT_BYTES);
  const reader = new Reader(content, path);
  if (!equalBytes(sha256(content).subarray(0, CHECK_BYTES), record.subarray(CONTENT_BYTES))) {
    reader.fail('a record of it was altered');
  }
  return { table: toHex(reader.raw(16)), epoch: reader.u64(), sum: reader.raw(32).slice() };
}

/** The whole records of a file. @throws BYTES_INVALID for another file, or an altered record */
export function decodeAnswered(bytes: Uint8Array, what: string): AnsweredSum[] {
  const reader = unframe(bytes, 'DONE', what);
  const whole = Math.floor(reader.remaining / RECORD_BYTES);
  return Array.from({ length: whole }, () => decode(reader.raw(RECORD_BYTES), what));
}

/** What is there; a file that is not there yet is made, and a half-written last record taken away. */
async function load(path: string): Promise<AnsweredSum[]> {
  const failed = (error: unknown): OpalineError => {
    if (error instanceof OpalineError) return error;
    const reason = systemCode(error);
    return new OpalineError('STORE_IO', { operation: 'what a custodian has answered', reason });
  };
  try {
    const file = await open(path, 'a+', 0o600);
    try {
      const bytes = new Uint8Array(await file.readFile());
      if (bytes.length < FRAME_BYTES) {
        await file.truncate(0);
        await file.writeFile(frame('DONE').finish());
        await file.sync();
        await syncFolder(dirname(path));
        return [];
      }
      const known = decodeAnswered(bytes, path);
      await file.truncate(FRAME_BYTES + known.length * RECORD_BYTES);
      await file.sync();
      return known;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw failed(error);
  }
}

async function append(path: string, records: Uint8Array): Promise<void> {
  try {
    const file = await open(path, 'a', 0o600);
    try {
      await file.writeFile(records);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    const reason = systemCode(error);
    throw new OpalineError('STORE_IO', { operation: 'recording what is answered', reason });
  }
}
