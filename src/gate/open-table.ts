import { equalBytes } from '../bytes/compare.ts';
import { Reader, Writer } from '../bytes/codec.ts';
import { openBytes, sealBytes } from '../bytes/aead.ts';
import { fromHex } from '../bytes/hex.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { TableKeys, VaultSecrets } from '../keys/secret.ts';
import type { StoreLink } from '../store/link.ts';
import {
  type Manifest,
  manifestDigest,
  type SegmentEntry,
  verifyManifest,
} from '../table/manifest.ts';
import { parseSchema, schemaToJson } from '../table/schema-json.ts';
import type { Schema } from '../table/schema.ts';
import {
  type ColumnSection,
  decodeColumnSection,
  decodeSegmentMeta,
  type SegmentMeta,
} from '../table/segment-meta.ts';
import { openSection } from '../table/sealed-section.ts';

/** What the vault remembers of a table between runs: it may never be older than this. */
export interface TablePin {
  readonly table: string;
  readonly epoch: number;
  readonly digest: Uint8Array;
}

/** The private part of a manifest: the schema, which holds the table's name. */
export function sealManifestContent(keys: TableKeys, table: string, schema: Schema): Uint8Array {
  const plain = new Writer().text(JSON.stringify(schemaToJson(schema))).finish();
  return sealBytes(keys.manifest, plain, fromHex(table, 'a table id'));
}

function openManifestContent(keys: TableKeys, manifest: Manifest): Schema {
  const aad = fromHex(manifest.table, 'a table id');
  const plain = openBytes(keys.manifest, manifest.sealed, aad, 'the manifest’s content');
  return parseSchema(JSON.parse(new Reader(plain, 'the manifest’s content').text(1 << 24)));
}

/** A table as the vault sees it at one epoch. Metadata is fetched when first needed, and kept. */
export class OpenTable {
  readonly id: string;
  readonly schema: Schema;
  readonly manifest: Manifest;
  readonly digest: Uint8Array;
  readonly keys: TableKeys;
  private readonly link: StoreLink;
  private readonly metas = new Map<string, Promise<SegmentMeta>>();
  private readonly sections = new Map<string, Promise<ColumnSection>>();

  private constructor(
    link: StoreLink,
    manifest: Manifest,
    digest: Uint8Array,
    keys: TableKeys,
    schema: Schema,
  ) {
    this.id = manifest.table;
    this.link = link;
    this.manifest = manifest;
    this.digest = digest;
    this.keys = keys;
    this.schema = schema;
  }

  /**
   * Verify the head of table `id` and open it; undefined when it is not this owner's. `known` is
   * returned as it is while its manifest is still the head, with the metadata it has fetched.
   * @throws EPOCH_ROLLBACK when it is older than the pin, MANIFEST_INVALID when it is another
   * manifest of the pinned epoch or fails verification, PART_MISSING when a pinned table is gone.
   */
  static async load(
    link: StoreLink,
    secrets: VaultSecrets,
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
    const keys = secrets.tableKeys(id);
    return new OpenTable(link, manifest, digest, keys, openManifestContent(keys, manifest));
  }

  get pin(): TablePin {
    return { table: this.id, epoch: this.manifest.epoch, digest: this.digest };
  }

  get rows(): number {
    return this.manifest.segments.reduce((sum, segment) => sum + segment.rows, 0);
  }

  columnIndex(name: string): number {
    return this.schema.columns.findIndex((column) => column.name === name);
  }

  /** Bounds, ciphertext columns and NULL counts of a segment. */
  meta(segment: SegmentEntry): Promise<SegmentMeta> {
    return remember(this.metas, segment.id, async () =>
      decodeSegmentMeta(await this.section(segment, 0)),
    );
  }

  /** Dictionary and boundaries of one column of a segment. */
  column(segment: SegmentEntry, column: number): Promise<ColumnSection> {
    return remember(this.sections, `${segment.id}/${column}`, async () =>
      decodeColumnSection(await this.section(segment, 1 + column)),
    );
  }

  private async section(segment: SegmentEntry, section: number): Promise<Uint8Array> {
    const part = segment.metadata.id;
    const [sealed] = await this.link.fetch({
      table: this.id,
      part,
      rows: Uint32Array.of(section),
    });
    try {
      if (sealed === undefined) throw new OpalineError('PART_MISSING', { part });
      return openSection(this.keys.metadata, segment.id, section, sealed);
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
