import { equalBytes } from '../bytes/compare.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { type SegmentKeys, segmentKeys } from '../keys/segment-keys.ts';
import type { StoreLink } from '../store/link.ts';
import {
  type OpenedContent,
  openManifestContent,
  type Pending,
} from '../table/manifest-content.ts';
import {
  liveRows,
  type Manifest,
  manifestDigest,
  type SegmentEntry,
  verifyManifest,
} from '../table/manifest.ts';
import { decodeRowCodes, type RowCodes } from '../table/row-codes.ts';
import { uniteSchemas } from '../table/schema-union.ts';
import type { Schema } from '../table/schema.ts';
import {
  type ColumnSection,
  decodeColumnSection,
  decodeSegmentMeta,
  type SegmentMeta,
} from '../table/segment-meta.ts';
import { RowSet } from '../table/row-set.ts';
import { deletedRows } from './deleted-rows.ts';
import { openSection, rungSection } from '../table/sealed-section.ts';
import { type DeltaRow, openDelta } from './delta-rows.ts';
import type { RowMask } from './row-mask.ts';
import { inPart } from './sealed-rows.ts';

/** What the vault remembers of a table between runs: it may never be older than this. */
export interface TablePin {
  readonly table: string;
  readonly epoch: number;
  readonly digest: Uint8Array;
}

/** What opening a vault's tables takes. */
export interface TableSecrets {
  readonly publicKey: Uint8Array;
  manifestKey(table: string): Uint8Array;
  /** The wrapping key of that id; undefined where the vault does not have it. */
  wrappingKey(table: string, id: string): Promise<Uint8Array | undefined>;
}

/** A table as the vault sees it at one epoch. Metadata is fetched when first needed, and kept. */
export class OpenTable {
  readonly id: string;
  readonly schema: Schema;
  readonly manifest: Manifest;
  readonly digest: Uint8Array;
  /** Id of the key that wraps the roots. */
  readonly wrap: string;
  /** A change of every segment that has begun and not ended. */
  readonly pending: Pending | undefined;
  /** Segment and delta roots; undefined where the vault lacks the key that wraps them. */
  readonly roots: ReadonlyMap<string, Uint8Array> | undefined;
  private readonly link: StoreLink;
  private readonly fetched: Fetched;
  private readonly mask: RowMask | undefined;

  private constructor(
    link: StoreLink,
    manifest: Manifest,
    digest: Uint8Array,
    content: Pick<OpenedContent, 'schema' | 'wrap' | 'pending'>,
    roots: ReadonlyMap<string, Uint8Array> | undefined,
    fetched: Fetched = new Fetched(),
    mask?: RowMask,
  ) {
    this.id = manifest.table;
    this.link = link;
    this.manifest = manifest;
    this.digest = digest;
    this.schema = content.schema;
    this.wrap = content.wrap;
    this.pending = content.pending;
    this.roots = roots;
    this.fetched = fetched;
    this.mask = mask;
  }

  /** The same table where the rows of a mask count nowhere, as if they were deleted. */
  without(mask: RowMask): OpenTable {
    const { link, manifest, digest, roots, fetched } = this;
    return new OpenTable(link, manifest, digest, this, roots, fetched, mask);
  }

  /** Rows of a segment that are left out of everything that is computed; undefined: none. */
  leftOut({ id }: Pick<SegmentEntry, 'id'>): RowSet | undefined {
    return this.mask?.segments.get(id);
  }

  /** Positions of the delta's rows that are left out, ascending. */
  get leftOutDelta(): readonly number[] {
    return [...(this.mask?.delta ?? [])].sort((a, b) => a - b);
  }

  /** Whether rows that are not deleted are left out. */
  get leavesOut(): boolean {
    return this.mask !== undefined && (this.mask.segments.size > 0 || this.mask.delta.size > 0);
  }

