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

/** What was answered: which plan of which table, at which epoch. */
export interface Answered {
  /** 32 hex digits. */
  readonly table: string;
  readonly epoch: number;
  /** SHA-256 of the plan's fragment, re-encoded. */
  readonly plan: Uint8Array;
}

const CONTENT_BYTES = 16 + 8 + 32;
const CHECK_BYTES = 8;
const RECORD_BYTES = CONTENT_BYTES + CHECK_BYTES;

/**
 * What a custodian has answered, in a file that only grows: a frame, then for each answer the table, the epoch, the
 * plan's digest and eight bytes of their SHA-256. A record is on the disk before the answer is made, so that no crash
 * lets a plan be answered twice; one that was half-written was not answered. No scalar is ever in it.
 *
 * One process at a time holds the file.
 */
export class AnsweredPlans implements AsyncDisposable {
  private readonly path: string;
  private readonly lock: AsyncDisposable;
  private readonly plans: Set<string>;
  /** The newest epoch of each table. */
  private readonly epochs: Map<string, number>;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(path: string, lock: AsyncDisposable, known: readonly Answered[]) {
    this.path = path;
    this.lock = lock;
    this.plans = new Set(known.map(nameOf));
    this.epochs = new Map();
    for (const answered of known) this.remember(answered);
  }

  /** @throws STORE_IO, BYTES_INVALID where a record was altered, CUSTODIAN_REFUSED where another process holds it */
  static async open(path: string): Promise<AnsweredPlans> {
    const lock = await lockFile(`${path}.lock`, {
      operation: 'locking what a custodian has answered',
      held: (by) =>
        new OpalineError('CUSTODIAN_REFUSED', {
          custodian: path,
          reason: `process ${by} serves this share`,
        }),
    });
    try {
      return new AnsweredPlans(path, lock, await load(path));
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The newest epoch of a table that was answered for; 0: none. */
  newestEpoch(table: string): number {
    return this.epochs.get(table) ?? 0;
  }

  /** Whether a plan was answered. */
  has(answered: Answered): boolean {
    return this.plans.has(nameOf(answered));
  }

  /** Record an answer that is about to be made; false: it was made before. On the disk when this resolves. */
  async record(answered: Answered): Promise<boolean> {
    const result = this.turn.then(async () => {
      if (this.has(answered)) return false;
      // From here on it counts as answered, whatever becomes of the write.
      this.remember(answered);
      await append(this.path, encode(answered));
      return true;
    });
    this.turn = result.catch(() => undefined);
    return await result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.turn;
    await this.lock[Symbol.asyncDispose]();
  }

  private remember(answered: Answered): void {
    this.plans.add(nameOf(answered));
    const { table, epoch } = answered;
    this.epochs.set(table, Math.max(epoch, this.newestEpoch(table)));
  }
}

const nameOf = ({ table, epoch, plan }: Answered): string => `${table} ${epoch} ${toHex(plan)}`;

function encode({ table, epoch, plan }: Answered): Uint8Array {
  const content = new Writer(RECORD_BYTES)
    .raw(fromHex(table, 'a table id'))
    .u64(epoch)
    .raw(plan)
    .finish();
  return new Writer(RECORD_BYTES)
    .raw(content)
    .raw(sha256(content).subarray(0, CHECK_BYTES))
    .finish();
}

function decode(record: Uint8Array, path: string): Answered {
  const content = record.subarray(0, CONTENT_BYTES);
  const reader = new Reader(content, path);
  if (!equalBytes(sha256(content).subarray(0, CHECK_BYTES), record.subarray(CONTENT_BYTES))) {
    reader.fail('a record of it was altered');
  }
  return { table: toHex(reader.raw(16)), epoch: reader.u64(), plan: reader.raw(32).slice() };
}

/** The whole records of a file. @throws BYTES_INVALID for another file, or an altered record */
export function decodeAnswered(bytes: Uint8Array, what: string): Answered[] {
  const reader = unframe(bytes, 'DONE', what);
  const whole = Math.floor(reader.remaining / RECORD_BYTES);
  return Array.from({ length: whole }, () => decode(reader.raw(RECORD_BYTES), what));
}

/** What is there; a file that is not there yet is made, and a half-written last record taken away. */
async function load(path: string): Promise<Answered[]> {
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

async function append(path: string, record: Uint8Array): Promise<void> {
  try {
    const file = await open(path, 'a', 0o600);
    try {
      await file.writeFile(record);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    const reason = systemCode(error);
    throw new OpalineError('STORE_IO', { operation: 'recording an answer', reason });
  }
}
