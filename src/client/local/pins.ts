import { type Reader, Writer } from '../../bytes/codec.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { TablePin } from '../../gate/open-table.ts';
import type { KeptFile } from './kept-file.ts';
import { readSealedFile, type SealedFile, writeSealedFile } from './sealed-file.ts';

/** The audit log is pinned as tables are: under an id that no table has, its size for the epoch, its root for the digest. */
export const LOG_PIN: string = '0'.repeat(32);

/**
 * The vault's memory of each table's newest epoch, sealed: what makes a rolled-back store visible.
 * An epoch in it never goes down.
 */
export class Pins {
  private readonly file: SealedFile;
  private readonly pins: Map<string, TablePin>;

  private constructor(file: SealedFile, pins: Map<string, TablePin>) {
    this.file = file;
    this.pins = pins;
  }

  /** @throws VAULT_CORRUPT, of a missing file too: an empty memory would accept any epoch. */
  static async load(file: KeptFile, key: Uint8Array): Promise<Pins> {
    const sealed: SealedFile = { file, key, type: 'HEAD' };
    return new Pins(sealed, await readSealedFile(sealed, decodePins));
  }

  static async create(file: KeptFile, key: Uint8Array): Promise<Pins> {
    const pins = new Pins({ file, key, type: 'HEAD' }, new Map());
    await pins.write();
    return pins;
  }

  get(table: string): TablePin | undefined {
    return this.pins.get(table);
  }

  tables(): readonly string[] {
    return [...this.pins.keys()].filter((id) => id !== LOG_PIN);
  }

  /** Remember a newer epoch while this process lasts. */
  remember(pin: TablePin): void {
    if (this.isNewer(pin)) this.pins.set(pin.table, pin);
  }

  /** Remember what other processes wrote. @throws VAULT_CORRUPT */
  async refresh(): Promise<ReadonlyMap<string, TablePin>> {
    const kept = await readSealedFile(this.file, decodePins);
    for (const known of kept.values()) this.remember(known);
    return kept;
  }

  /** Remember a newer epoch for good, beside what other processes wrote. For who holds the lock. */
  async advance(pin: TablePin): Promise<void> {
    const kept = await this.refresh();
    this.remember(pin);
    const newer = [...this.pins.values()].some(
      ({ table, epoch }) => epoch > (kept.get(table)?.epoch ?? 0),
    );
    if (newer) await this.write();
  }

  isNewer({ table, epoch }: TablePin): boolean {
    return epoch > (this.pins.get(table)?.epoch ?? 0);
  }

  private async write(): Promise<void> {
    const content = new Writer().u32(this.pins.size);
    for (const pin of this.pins.values()) {
      content.raw(fromHex(pin.table, 'a table id')).u64(pin.epoch).raw(pin.digest);
    }
    await writeSealedFile(this.file, content);
  }
}

/** The content of heads.opal. @throws BYTES_INVALID */
export function decodePins(reader: Reader): Map<string, TablePin> {
  const pins = new Map<string, TablePin>();
  const count = reader.count(56);
  for (let i = 0; i < count; i++) {
    const table = toHex(reader.raw(16));
    pins.set(table, { table, epoch: reader.u64(), digest: reader.raw(32).slice() });
  }
  return pins;
}