  /**
   * Verify the head of table `id` and open it; undefined when it is not this owner's. `known` is
   * returned as it is while its manifest is still the head, with the metadata it has fetched.
   * @throws EPOCH_ROLLBACK when it is older than the pin, MANIFEST_INVALID when it is another
   * manifest of the pinned epoch or fails verification, PART_MISSING when a pinned table is gone.
   */
  static async load(
    link: StoreLink,
    secrets: TableSecrets,
    id: string,
    pin: TablePin | undefined,
    known: OpenTable | undefined,
  ): Promise<OpenTable | undefined> {
    const bytes = await link.head(id);
    if (bytes === undefined) {
      if (pin === undefined) return undefined;
      throw new OpalineError('PART_MISSING', { part: `manifest of table ${id}` });
    }
    const digest = manifestDigest(bytes);
    if (known !== undefined && equalBytes(digest, known.digest)) return known;
    let manifest: Manifest;
    try {
      manifest = verifyManifest(bytes, id, secrets.publicKey);
    } catch (error) {
      // In a shared store another owner's tables are no business of ours; a pinned one is.
      if (pin === undefined) return undefined;
      throw error;
    }
    if (pin !== undefined) {
      if (manifest.epoch < pin.epoch) {
        throw new OpalineError('EPOCH_ROLLBACK', { expected: pin.epoch, found: manifest.epoch });
      }
      if (manifest.epoch === pin.epoch && !equalBytes(digest, pin.digest)) {
        throw new OpalineError('MANIFEST_INVALID', { reason: 'the epoch was published twice' });
      }
    }
    const content = openManifestContent(secrets.manifestKey(id), id, manifest.sealed);
    if ((content.pending?.since ?? 0) > manifest.epoch) {
      throw new OpalineError('MANIFEST_INVALID', { reason: 'its rotation begins later' });
    }
    const key = await secrets.wrappingKey(id, content.wrap);
    const table = new OpenTable(link, manifest, digest, content, key && content.unwrap(key));
    if (known !== undefined && key !== undefined) table.inherit(known);
    return table;
  }

  /** Take over what an earlier epoch has opened of parts that this one has too: parts never change. */
  private inherit({ fetched: earlier }: OpenTable): void {
    const { fetched } = this;
    for (const { id, deleted } of this.manifest.segments) {
      copy(earlier.metas, fetched.metas, id);
      for (let column = 0; column < this.schema.columns.length; column++) {
        copy(earlier.sections, fetched.sections, `${id}/${column}`);
      }
      if (deleted !== undefined) copy(earlier.gone, fetched.gone, deleted.part.id);
    }
    for (const { id } of this.manifest.delta) copy(earlier.delta, fetched.delta, id);
  }

  get pin(): TablePin {
    return { table: this.id, epoch: this.manifest.epoch, digest: this.digest };
  }

  /** What segments made now must serve: the table's schema, and the one it is being changed to. */
  get sealing(): Schema {
    return this.sealingFor(this.pending?.schema);
  }

  /** The same, on the way to `next`. */
  sealingFor(next: Schema | undefined): Schema {
    return next === undefined ? this.schema : uniteSchemas(this.schema, next);
  }

  /** Rows that are neither deleted nor left out, the delta's among them. */
  get rows(): number {
    const { delta } = this.manifest;
    const left = this.mask?.delta.size ?? 0;
    return this.segmentRows + delta.reduce((sum, { rows }) => sum + rows, 0) - left;
  }

  /** Rows of segments that are neither deleted nor left out. */
  get segmentRows(): number {
    return this.manifest.segments.reduce((sum, segment) => sum + this.countedRows(segment), 0);
  }

  /** Rows of a segment that are neither deleted nor left out. */
  countedRows(segment: SegmentEntry): number {
    return liveRows(segment) - (this.leftOut(segment)?.count ?? 0);
  }

  /** @throws KEY_MISSING */
  segmentKeys(id: string): SegmentKeys {
    const known = this.fetched.keys.get(id);
    if (known !== undefined) return known;
    const root = this.roots?.get(id);
    if (root === undefined) {
      throw new OpalineError('KEY_MISSING', { what: `table "${this.schema.table}"` });
    }
    const keys = segmentKeys(root);
    this.fetched.keys.set(id, keys);
    return keys;
  }

  /** The rows of the delta, opened, in the order of its entries. Fetched when first needed, and kept. */
  async deltaRows(): Promise<readonly DeltaRow[]> {
    const entries = this.manifest.delta.map((entry) =>
      remember(this.fetched.delta, entry.id, () => openDelta(this, entry, this.link)),
    );
    const rows = (await Promise.all(entries)).flat();
    const left = this.mask?.delta;
    return left === undefined ? rows : rows.filter((_, position) => !left.has(position));
  }

