import { randomPermutation } from '../../bytes/permutation.ts';
import { randomBytes, randomId } from '../../bytes/random.ts';
import { sha256 } from '../../bytes/hash.ts';
import { segmentKeys } from '../../keys/segment-keys.ts';
import { FACTOR_STEP } from '../../params/fixed-point.ts';
import { factorPlan, splitPlan } from '../../params/packing.ts';
import { buildRung } from '../../search/build-rung.ts';
import { type CodedColumn, codedInput } from '../../search/rung-input.ts';
import { buildIndex, type IndexColumn } from '../../search/sse/build.ts';
import { encodeBoundaries } from '../../search/sse/boundaries.ts';
import type { PartUpload } from '../../store/link.ts';
import { encodeBlobs } from '../../table/blob-part.ts';
import { encodeDeletedRows } from '../../table/deleted-rows.ts';
import type { PartEntry, RungEntry, SegmentEntry } from '../../table/manifest.ts';
import { encodeRowCodes } from '../../table/row-codes.ts';
import { RowSet } from '../../table/row-set.ts';
import { furtherIndexes, indexOf } from '../../table/search-index.ts';
import { type Column, multipliedColumns, type Schema } from '../../table/schema.ts';
import { sealRecords } from '../../table/sealed-record.ts';
import { rungSection, sealSection } from '../../table/sealed-section.ts';
import {
  type ColumnMeta,
  DICTIONARY_LIMIT,
  type DictionaryEntry,
  encodeColumnSection,
  encodeSegmentMeta,
  type FactorMeta,
  type ProductMeta,
  type RungMeta,
} from '../../table/segment-meta.ts';
import type { Batch } from '../../table/value.ts';
import { clusteredOrder } from './clustered.ts';
import { encryptColumns } from './encrypt.ts';
import { encryptGroupColumns } from './group-columns.ts';
import type { SealEngines } from './engines.ts';
import { permuteBatch } from './permutation.ts';
import { multiplyColumns, storedProducts } from './product.ts';
import { rankColumn, type RankedColumn } from './rank.ts';

/** A segment ready for upload. `birthEpoch` is set when it is published. */
export interface SealedSegment {
  readonly entry: Omit<SegmentEntry, 'birthEpoch'>;
  readonly parts: readonly PartUpload[];
  /** 32 random bytes from which the segment's keys follow. */
  readonly root: Uint8Array;
}

/**
 * Turn up to 2^18 rows into a segment: rows permuted as the layout says, ciphertext columns encrypted, index built,
 * records and metadata sealed. Nothing leaves this function unencrypted.
 *
 * With `holes` (ascending; those rows are NULL in the batch) the rows stay where they are, and the
 * holes are the places of erased rows: zeros in every column, in no list, without a record, deleted.
 */
export function sealSegment(
  schema: Schema,
  table: string,
  batch: Batch,
  engines: SealEngines,
  holes: Uint32Array = NO_HOLES,
): SealedSegment {
  const segment = randomId();
  const root = randomBytes(32);
  const keys = segmentKeys(root);
  const inPlace = holes.length > 0;
  const rows = inPlace ? batch : permuteBatch(batch, rowOrder(schema, batch, engines));
  const parts: PartUpload[] = [];
  const put = (kind: PartUpload['kind'], bytes: Uint8Array): PartEntry => {
    const part = { table, id: randomId(), kind, bytes, digest: sha256(bytes) };
    parts.push(part);
    return { id: part.id, bytes: bytes.length, digest: part.digest };
  };

  const ranked = schema.columns.map((column, i) =>
    rankColumn(rows.columns[i]!, column.type, holes),
  );
  const meta = schema.columns.map((column, i) => describe(column, ranked[i]!));
  const hasDictionary = ({ distinct }: ColumnMeta, i: number): boolean =>
    distinct <= DICTIONARY_LIMIT && schema.columns[i]!.type !== 'document';
  const built = buildIndex(
    keys.search,
    batch.rows,
    ranked.map((column, i) => indexed(i, column, meta[i]!)),
  );
  const index = put('index', built.part);

  const further: RungMeta[] = [];
  const rungs: RungEntry[] = [];
  for (const [i, column] of schema.columns.entries()) {
    for (const one of furtherIndexes(column)) {
      const input = codedInput(column.type, batch.rows, codedOf(ranked[i]!));
      const { part, state } = buildRung(one, keys.rung(i, one.index), input);
      const section = sealSection(keys.metadata, segment, rungSection(rungs.length), state);
      rungs.push({
        parts: [put('index', part)],
        state: put('sealed', encodeBlobs('SEAL', [section])),
      });
      further.push({ column: i, index: one.index });
    }
  }

  const { products, factors, columns } = encryptProducts(schema, rows, engines);
  const grouped = encryptGroupColumns(schema, rows, ranked, engines.sum, columns.length);
  const columnEntries = [...columns, ...grouped.columns].map((wire) => put('column', wire));

  const records = put('records', sealRecords(keys.records, segment, rows, holes));

  const sections = [
    encodeSegmentMeta({
      products,
      factors,
      columns: meta,
      ...grouped.meta,
      rowCodes: true,
      ...(further.length > 0 && { rungs: further }),
    }),
    ...ranked.map((column, i) =>
      encodeColumnSection({
        dictionary: hasDictionary(meta[i]!, i) ? dictionary(column) : undefined,
        boundaries: built.boundaries[i] && encodeBoundaries(built.boundaries[i]),
      }),
    ),
    ...ranked.map((column, i) =>
      encodeRowCodes(column.codes, hasDictionary(meta[i]!, i) ? meta[i]!.distinct : undefined),
    ),
  ].map((content, i) => sealSection(keys.metadata, segment, i, content));
  const metadata = put('sealed', encodeBlobs('SEAL', sections));

  const deleted = inPlace
    ? {
        rows: holes.length,
        part: put('deleted', encodeDeletedRows(RowSet.of(batch.rows, holes))),
      }
    : undefined;

  const entry = {
    id: segment,
    rows: batch.rows,
    index,
    records,
    metadata,
    columns: columnEntries,
    deleted,
    rungs,
  };
  return { entry, parts, root };
}

