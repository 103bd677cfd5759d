import { randomPermutation } from '../../bytes/permutation.ts';
import { randomBytes, randomId } from '../../bytes/random.ts';
import { sha256OfLarge } from '../../bytes/hash.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { segmentKeys } from '../../keys/segment-keys.ts';
import { FACTOR_STEP } from '../../params/fixed-point.ts';
import { factorPlan, splitPlan } from '../../params/packing.ts';
import { buildRung } from '../../search/build-rung.ts';
import { documentPostings } from '../../search/build/documents.ts';
import { textPostings } from '../../search/build/texts.ts';
import { keyword, KEYWORD_KIND } from '../../search/keyword.ts';
import type { Postings } from '../../search/postings.ts';
import { type CodedColumn, codedInput, type RungInput } from '../../search/rung-input.ts';
import { buildIndex, type IndexColumn } from '../../search/sse/build.ts';
import { encodeBoundaries } from '../../search/sse/boundaries.ts';
import type { TextLists } from '../../search/text.ts';
import type { PartUpload } from '../../store/link.ts';
import { decodeCanonical } from '../../table/canonical.ts';
import { encodeBlobs } from '../../table/blob-part.ts';
import { encodeDeletedRows } from '../../table/deleted-rows.ts';
import type { DeletedEntry, PartEntry, RungEntry, SegmentEntry } from '../../table/manifest.ts';
import { encodeRowCodes } from '../../table/row-codes.ts';
import { RowSet } from '../../table/row-set.ts';
import { furtherIndexes, indexOf, isUnlisted } from '../../table/search-index.ts';
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
  type SegmentMeta,
} from '../../table/segment-meta.ts';
import type { Batch } from '../../table/value.ts';
import { encryptChecks } from './check-columns.ts';
import { clusteredOrder } from './clustered.ts';
import { encryptColumns } from './encrypt.ts';
import { encryptGroupColumns } from './group-columns.ts';
import type { SealEngines } from './engines.ts';
import { permuteBatch } from './permutation.ts';
import { multiplyColumns, storedProducts } from './product.ts';
import { rankColumn, type RankedColumn } from './rank.ts';
import { encryptReals } from './reals.ts';

/** A segment ready for upload. `birthEpoch` is set when it is published. */
export interface SealedSegment {
  readonly entry: Omit<SegmentEntry, 'birthEpoch'>;
  readonly parts: readonly PartUpload[];
  /** 32 random bytes from which the segment's keys follow. */
  readonly root: Uint8Array;
}

/** Parts of a segment that are taken over into one of other keys. */
export interface KeptParts {
  readonly columns: readonly PartEntry[];
  /** What the columns are, from the segment's metadata. */
  readonly meta: Pick<SegmentMeta, 'products' | 'factors' | 'groups' | 'reals' | 'checks'>;
  readonly deleted: DeletedEntry | undefined;
}

/** What a segment is made for. */
export interface SegmentPlace {
  readonly schema: Schema;
  /** Opaque table id. */
  readonly table: string;
  /** In which it is to be published. */
  readonly epoch: number;
}

/**
 * Turn up to 2^18 rows into a segment: rows permuted as the layout says, ciphertext columns encrypted, index built,
 * records and metadata sealed. Nothing leaves this function unencrypted.
 *
 * With `holes` (ascending; those rows are NULL in the batch) the rows stay where they are, and the
 * holes are the places of erased rows: zeros in every column, in no list, without a record, deleted.
 *
 * With `kept` they stay too, and so do the segment's ciphertext columns and its list of deleted rows, which
 * the holes are among: index, records and metadata alone are made, from the same rows. And check columns, where
 * the schema asks for them and the segment has none.
 */
