import { equalBytes } from '../../bytes/compare.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import type { StoreLink } from '../../store/link.ts';
import {
  type Pending,
  sealManifestContent,
  type WrappingKey,
} from '../../table/manifest-content.ts';
import {
  type DeltaEntry,
  manifestDigest,
  partsOf,
  parseManifest,
  type SegmentEntry,
  signManifest,
} from '../../table/manifest.ts';
import type { Schema } from '../../table/schema.ts';
import type { OpenFolder } from '../local/vault-host.ts';

/** A table as it is to be at its next epoch. */
export interface NextTable {
  readonly table: string;
  readonly epoch: number;
  readonly schema: Schema;
  readonly segments: readonly SegmentEntry[];
  readonly delta: readonly DeltaEntry[];
  /** Root of each segment and delta entry; others are left out of the manifest. */
  readonly roots: ReadonlyMap<string, Uint8Array>;
  readonly wrap: WrappingKey;
  /** A change of every segment that is not at its end. */
  readonly pending: Pending | undefined;
}

/**
 * Publish a table's next epoch and pin it. When this resolves the table is the new one; when it
 * throws it is the old one, or the store could not say (then a later look at the store tells).
 *
 * A publication that the store carried out and reported as failed counts as done, and so does one that
 * the vault's disk has no room to pin: a caller told of a failure would do it twice.
 * @throws EPOCH_CONFLICT when another writer was faster
 */
export async function publishTable(
  folder: OpenFolder,
  link: StoreLink,
  next: NextTable,
): Promise<void> {
  const { secrets, pins } = folder;
  const { table, epoch, schema, segments, delta, wrap, pending } = next;
  const roots = new Map(
    [...segments, ...delta].map(({ id }) => {
      const root = next.roots.get(id);
      if (root === undefined) throw new OpalineError('INTERNAL', { reason: 'a root is missing' });
      return [id, root];
    }),
  );
  const content = { schema, roots, pending };
  const sealed = sealManifestContent(secrets.manifestKey(table), table, content, wrap);
  const manifest = signManifest(
    { table, epoch, owner: secrets.publicKey, segments, delta, sealed },
    secrets.signing,
  );
  const digest = manifestDigest(manifest);
  try {
    await link.publish(table, epoch - 1, manifest);
  } catch (error) {
    const head = await link.head(table).catch(() => undefined);
    if (head === undefined || !equalBytes(manifestDigest(head), digest)) throw error;
  }
  const pin = { table, epoch, digest };
  try {
    await pins.advance(pin);
  } catch (error) {
    if (!isOpalineError(error, 'STORE_IO')) throw error;
    pins.remember(pin);
  }
}

/** Remove the parts that a table's new head no longer names. Best effort: `doctor` finds the rest. */
export async function removeSuperseded(link: StoreLink, before: OpenTable): Promise<void> {
  try {
    const head = await link.head(before.id);
    if (head === undefined) return;
    const named = new Set([...partsOf(parseManifest(head))].map(({ id }) => id));
    const old = [...partsOf(before.manifest)].map(({ id }) => id);
    await link.remove(
      before.id,
      old.filter((id) => !named.has(id)),
    );
  } catch {
    // The table is already the new one.
  }
}
