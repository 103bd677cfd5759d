import { utf8, wordBytes } from '../../bytes/codec.ts';
import { equalBytes } from '../../bytes/compare.ts';
import { sha256 } from '../../bytes/hash.ts';
import { toHex } from '../../bytes/hex.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Plan } from '../../plan/physical.ts';
import type { OpenTable } from '../open-table.ts';

/**
 * The right to run one plan, once, on one epoch of a table without certain rows. Step 6 makes it once the
 * intent is logged, and step 7 spends it: what was logged is what runs.
 */
export class Capability {
  readonly #digest: Uint8Array;
  #spent = false;

  constructor(plan: Plan, counted: OpenTable) {
    this.#digest = workDigest(plan, counted);
  }

  /** @throws DENIED where it was spent, or is for other work */
  spend(plan: Plan, counted: OpenTable): void {
    const spent = this.#spent;
    this.#spent = true;
    if (!spent && equalBytes(this.#digest, workDigest(plan, counted))) return;
    throw new OpalineError('DENIED', { reason: 'the work is not what was logged' });
  }
}

/** SHA-256 of a plan, the manifest that it runs on, and the rows that are left out. */
export function workDigest(plan: Plan, counted: OpenTable): Uint8Array {
  const left = counted.manifest.segments.flatMap((segment) => {
    const rows = counted.leftOut(segment);
    return rows === undefined ? [] : [[segment.id, toHex(sha256(wordBytes(rows.words)))]];
  });
  return sha256(
    utf8(`opaline work v1\n${jsonOf([toHex(counted.digest), left, counted.leftOutDelta, plan])}\n`),
  );
}

/** JSON in which whole numbers of any size are texts. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one));
}
