import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import { decodeRecord, encodeRecord, type LedgerRecord } from './ledger-record.ts';
import type { LedgerFile } from './ledger-file.ts';
import { LedgerState } from './ledger-state.ts';
import { SealedRecords } from './sealed-records.ts';

/** Keys of a ledger, 32 bytes each. */
export interface LedgerKeys {
  /** Seals its records. */
  readonly records: Uint8Array;
  /** Of the hashes that rows are known by. */
  readonly rows: Uint8Array;
}

/** The ledger as whoever holds its lock has it. */
export interface HeldLedger {
  readonly state: LedgerState;
  /** Records that are on the disk. */
  readonly length: number;
  /** Add records; they are on the disk, and count, when it resolves. */
  add(...records: readonly LedgerRecord[]): Promise<void>;
}

/**
 * Everything that was ever released of one table, whatever becomes of the table: what it cost, which rows were behind
 * it, and the answers with noise. One holder at a time, of this process and of others.
 */
export class ReleaseLedger {
  private readonly file: LedgerFile;
  private readonly keys: LedgerKeys;
  private known: { readonly records: SealedRecords; readonly state: LedgerState } | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private most = 0;

  constructor(file: LedgerFile, keys: LedgerKeys) {
    this.file = file;
    this.keys = keys;
  }

  /**
   * Run with the ledger as it is now, and nobody else at it. After a failure it is read anew: what is in memory may be
   * ahead of the file.
   * @throws LEDGER_INVALID, VAULT_LOCKED, STORE_IO, what `run` throws
   */
  async hold<T>(run: (ledger: HeldLedger) => Promise<T>): Promise<T> {
    const mine = this.turn.then(() => this.alone(run));
    this.turn = mine.catch(() => undefined);
    return await mine;
  }

  /** Records that this process read or wrote, all of them on the disk. */
  get seen(): number {
    return this.most;
  }

  /** @throws LEDGER_INVALID where there are fewer records than somebody knows of: an older copy is in its place */
  async requireLength(known: number): Promise<void> {
    await this.hold(async ({ length }) => {
      if (length >= known) return;
      throw new OpalineError('LEDGER_INVALID', {
        path: this.file.name,
        reason: `it is an older copy: of ${length} records, and ${known} are known`,
      });
    });
  }

  private async alone<T>(run: (ledger: HeldLedger) => Promise<T>): Promise<T> {
    await using _lock = await this.file.lock();
    try {
      const { records, state } = (this.known ??= {
        records: new SealedRecords(this.file, this.keys.records),
        state: new LedgerState(this.keys.rows),
      });
      for (const bytes of await records.next()) this.replay(state, bytes);
      this.most = Math.max(this.most, records.length);
      return await run({
        state,
        get length() {
          return records.length;
        },
        add: async (...added) => {
          if (added.length === 0) return;
          await records.append(added.map(encodeRecord));
          this.most = Math.max(this.most, records.length);
          for (const record of added) state.apply(record, true);
        },
      });
    } catch (error) {
      // A refusal comes before anything is changed but for rows' numbers, which are in the file by then.
      if (!isOpalineError(error, 'DENIED')) this.known = undefined;
      throw error;
    }
  }

  private replay(state: LedgerState, bytes: Uint8Array): void {
    const { name } = this.file;
    try {
      state.apply(decodeRecord(bytes, name), false);
    } catch (error) {
      if (!isOpalineError(error, 'BYTES_INVALID')) throw error;
      throw new OpalineError('LEDGER_INVALID', { path: name, reason: error.details.reason });
    }
  }
}
