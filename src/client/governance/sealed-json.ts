import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { utf8, Writer } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { fileAt } from '../local/atomic-file.ts';
import { readSealedFile, type SealedFile, writeSealedFile } from '../local/sealed-file.ts';
import { lockGovernance } from './place.ts';

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A value of a vault's governance in a sealed file, checked whenever it is read: JSON under a key of the file's
 * own. What another process wrote is seen at the next call.
 */
export class SealedJson<T> {
  private readonly place: string;
  private readonly path: string;
  private readonly sealed: SealedFile;
  private readonly schema: z.ZodType<T>;
  private readonly absent: T | undefined;
  private known: { readonly version: string; readonly value: T } | undefined;

  /**
   * @param key 32 bytes, for this file alone
   * @param absent what a missing file says, where that permits nothing; default: it is refused
   */
  constructor(place: string, name: string, key: Uint8Array, schema: z.ZodType<T>, absent?: T) {
    this.place = place;
    this.path = join(place, name);
    this.sealed = { file: fileAt(this.path), key, type: 'GOVN' };
    this.schema = schema;
    this.absent = absent;
  }

  /** @throws VAULT_CORRUPT, of a missing file too: an empty one would permit what the lost one did not */
  async read(): Promise<T> {
    const version = await this.version();
    if (version === undefined) return this.absent!;
    if (this.known?.version === version) return this.known.value;
    const value = await readSealedFile(this.sealed, (reader) => {
      const parsed = this.schema.safeParse(parseJson(reader.bytes()));
      return parsed.success ? parsed.data : reader.fail('its content is not of its form');
    });
    this.known = { version, value };
    return value;
  }

  /** Make the file, of a value; for who makes the governance. */
  async create(value: T): Promise<void> {
    await this.write(value);
  }

  /**
   * Replace the value by what `change` makes of the one on the disk, with no other writer between.
   * @returns the new value, which is on the disk
   */
  async change(change: (value: T) => T | Promise<T>): Promise<T> {
    await using _ = await lockGovernance(this.place);
    this.known = undefined;
    const next = await change(await this.read());
    await this.write(next);
    return next;
  }

  private async write(value: T): Promise<void> {
    this.known = undefined;
    await writeSealedFile(this.sealed, new Writer().bytes(utf8(JSON.stringify(value))));
  }

  /** Undefined: there is no file, and need not be one. */
  private async version(): Promise<string | undefined> {
    try {
      const { ino, mtimeNs, size } = await stat(this.path, { bigint: true });
      return `${ino}/${mtimeNs}/${size}`;
    } catch (error) {
      if (this.absent !== undefined && systemCode(error) === 'ENOENT') return undefined;
      throw new OpalineError('VAULT_CORRUPT', {
        path: this.place,
        reason: `${this.sealed.file.name} cannot be read (${systemCode(error)})`,
      });
    }
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(DECODER.decode(bytes));
  } catch {
    return undefined;
  }
}