export async function sealSegment(
  { schema, table, epoch }: SegmentPlace,
  batch: Batch,
  engines: SealEngines,
  holes: Uint32Array = NO_HOLES,
  kept?: KeptParts,
): Promise<SealedSegment> {
  const segment = randomId();
  const root = randomBytes(32);
  const keys = segmentKeys(root);
  const inPlace = holes.length > 0 || kept !== undefined;
  const rows = inPlace ? batch : permuteBatch(batch, rowOrder(schema, batch, engines));
  const parts: PartUpload[] = [];
  const put = async (kind: PartUpload['kind'], bytes: Uint8Array): Promise<PartEntry> => {
    const part = { table, id: randomId(), kind, bytes, digest: await sha256OfLarge(bytes) };
    parts.push(part);
    return { id: part.id, bytes: bytes.length, digest: part.digest };
  };

  const ranked = schema.columns.map((column, i) =>
    rankColumn(rows.columns[i]!, column.type, holes),
  );
  const meta = schema.columns.map((column, i) => describe(column, ranked[i]!));
  const hasDictionary = ({ distinct }: ColumnMeta, i: number): boolean =>
    distinct <= DICTIONARY_LIMIT && schema.columns[i]!.type !== 'document';
  const listed = ranked
    .map((column, i) => ({
      ...indexed(i, column, meta[i]!),
      ...partsOf(schema.columns[i]!, column, meta[i]!),
    }))
    .filter(({ id }) => !isUnlisted(schema.columns[id]!));
  const verified = schema.verified === true;
  const built = buildIndex(keys.search, batch.rows, listed, verified ? epoch : undefined);
  const boundaries = new Map(listed.map(({ id }, i) => [id, built.boundaries[i]]));
  const index = await put('index', built.part);

  const further: RungMeta[] = [];
  const rungs: RungEntry[] = [];
  for (const [i, column] of schema.columns.entries()) {
    for (const one of furtherIndexes(column)) {
      const input = inputOf(column, batch.rows, ranked[i]!);
      const { part, state } = buildRung(one, keys.rung(i, one.index), input);
      const section = sealSection(keys.metadata, segment, rungSection(rungs.length), state);
      rungs.push({
        parts: [await put('index', part)],
        state: await put('sealed', encodeBlobs('SEAL', [section])),
      });
      further.push({ column: i, index: one.index });
    }
  }

  if (kept !== undefined) checkKeptGroups(kept, ranked);
  const { encrypted, wires } = encryptAll(schema, rows, ranked, engines, kept);
  const columnEntries = [...(kept?.columns ?? [])];
  for (const wire of wires) columnEntries.push(await put('column', wire));
  let { checks } = encrypted;
  if (verified && checks === undefined) {
    const origin = { segment, epoch };
    const first = columnEntries.length;
    const made = encryptChecks(
      { table, origin, rows, ranked, meta: encrypted, first },
      engines.check!,
    );
    for (const wire of made.columns) columnEntries.push(await put('column', wire));
    checks = { ...made.meta, buckets: 0 };
  }

  const records = await put('records', sealRecords(keys.records, segment, rows, holes));

  const sections = [
    encodeSegmentMeta({
      ...encrypted,
      ...(checks && { checks: { ...checks, buckets: built.buckets } }),
      columns: meta,
      rowCodes: true,
      ...(further.length > 0 && { rungs: further }),
    }),
    ...ranked.map((column, i) =>
      encodeColumnSection({
        dictionary: hasDictionary(meta[i]!, i) ? dictionary(column) : undefined,
        boundaries: boundaries.get(i) && encodeBoundaries(boundaries.get(i)!),
      }),
    ),
    ...ranked.map((column, i) =>
      encodeRowCodes(column.codes, hasDictionary(meta[i]!, i) ? meta[i]!.distinct : undefined),
    ),
  ].map((content, i) => sealSection(keys.metadata, segment, i, content));
  const metadata = await put('sealed', encodeBlobs('SEAL', sections));

  const deleted =
    kept === undefined && inPlace
      ? {
          rows: holes.length,
          part: await put('deleted', encodeDeletedRows(RowSet.of(batch.rows, holes))),
        }
      : kept?.deleted;

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

/** What the columns of a segment are, and the columns; none where they are there already. */
function encryptAll(
  schema: Schema,
  rows: Batch,
  ranked: readonly RankedColumn[],
  engines: SealEngines,
  kept: KeptParts | undefined,
): { encrypted: KeptParts['meta']; wires: readonly Uint8Array[] } {
  if (kept !== undefined) return { encrypted: kept.meta, wires: [] };
  const { products, factors, columns } = encryptProducts(schema, rows, engines);
  const scored = encryptReals(schema, rows, engines.real, columns.length);
  columns.push(...scored.columns);
  const grouped = encryptGroupColumns(schema, rows, ranked, engines.sum, columns.length);
  const encrypted = { products, factors, ...scored.meta, ...grouped.meta };
  return { encrypted, wires: [...columns, ...grouped.columns] };
}

/** Columns of groups are found by the place of a value in the dictionary, which must be as it was. */
function checkKeptGroups({ meta }: KeptParts, ranked: readonly RankedColumn[]): void {
  for (const { column, products } of meta.groups ?? []) {
    const { keywords, nulls } = ranked[column]!;
    const groups = keywords.length + (nulls > 0 ? 1 : 0);
    for (const { columns, limbs, digits } of products) {
      if (columns.length === limbs * Math.ceil(groups / digits)) continue;
      throw new OpalineError('INTERNAL', { reason: 'a segment has other groups than before' });
    }
  }
}

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
 * list per value always, and the tree only where no dictionary can turn a range into values. A column
 * that the schema does not search has that of NULL alone, which counts and averages need.
 */
function describe(column: Column, { keywords, nulls }: RankedColumn): ColumnMeta {
  const distinct = keywords.length;
  const small = distinct <= DICTIONARY_LIMIT;
  const base = { nulls, distinct, equality: false, range: false, parts: false };
  // The list of NULL rows is there unless nothing may be: a sum of x counts the rows in which there is one.
  const sse = indexOf(column, 'sse');
  if (sse === undefined) return base;
  switch (column.type) {
    case 'document':
      return { ...base, parts: true };
    case 'boolean':
      return { ...base, equality: true };
    case 'text':
      return {
        ...base,
        equality: true,
        range: !small,
        parts: Object.keys(textLists(sse, small)).length > 0,
      };
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

/** What a further index is built of: a document's keywords, or the values; NULL is a keyword of its own in either. */
function inputOf(column: Column, rows: number, ranked: RankedColumn): RungInput {
  if (column.tokens === undefined) return codedInput(column.type, rows, codedOf(ranked));
  const postings = documentPostings(textsOf(ranked), ranked.codes, column.tokens);
  return { type: column.type, rows, postings: withNulls(postings, ranked.codes) };
}

/** Postings with NULL as their last keyword, where a row has it. */
function withNulls(postings: Postings, codes: Int32Array): Postings {
  const nulls = Uint32Array.from(codes.keys()).filter((row) => codes[row] === -1);
  if (nulls.length === 0) return postings;
  const { keywords, starts, members } = postings;
  const all = new Uint32Array(members.length + nulls.length);
  all.set(members);
  all.set(nulls, members.length);
  const ends = new Uint32Array(starts.length + 1);
  ends.set(starts);
  ends[starts.length] = all.length;
  return {
    ...postings,
    keywords: [...keywords, keyword(KEYWORD_KIND.null)],
    starts: ends,
    members: all,
  };
}

const codedOf = ({ keywords, codes }: RankedColumn): CodedColumn => ({ values: keywords, codes });
/** With a dictionary the vault knows which values hold a needle: grams would never be asked for. */
function textLists({ prefix, ngram }: TextLists, dictionary: boolean): TextLists {
  return {
    ...(prefix === undefined ? {} : { prefix }),
    ...(ngram === undefined || dictionary ? {} : { ngram }),
  };
}

/** One at a time: documents are large. */
function* textsOf({ keywords }: RankedColumn): Generator<string> {
  for (const bytes of keywords) yield decodeCanonical(bytes, 'text') as string;
}

/** The lists of parts of a column's values, where it has any. */
function partsOf(column: Column, ranked: RankedColumn, meta: ColumnMeta): { parts?: Postings } {
  if (!meta.parts) return {};
  const texts = textsOf(ranked);
  const { codes } = ranked;
  if (column.tokens !== undefined) {
    return { parts: documentPostings(texts, codes, column.tokens) };
  }
  const lists = textLists(indexOf(column, 'sse')!, hasDictionary(column, meta));
  return { parts: textPostings(texts, codes, lists) };
}

function hasDictionary({ type }: Column, { distinct }: ColumnMeta): boolean {
  return type !== 'document' && distinct <= DICTIONARY_LIMIT;
}

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
