import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { utf8, Writer } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { fileAt } from '../local/atomic-file.ts';
import type { Counting } from './file-counts.ts';
import { readSealedFile, type SealedFile, writeSealedFile } from '../local/sealed-file.ts';
import { lockGovernance } from './place.ts';

interface Counted {
  readonly writes?: number;
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A value of a vault's governance in a sealed file, checked whenever it is read: JSON under a key of the file's
 * own. What another process wrote is seen at the next call. The file counts how often it was written, and an older
 * copy in its place is refused: by this process, and by what the audit log says (file-counts.ts).
 */
export class SealedJson<T extends object> {
  private readonly place: string;
  private readonly path: string;
  private readonly sealed: SealedFile;
  private readonly schema: z.ZodType<T>;
  private readonly absent: T | undefined;
  private known: { readonly version: string; readonly value: T } | undefined;
  private writes = 0;

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

  /**
   * @throws VAULT_CORRUPT, of a missing file too: an empty one would permit what the lost one did not; and of one that
   * is older than what was read before
   */
  async read(): Promise<T> {
    const version = await this.version();
    if (version === undefined) return this.absent!;
    if (this.known?.version === version) return this.known.value;
    const { value, writes } = await readSealedFile(this.sealed, (reader) => {
      const { writes: counted = 0, ...json } = (parseJson(reader.bytes()) ?? {}) as Counted;
      const parsed = this.schema.safeParse(json);
      if (!parsed.success || !Number.isSafeInteger(counted)) {
        return reader.fail('its content is not of its form');
      }
      return { value: parsed.data, writes: counted };
    });
    this.requireNotOlder(writes, this.writes);
    this.writes = writes;
    this.known = { version, value };
    return value;
  }

  /** How often the file was written. @throws VAULT_CORRUPT */
  async count(): Promise<number> {
    await this.read();
    return this.writes;
  }

  /** @throws VAULT_CORRUPT where the file was written less often than somebody knows */
  async requireCount(known: number): Promise<void> {
    this.requireNotOlder(await this.count(), known);
  }

  /** Its count where it is made when it is first needed: 0 of a file that is not there. */
  optional(): Counting {
    const count = async (): Promise<number> => ((await this.exists()) ? await this.count() : 0);
    return {
      count,
      requireCount: async (known) => this.requireNotOlder(await count(), known),
    };
  }

  private requireNotOlder(found: number, known: number): void {
    if (found >= known) return;
    throw new OpalineError('VAULT_CORRUPT', {
      path: this.place,
      reason: `${this.sealed.file.name} is an older copy: written ${found} times, and ${known} are known`,
    });
  }

  /** As `read`; a value where there is no file yet. For files whose loss permits nothing. */
  async find(otherwise: T): Promise<T> {
    return (await this.exists()) ? await this.read() : otherwise;
  }

  /** Make the file, where there is none yet, with no other writer between. */
  async begin(value: T): Promise<void> {
    if (await this.exists()) return;
    await using _ = await lockGovernance(this.place);
    if (!(await this.exists())) await this.write(value);
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
    const content = JSON.stringify({ ...value, writes: this.writes + 1 });
    await writeSealedFile(this.sealed, new Writer().bytes(utf8(content)));
  }

  private async exists(): Promise<boolean> {
    try {
      await stat(this.path);
      return true;
    } catch (error) {
      // Where it cannot be told, reading it does.
      return systemCode(error) !== 'ENOENT';
    }
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
