import { PreparedKey } from '../../bytes/aead.ts';
import { utf8 } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import { randomId } from '../../bytes/random.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import { inPart } from '../../gate/sealed-rows.ts';
import { isUpdatable, updateRung } from '../../search/build-rung.ts';
import { keyword, KEYWORD_KIND } from '../../search/keyword.ts';
import type { KeywordChange } from '../../search/mitra/build.ts';
import type { CallOptions, PartUpload, StoreLink } from '../../store/link.ts';
import { encodeBlobs } from '../../table/blob-part.ts';
import { canonicalBytes } from '../../table/canonical.ts';
import type { PartEntry, RungEntry, SegmentEntry } from '../../table/manifest.ts';
import type { Column } from '../../table/schema.ts';
import { openRecord } from '../../table/sealed-record.ts';
import { rungSection, sealSection } from '../../table/sealed-section.ts';
import { tokensOf } from '../../table/tokens.ts';
import type { Value } from '../../table/value.ts';
import type { Uploads } from './uploads.ts';

/** Records opened at a time. */
const STEP = 4096;

/**
 * A segment's further indexes without some of its rows: those that change record by record (mitra) get a part of
 * deletions each and a new state. Others stay as they are: deleted rows are left out of every row set in any case.
 *
 * @param rows ascending, not deleted before
 * @throws PART_MISSING, PART_CORRUPT
 */
export async function indexesWithout(
  rows: Uint32Array,
  entry: SegmentEntry,
  table: OpenTable,
  link: StoreLink,
  uploads: Uploads,
  options: CallOptions,
): Promise<readonly RungEntry[]> {
  const { rungs: declared = [] } = await table.meta(entry);
  if (rows.length === 0 || !declared.some(isUpdatable)) return entry.rungs;
  const cells = await openCells(rows, entry, table, link, options);
  const keys = table.segmentKeys(entry.id);
  const put = async (kind: PartUpload['kind'], bytes: Uint8Array): Promise<PartEntry> => {
    const part = { id: randomId(), bytes, digest: sha256(bytes) };
    await uploads.put({ table: table.id, kind, ...part });
    return { id: part.id, bytes: bytes.length, digest: part.digest };
  };
  const out: RungEntry[] = [];
  for (const [number, before] of entry.rungs.entries()) {
    const { column, index } = declared[number]!;
    const changes = isUpdatable({ index })
      ? deletions(table.schema.columns[column]!, column, rows, cells)
      : [];
    const key = keys.rung(column, index);
    const made =
      changes.length === 0
        ? undefined
        : updateRung(index, key, await table.rungState(entry, number), changes);
    if (made === undefined) {
      out.push(before);
      continue;
    }
    const section = sealSection(keys.metadata, entry.id, rungSection(number), made.state);
    out.push({
      parts: [...before.parts, await put('index', made.part)],
      state: await put('sealed', encodeBlobs('SEAL', [section])),
    });
  }
  return out;
}

async function openCells(
  rows: Uint32Array,
  entry: SegmentEntry,
  table: OpenTable,
  link: StoreLink,
  options: CallOptions,
): Promise<Value[][]> {
  const part = entry.records.id;
  using key = new PreparedKey(table.segmentKeys(entry.id).records);
  const cells: Value[][] = [];
  for (let from = 0; from < rows.length; from += STEP) {
    const some = rows.subarray(from, from + STEP);
    const sealed = await link.fetch({ table: table.id, part, rows: some }, options);
    some.forEach((row, i) => {
      const record = sealed[i] ?? new Uint8Array(0);
      cells.push(inPart(part, () => openRecord(key, entry.id, row, record, table.schema.columns)));
    });
  }
  return cells;
}

function deletions(
  column: Column,
  place: number,
  rows: Uint32Array,
  cells: readonly (readonly Value[])[],
): KeywordChange[] {
  return cells.flatMap((cell, i) =>
    cellKeywords(cell[place]!, column).map((each): KeywordChange => {
      return { keyword: each, row: rows[i]!, op: 'delete' };
    }),
  );
}

/** The keywords that an index has of a cell. */
function cellKeywords(value: Value, { type, tokens }: Column): Uint8Array[] {
  if (value === null) return [keyword(KEYWORD_KIND.null)];
  if (tokens === undefined) return [keyword(KEYWORD_KIND.value, canonicalBytes(value, type))];
  const distinct = new Set(tokensOf(value as string, tokens));
  return Array.from(distinct, (token) => keyword(KEYWORD_KIND.token, utf8(token)));
}
