import { readFile } from 'node:fs/promises';
import { openBytes, sealBytes } from '../../bytes/aead.ts';
import { Reader, Writer } from '../../bytes/codec.ts';
import { frame, unframe } from '../../bytes/framing.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { TablePin } from '../../gate/open-table.ts';
import { writeAtomic } from './atomic-file.ts';

/**
 * The vault's memory of each table's newest epoch, sealed: what makes a rolled-back store visible.
 * An epoch in it never goes down.
 */
export class Pins {
  private readonly path: string;
  private readonly key: Uint8Array;
  private pins: Map<string, TablePin>;

  private constructor(path: string, key: Uint8Array, pins: Map<string, TablePin>) {
    this.path = path;
    this.key = key;
    this.pins = pins;
  }

  /** A missing file is an empty memory only when the vault is being created. */
  static async load(path: string, key: Uint8Array, vault: string): Promise<Pins> {
    return new Pins(path, key, await read(path, key, vault));
  }

  static async create(path: string, key: Uint8Array): Promise<Pins> {
    const pins = new Pins(path, key, new Map());
    await pins.write();
    return pins;
  }

  get(table: string): TablePin | undefined {
    return this.pins.get(table);
  }

  tables(): readonly string[] {
    return [...this.pins.keys()];
  }

  /** Remember a newer epoch, beside what another process may have written meanwhile. */
  async advance(pin: TablePin): Promise<void> {
    if (!this.isNewer(pin)) return;
    const latest = await read(this.path, this.key, this.path);
    for (const known of latest.values()) if (this.isNewer(known)) this.pins.set(known.table, known);
    if (!this.isNewer(pin)) return;
    this.pins.set(pin.table, pin);
    await this.write();
  }

  private isNewer({ table, epoch }: TablePin): boolean {
    return epoch > (this.pins.get(table)?.epoch ?? 0);
  }

  private async write(): Promise<void> {
    const plain = new Writer().u32(this.pins.size);
    for (const pin of this.pins.values()) {
      plain.raw(fromHex(pin.table, 'a table id')).u64(pin.epoch).raw(pin.digest);
    }
    const header = frame('HEAD').finish();
    const sealed = sealBytes(this.key, plain.finish(), header);
    await writeAtomic(this.path, new Writer().raw(header).raw(sealed).finish());
  }
}

async function read(path: string, key: Uint8Array, vault: string): Promise<Map<string, TablePin>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch {
    throw new OpalineError('VAULT_CORRUPT', { path: vault, reason: 'heads.opal cannot be read' });
  }
  try {
    const outer = unframe(bytes, 'HEAD', 'heads.opal');
    const header = bytes.subarray(0, outer.offset);
    const reader = new Reader(
      openBytes(key, outer.raw(outer.remaining), header, 'heads.opal'),
      'heads.opal',
    );
    const pins = new Map<string, TablePin>();
    const count = reader.count(56);
    for (let i = 0; i < count; i++) {
      const table = toHex(reader.raw(16));
      pins.set(table, { table, epoch: reader.u64(), digest: reader.raw(32).slice() });
    }
    reader.end();
    return pins;
  } catch (error) {
    if (error instanceof OpalineError && error.code === 'BYTES_INVALID') {
      throw new OpalineError('VAULT_CORRUPT', { path: vault, reason: error.message });
    }
    throw error;
  }
}
