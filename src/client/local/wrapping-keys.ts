import { type Reader, Writer } from '../../bytes/codec.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { randomBytes, randomId } from '../../bytes/random.ts';
import type { WrappingKey } from '../../table/manifest-content.ts';
import type { KeptFile } from './kept-file.ts';
import { readSealedFile, type SealedFile, writeSealedFile } from './sealed-file.ts';

/**
 * The vault's wrapping keys: what opens the segment roots in each table's manifest. One key a table;
 * while rows are being erased two, and more where erasures failed, in the order in which they were
 * made. Those older than the one that the published manifest uses are dropped. Kept nowhere else, so
 * that dropping one is the end of every root it wrapped.
 *
 * Only who holds the vault's lock may change them; each change starts from the file.
 */
export class WrappingKeys {
  private readonly file: SealedFile;
  private keys: Map<string, WrappingKey[]>;

  private constructor(file: SealedFile, keys: Map<string, WrappingKey[]>) {
    this.file = file;
    this.keys = keys;
  }

  /** @throws VAULT_CORRUPT */
  static async load(file: KeptFile, key: Uint8Array): Promise<WrappingKeys> {
    const sealed: SealedFile = { file, key, type: 'WRAP' };
    return new WrappingKeys(sealed, await readSealedFile(sealed, decodeWrappingKeys));
  }

  static async create(file: KeptFile, key: Uint8Array): Promise<WrappingKeys> {
    const created = new WrappingKeys({ file, key, type: 'WRAP' }, new Map());
    await created.write();
    return created;
  }

  /** Tables that have a key, published or not. */
  tables(): readonly string[] {
    return [...this.keys.keys()];
  }

  /** The key of that id; the file is read again where another process may have made it. */
  async find(table: string, id: string): Promise<Uint8Array | undefined> {
    const held = (): Uint8Array | undefined =>
      this.keys.get(table)?.find((wrap) => wrap.id === id)?.key;
    const known = held();
    if (known !== undefined) return known;
    await this.reload();
    return held();
  }

  /** A new table's key. Durable when this resolves. */
  async create(table: string): Promise<WrappingKey> {
    await this.reload();
    return await this.add(table);
  }

  /**
   * The key that an erasure moves the table to. Always a new one: of those that the table has, an older
   * may have wrapped what is erased already, and a younger what an erasure that failed sent to the store.
   */
  async successor(table: string): Promise<WrappingKey> {
    await this.reload();
    return await this.add(table);
  }

  /**
   * Forget the table's keys from before `id`, which its published manifest uses. A younger one stays:
   * a store may still carry out a publication that it reported as failed.
   */
  async settle(table: string, id: string): Promise<void> {
    if ((await this.find(table, id)) === undefined) return;
    const outdated = (): number => this.keys.get(table)?.findIndex((wrap) => wrap.id === id) ?? 0;
    if (outdated() < 1) return;
    await this.reload();
    const count = outdated();
    if (count < 1) return;
    this.keys.set(table, this.keys.get(table)!.slice(count));
    await this.write();
  }

  private async add(table: string): Promise<WrappingKey> {
    const wrap: WrappingKey = { id: randomId(), key: randomBytes(32) };
    this.keys.set(table, [...(this.keys.get(table) ?? []), wrap]);
    await this.write();
    return wrap;
  }

  private async reload(): Promise<void> {
    this.keys = await readSealedFile(this.file, decodeWrappingKeys);
  }

  private async write(): Promise<void> {
    const all = [...this.keys].flatMap(([table, wraps]) => wraps.map((wrap) => ({ table, wrap })));
    const content = new Writer().u32(all.length);
    for (const { table, wrap } of all) {
      content.raw(fromHex(table, 'a table id')).raw(fromHex(wrap.id, 'a key id')).raw(wrap.key);
    }
    await writeSealedFile(this.file, content);
  }
}

/** The content of keys.opal. @throws BYTES_INVALID */
export function decodeWrappingKeys(reader: Reader): Map<string, WrappingKey[]> {
  const keys = new Map<string, WrappingKey[]>();
  const count = reader.count(64);
  for (let i = 0; i < count; i++) {
    const table = toHex(reader.raw(16));
    const wrap = { id: toHex(reader.raw(16)), key: reader.raw(32).slice() };
    keys.set(table, [...(keys.get(table) ?? []), wrap]);
  }
  return keys;
}