const NO_HOLES = new Uint32Array(0);

function rowOrder(
  { layout, columns }: Schema,
  batch: Batch,
  { sum }: Pick<SealEngines, 'sum'>,
): Uint32Array {
  if (layout === 'random') return randomPermutation(batch.rows);
  const place = columns.findIndex(({ name }) => name === layout.clustered);
  const { codes } = rankColumn(batch.columns[place]!, columns[place]!.type);
  return clusteredOrder(codes, sum.parameters.n);
}

/**
 * Which lists a column gets. Values that order (numbers, dates) get the rank tree, which answers
 * equality too, and a list per value while a dictionary can hold them (for GROUP BY). Text gets a
 * list per value always, and the tree only where no dictionary can turn a range into values.
 */
function describe(column: Column, { keywords, nulls }: RankedColumn): ColumnMeta {
  const distinct = keywords.length;
  const small = distinct <= DICTIONARY_LIMIT;
  const base = { nulls, distinct };
  // The list of NULL rows is always there: a sum of x counts the rows in which there is one.
  if (indexOf(column, 'sse') === undefined) return { ...base, equality: false, range: false };
  switch (column.type) {
    case 'document':
      return { ...base, equality: false, range: false };
    case 'boolean':
      return { ...base, equality: true, range: false };
    case 'text':
      return { ...base, equality: true, range: !small };
    case 'integer':
    case 'decimal':
    case 'real':
    case 'date':
    case 'timestamp':
      return { ...base, equality: small, range: distinct > 0 };
    default:
      return column.type satisfies never;
  }
}

const codedOf = ({ keywords, codes }: RankedColumn): CodedColumn => ({ values: keywords, codes });

function dictionary({ keywords, codes }: RankedColumn): DictionaryEntry[] {
  const rows = new Uint32Array(keywords.length);
  for (const code of codes) if (code !== -1) rows[code]! += 1;
  return keywords.map((value, code) => ({ value, rows: rows[code]! }));
}

function indexed(id: number, column: RankedColumn, meta: ColumnMeta): IndexColumn {
  const { equality, range } = meta;
  return { id, values: column.keywords, codes: column.codes, equality, range };
}

function encryptProducts(
  schema: Schema,
  rows: Batch,
  { sum, product }: SealEngines,
): { products: ProductMeta[]; factors: FactorMeta[]; columns: Uint8Array[] } {
  const products: ProductMeta[] = [];
  const factors: FactorMeta[] = [];
  const columns: Uint8Array[] = [];
  for (const stored of storedProducts(schema)) {
    const { values, ...bounds } = multiplyColumns(stored.map((i) => rows.columns[i]!));
    const plan = splitPlan(bounds.maxAbs, sum.parameters.plainBits);
    products.push({
      factors: stored,
      first: columns.length,
      limbs: plan.count,
      width: plan.width,
      ...bounds,
    });
    columns.push(...encryptColumns(sum, values, plan));
  }
  for (const column of product === undefined ? [] : multipliedColumns(schema)) {
    const { values, ...bounds } = multiplyColumns([rows.columns[column]!], FACTOR_STEP);
    const { count: limbs, width } = factorPlan(bounds.maxAbs);
    factors.push({ column, first: columns.length, limbs, width, ...bounds });
    columns.push(...encryptColumns(product!, values, { count: limbs, width }));
  }
  return { products, factors, columns };
}
