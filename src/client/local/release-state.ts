import { type Reader, Writer } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import type { ReleaseStanding } from '../../gate/verified/falsified.ts';
import type { KeptFile } from './kept-file.ts';
import { readSealedFile, type SealedFile, writeSealedFile } from './sealed-file.ts';

interface Content {
  /** Every table is to carry what answers are verified by. */
  readonly verified: boolean;
  /** Milliseconds since 1970; 0: releases are open. */
  readonly frozen: number;
}

const NONE: Content = { verified: false, frozen: 0 };

/**
 * Whether a vault's tables are to be verifiable, and whether an answer did not verify since the owner last looked: a
 * sealed file beside its keys, read anew each time, for other processes write it too. A vault without one has neither.
 */
export class ReleaseState implements ReleaseStanding {
  private readonly file: SealedFile;
  /** A freeze that could not be written holds here. */
  private frozenHere = 0;

  constructor(file: KeptFile, key: Uint8Array) {
    this.file = { file, key, type: 'RLSE' };
  }

  async isVerified(): Promise<boolean> {
    return (await this.read()).verified;
  }

  /** From now on new segments carry check columns and MACs. For who holds the vault's lock. */
  async verify(): Promise<void> {
    const content = await this.read();
    if (!content.verified) await this.write({ ...content, verified: true });
  }

  /** Since when releases are frozen; undefined: they are open. */
  async frozenSince(): Promise<Date | undefined> {
    const since = (await this.read()).frozen || this.frozenHere;
    return since === 0 ? undefined : new Date(since);
  }

  async requireOpen(): Promise<void> {
    const since = await this.frozenSince();
    if (since !== undefined) {
      throw new OpalineError('RELEASES_FROZEN', { since: since.toISOString() });
    }
  }

  async freeze(): Promise<void> {
    this.frozenHere ||= Date.now();
    const content = await this.read().catch(() => ({ ...NONE, verified: true }));
    try {
      if (content.frozen === 0) await this.write({ ...content, frozen: this.frozenHere });
      this.frozenHere = 0;
    } catch {
      // Whatever becomes of the file, this process releases nothing more.
    }
  }

  /** The owner has looked: releases are open again. */
  async lift(): Promise<void> {
    const content = await this.read();
    if (content.frozen !== 0) await this.write({ ...content, frozen: 0 });
    this.frozenHere = 0;
  }

  private async read(): Promise<Content> {
    if (await this.isMissing()) return NONE;
    return await readSealedFile(this.file, decodeReleaseState);
  }

  private async isMissing(): Promise<boolean> {
    try {
      await this.file.file.read();
      return false;
    } catch (error) {
      // What is there and cannot be read is refused by `readSealedFile`.
      return systemCode(error) === 'ENOENT';
    }
  }

  private async write({ verified, frozen }: Content): Promise<void> {
    await writeSealedFile(this.file, new Writer(16).u8(verified ? 1 : 0).u64(frozen));
  }
}

/** The content of release.opal. @throws BYTES_INVALID */
export function decodeReleaseState(reader: Reader): Content {
  const verified = reader.u8();
  if (verified > 1) reader.fail('a flag is neither on nor off');
  return { verified: verified === 1, frozen: reader.u64() };
}