  /** The rows of a segment that count nowhere: deleted, or left out. Fetched when first needed, and kept. */
  async deletedRows(segment: SegmentEntry): Promise<RowSet> {
    const { deleted, rows } = segment;
    const gone =
      deleted === undefined
        ? new RowSet(rows)
        : await remember(this.fetched.gone, deleted.part.id, () =>
            deletedRows(this.link, this, segment),
          );
    const left = this.leftOut(segment);
    return left === undefined ? gone : gone.or(left);
  }

  columnIndex(name: string): number {
    return this.schema.columns.findIndex((column) => column.name === name);
  }

  /** Bounds, ciphertext columns and NULL counts of a segment. */
  meta(segment: SegmentEntry): Promise<SegmentMeta> {
    return remember(this.fetched.metas, segment.id, async () =>
      decodeSegmentMeta(await this.section(segment, 0)),
    );
  }

  /** Dictionary and boundaries of one column of a segment. */
  column(segment: SegmentEntry, column: number): Promise<ColumnSection> {
    return remember(this.fetched.sections, `${segment.id}/${column}`, async () =>
      decodeColumnSection(await this.section(segment, 1 + column)),
    );
  }

  /**
   * Which value each row of a segment has in a column, fetched over `link` and not kept. Only where the
   * segment has row codes.
   */
  async rowCodes(segment: SegmentEntry, column: number, link: StoreLink): Promise<RowCodes> {
    const { columns } = this.schema;
    const { dictionary } = await this.column(segment, column);
    const bytes = await this.section(segment, 1 + columns.length + column, link);
    return inPart(segment.metadata.id, () =>
      decodeRowCodes(bytes, segment.rows, dictionary?.length),
    );
  }

  /** The sealed state of further index number `position` of a segment: what asking it takes. */
  rungState(segment: SegmentEntry, position: number): Promise<Uint8Array> {
    const part = segment.rungs[position]!.state.id;
    return remember(this.fetched.states, part, async () => {
      const [sealed] = await this.link.fetch({ table: this.id, part, rows: Uint32Array.of(0) });
      return this.openSealed(segment, part, rungSection(position), sealed);
    });
  }

  private async section(
    segment: SegmentEntry,
    section: number,
    link: StoreLink = this.link,
  ): Promise<Uint8Array> {
    const part = segment.metadata.id;
    const [sealed] = await link.fetch({
      table: this.id,
      part,
      rows: Uint32Array.of(section),
    });
    return this.openSealed(segment, part, section, sealed);
  }

  private openSealed(
    segment: SegmentEntry,
    part: string,
    section: number,
    sealed: Uint8Array | undefined,
  ): Uint8Array {
    try {
      if (sealed === undefined) throw new OpalineError('PART_MISSING', { part });
      return openSection(this.segmentKeys(segment.id).metadata, segment.id, section, sealed);
    } catch (error) {
      if (error instanceof OpalineError && error.code === 'BYTES_INVALID') {
        throw new OpalineError('PART_CORRUPT', {
          part,
          reason: 'a metadata section does not open',
        });
      }
      throw error;
    }
  }
}

/** What was fetched of a table and opened; a table without some rows shares it. */
class Fetched {
  readonly keys: Map<string, SegmentKeys> = new Map();
  readonly metas: Map<string, Promise<SegmentMeta>> = new Map();
  readonly sections: Map<string, Promise<ColumnSection>> = new Map();
  /** By id of the entry. */
  readonly delta: Map<string, Promise<readonly DeltaRow[]>> = new Map();
  /** By id of the part. */
  readonly gone: Map<string, Promise<RowSet>> = new Map();
  readonly states: Map<string, Promise<Uint8Array>> = new Map();
}

function copy<T>(from: ReadonlyMap<string, T>, to: Map<string, T>, key: string): void {
  const value = from.get(key);
  if (value !== undefined) to.set(key, value);
}

/** Concurrent callers share one fetch; a failed one is forgotten. */
function remember<T>(
  known: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}
