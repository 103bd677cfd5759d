import { z } from 'zod';
import { utf8 } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { OpenFolder } from '../local/vault-host.ts';
import { readAssessment } from './assessment/record-file.ts';

/**
 * What an entry of the audit log says besides of the files beside it: how often each was written, how many records the
 * release ledgers have, and whether releases are frozen. The log's own rollback is noticed by its pinned head and by
 * whoever keeps a head elsewhere; an older copy of one of these files then is by this.
 */
export interface FileCounts {
  /** By the name of a sealed file. */
  readonly files?: Readonly<Record<string, number>> | undefined;
  /** Records by table. */
  readonly ledgers?: Readonly<Record<string, number>> | undefined;
  readonly frozen?: boolean | undefined;
}

const number = z.int().min(0);
const form: z.ZodType<{ readonly counts: FileCounts }> = z.strictObject({
  counts: z.strictObject({
    files: z.record(z.string(), number).optional(),
    ledgers: z.record(z.string(), number).optional(),
    frozen: z.boolean().optional(),
  }),
});

export function countsContent(counts: FileCounts): Uint8Array {
  return utf8(JSON.stringify({ counts }));
}

/** Undefined for a detail that says something else. */
export function readCounts(content: Uint8Array): FileCounts | undefined {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(content));
  } catch {
    return undefined;
  }
  const parsed = form.safeParse(json);
  return parsed.success ? parsed.data.counts : undefined;
}

/** A file that counts how often it was written. */
export interface Counting {
  count(): Promise<number>;
  /** @throws VAULT_CORRUPT where it was written less often than is known */
  requireCount(known: number): Promise<void>;
}

/** The record of a vault's assessment counts by the number of its entry in the log: 0 of none. */
export function assessmentCount(folder: Pick<OpenFolder, 'path' | 'secrets'>): Counting {
  const count = async (): Promise<number> => (await readAssessment(folder))?.entry ?? 0;
  return {
    count,
    requireCount: async (known) => {
      const found = await count();
      if (found >= known) return;
      const reason = `assessment.opal is an older copy, or gone: of entry ${found}, and ${known} is known`;
      throw new OpalineError('VAULT_CORRUPT', { path: folder.path, reason });
    },
  };
}

/** @throws VAULT_CORRUPT for a file that is older than the log says */
export async function requireCounts(
  files: { readonly [name: string]: Counting },
  known: Readonly<Record<string, number>>,
): Promise<void> {
  for (const [name, times] of Object.entries(known)) {
    if (Object.hasOwn(files, name)) await files[name]!.requireCount(times);
  }
}
