import { equalBytes } from '../../bytes/compare.ts';
import { sha256OfLarge } from '../../bytes/hash.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Ring } from '../../ring/ring.ts';
import { rungParser } from '../../search/eval-rung.ts';
import type { StoreIndex } from '../../search/rung.ts';
import type { ParsedIndex } from '../../search/sse/eval.ts';
import { parseIndex } from '../../search/sse/format.ts';
import type { Backend } from '../../store/backend.ts';
import { residentChunkWords } from '../../table/column-part.ts';
import type { PartEntry, SegmentEntry } from '../../table/manifest.ts';
import { type ColumnLease, makeTotal, type TotalLease, totalOf } from './aggregate.ts';
import { atRestLayout, verifyAtRest } from './at-rest.ts';
import type { SegmentIndexes } from './sets.ts';
import { type Column, columnAt, type ColumnTotal, totalAt, totalWords } from './column.ts';
import type { ProductLease } from './product-sum.ts';
import { ReadingRooms } from './reading-rooms.ts';
import type { Lease, Residency, Resident, Want } from './residency.ts';
import type { Rings } from './rings.ts';

/** Parsed indexes that are remembered: views of resident bytes, a few hundred bytes each. */
const PARSED_INDEXES = 1024;

/** A slot of a real is complex: a chunk has half as many rows as the ring has coefficients. */
const REAL_CHUNK_SHARE = 2;

const alignUp = (bytes: number): number => Math.ceil(bytes / 64) * 64;

function chunksOf(ring: Ring, rows: number): number {
  return Math.ceil(rows / ring.n);
}

/** At rest as it is, then the column's total. */
function columnBytes(ring: Ring, chunks: number): number {
  return alignUp(atRestLayout(ring, chunks).bytes) + totalWords(ring) * 4;
}

function columnIn(ring: Ring, id: string, offset: number, chunks: number): Column {
  const { bytes, wordsAt } = atRestLayout(ring, chunks);
  const words = chunks * 2 * ring.moduli.length * ring.n;
  return columnAt(
    ring,
    id,
    { offset: (offset + wordsAt) / 4, length: words },
    { offset: (offset + alignUp(bytes)) / 4, length: totalWords(ring) },
  );
}

/** The columns and indexes of a backend, brought into the memory that evaluators share. */
export class Residents {
  private readonly backend: Backend;
  private readonly residency: Residency;
  private readonly rings: Rings;
  private readonly rooms = new ReadingRooms();
  private readonly parsed = new Map<string, Parsed<ParsedIndex>>();
  private readonly parsedRungs = new Map<string, Parsed<StoreIndex>>();

  constructor(backend: Backend, residency: Residency, rings: Rings) {
    this.backend = backend;
    this.residency = residency;
    this.rings = rings;
  }

  /** Columns of a segment of `rows` rows that one lease can hold, half of the memory at most. */
  mostColumns(rows: number, ring: Ring = this.rings.sum): number {
    const bytes = columnBytes(ring, chunksOf(ring, rows));
    return Math.floor(this.residency.capacity / 2 / bytes);
  }

  /** The same of columns that are multiplied. */
  mostProductColumns(rows: number): number {
    const { product } = this.rings;
    const { bytes } = atRestLayout(product, chunksOf(product, rows));
    return Math.floor(this.residency.capacity / 2 / bytes);
  }

  /**
   * Ciphertext columns of a segment of `rows` rows, of a ring; a column may be named twice.
   * @throws PART_CORRUPT, PART_MISSING, REQUEST_TOO_LARGE
   */
  async columns(
    table: string,
    rows: number,
    parts: readonly PartEntry[],
    ring: Ring = this.rings.sum,
  ): Promise<ColumnLease> {
    const chunks = chunksOf(ring, rows);
    const { at, release } = await this.acquire(parts, (id) =>
      this.columnWant(table, rows, id, ring),
    );
    return {
      columns: parts.map((part) => {
        const { key, offset } = at(part);
        return columnIn(ring, key, offset, chunks);
      }),
      release,
    };
  }

  /** Columns of the same segment that are multiplied. Throws the same. */
  async productColumns(
    table: string,
    rows: number,
    parts: readonly PartEntry[],
  ): Promise<ProductLease> {
    const ring = this.rings.product;
    const chunks = chunksOf(ring, rows);
    const stride = residentChunkWords({ n: ring.n, primes: ring.moduli });
    const { wordsAt } = atRestLayout(ring, chunks);
    const { at, release } = await this.acquire(parts, (id) => this.productWant(table, rows, id));
    return {
      columns: parts.map((part) => {
        const words = { offset: (at(part).offset + wordsAt) / 4, length: chunks * stride };
        return {
          chunks,
          at: (chunk, count = 1) => ring.slice(words, chunk * stride, count * stride),
        };
      }),
      release,
    };
  }

  /** As `mostProductColumns`, of columns that rows are scored by. */
  mostRealColumns(rows: number): number {
    return this.mostProductColumns(REAL_CHUNK_SHARE * rows);
  }

  /** As `productColumns`, of columns that rows are scored by. */
  realColumns(table: string, rows: number, parts: readonly PartEntry[]): Promise<ProductLease> {
    return this.productColumns(table, REAL_CHUNK_SHARE * rows, parts);
  }

  /** One lease for parts of which some may be the same. */
  private async acquire(
    parts: readonly PartEntry[],
    want: (id: string) => Want,
  ): Promise<{ at: (part: PartEntry) => { key: string; offset: number }; release: () => void }> {
    const ids = [...new Set(parts.map(({ id }) => id))];
    const wants = ids.map(want);
    const lease = await this.residency.acquire(wants);
    return {
      at: ({ id }) => {
        const i = ids.indexOf(id);
        return { key: wants[i]!.key, offset: lease.parts[i]!.offset };
      },
      release: () => this.release(lease),
    };
  }

  /**
   * The sums over every row of ciphertext columns of a segment, which are small; the columns themselves are
   * read and dropped, once.
   * @throws PART_CORRUPT, PART_MISSING, REQUEST_TOO_LARGE
   */
  async totals(
    table: string,
    rows: number,
    parts: readonly PartEntry[],
    ring: Ring = this.rings.sum,
  ): Promise<TotalLease> {
    const distinct = [...new Map(parts.map((part) => [part.id, part])).values()];
    const wants = distinct.map(({ id }) => this.totalWant(table, rows, id, ring));
    const lease = await this.residency.acquire(wants);
    return {
      totals: parts.map(({ id }) => {
        const at = distinct.findIndex((part) => part.id === id);
        return totalIn(ring, lease.parts[at]!.offset);
      }),
      release: () => this.release(lease),
    };
  }

  /**
   * The index of a segment, and those of its further ones that are numbered. `run` is synchronous: past its
   * end the bytes may go.
   * @throws PART_CORRUPT, PART_MISSING, REQUEST_TOO_LARGE; BYTES_INVALID for a number that is none
   */
  async withIndexes<T>(
    table: string,
    entry: SegmentEntry,
    numbers: readonly number[],
    run: (indexes: SegmentIndexes) => T,
  ): Promise<T> {
    const further = numbers.map((number) => entry.rungs[number]?.parts[0] ?? noSuchIndex());
    const parts = [entry.index, ...further];
    const wants = parts.map((part) => this.indexWant(table, part));
    const lease = await this.residency.acquire(wants);
    try {
      const parsers = await Promise.all(
        further.map((part, i) => this.parserOf(lease.parts[i + 1]!, part)),
      );
      const index = this.parse(this.parsed, wants[0]!.key, lease.parts[0]!, parseIndex);
      requireRows(index, entry, entry.index);
      const rungs = numbers.map((number, i) => {
        const { key } = wants[i + 1]!;
        const rung = this.parse(this.parsedRungs, key, lease.parts[i + 1]!, parsers[i]!);
        requireRows(rung, entry, further[i]!);
        return [number, rung] as const;
      });
      return run({ index, rungs: new Map(rungs) });
    } finally {
      this.release(lease);
    }
  }

  /** A further index of a segment by its part. `run` is synchronous. Throws the same. */
  async withRung<T>(
    table: string,
    entry: SegmentEntry,
    part: PartEntry,
    run: (index: StoreIndex) => T,
  ): Promise<T> {
    const want = this.indexWant(table, part);
    const lease = await this.residency.acquire([want]);
    try {
      const parser = await this.parserOf(lease.parts[0]!, part);
      const index = this.parse(this.parsedRungs, want.key, lease.parts[0]!, parser);
      requireRows(index, entry, part);
      return run(index);
    } finally {
      this.release(lease);
    }
  }

  private release(lease: Lease): void {
    lease.release(this.rings.sum.allocatedBytes);
  }

  private columnWant(table: string, rows: number, part: string, ring: Ring): Want {
    const chunks = chunksOf(ring, rows);
    const { bytes } = atRestLayout(ring, chunks);
    const key = `${table}/${part}/${rows}`;
    return {
      key,
      bytes: columnBytes(ring, chunks),
      fill: async (view) => {
        await this.readInto(view, table, part, bytes);
        await verifyAtRest(ring, () => view().subarray(0, bytes), chunks, part);
        makeTotal(ring, columnIn(ring, key, view().byteOffset, chunks), rows);
      },
    };
  }

  private productWant(table: string, rows: number, part: string): Want {
    const ring = this.rings.product;
    const chunks = chunksOf(ring, rows);
    const { bytes } = atRestLayout(ring, chunks);
    return {
      key: `${table}/${part}/${rows}/product`,
      bytes,
      fill: async (view) => {
        await this.readInto(view, table, part, bytes);
        await verifyAtRest(ring, view, chunks, part);
      },
    };
  }

  private totalWant(table: string, rows: number, part: string, ring: Ring): Want {
    const chunks = chunksOf(ring, rows);
    const { bytes, wordsAt } = atRestLayout(ring, chunks);
    return {
      key: `${table}/${part}/${rows}/total`,
      bytes: totalWords(ring) * 4,
      // Whole files, outside of the memory that evaluators share: no more at once than there are rooms for.
      fill: (view) =>
        this.rooms.use(async () => {
          const file = aligned(await this.backend.read(table, part));
          if (file.length !== bytes) wrongSize(part);
          await verifyAtRest(ring, () => file, chunks, part);
          const polynomial = ring.moduli.length * ring.n;
          const at = file.byteOffset + wordsAt;
          const words = new Uint32Array(file.buffer, at, chunks * 2 * polynomial);
          const sample = totalOf(ring, words, rows);
          const { a, b } = totalIn(ring, view().byteOffset);
          ring.view(a).set(sample.a);
          ring.view(b).set(sample.b);
        }),
    };
  }

  private indexWant(table: string, part: PartEntry): Want {
    const { id, bytes, digest } = part;
    return {
      key: indexKey(table, part),
      bytes,
      fill: async (view) => {
        await this.readInto(view, table, id, bytes);
        if (!equalBytes(await sha256OfLarge(view()), digest)) {
          throw new OpalineError('PART_CORRUPT', { part: id, reason: 'its digest does not match' });
        }
      },
    };
  }

  private async readInto(
    view: () => Uint8Array,
    table: string,
    part: string,
    bytes: number,
  ): Promise<void> {
    if ((await this.backend.size(table, part)) !== bytes) wrongSize(part);
    await this.rooms.use(async (room) => {
      for (let at = 0; at < bytes; at += room.length) {
        const length = Math.min(room.length, bytes - at);
        const read = await this.backend.readRange(table, part, at, length, room);
        // The view is asked for after the wait: an unshared memory that grew meanwhile has left earlier ones behind.
        view().set(read, at);
      }
    });
  }

  /** Checked once by each evaluator, and again when the bytes were brought in anew. */
  private parse<T>(
    parsed: Map<string, Parsed<T>>,
    key: string,
    { offset, bytes, stamp }: Resident,
    parse: (part: Uint8Array) => T,
  ): T {
    const known = parsed.get(key);
    // An unshared memory that has grown has left its views behind.
    if (known?.stamp === stamp && known.part.buffer.byteLength > 0) return known.index;
    const part = new Uint8Array(this.residency.region.memory.buffer, offset, bytes);
    const index = parse(part);
    if (parsed.size >= PARSED_INDEXES) parsed.clear();
    parsed.set(key, { stamp, part, index });
    return index;
  }

  /** What parses a resident rung: loaded first, for while it is, memory may grow. */
  private async parserOf(
    { offset, bytes }: Resident,
    { id }: PartEntry,
  ): Promise<(part: Uint8Array) => StoreIndex> {
    const context = { what: `part ${id}` };
    const { buffer } = this.residency.region.memory;
    const parse = await rungParser(new Uint8Array(buffer, offset, bytes), context);
    return (part) => parse(part, context);
  }
}

function totalIn(ring: Ring, offset: number): ColumnTotal {
  return totalAt(ring, { offset: offset / 4, length: totalWords(ring) });
}

/** What an index of a table is called where it is resident. */
export function indexKey(table: string, { id, bytes }: PartEntry): string {
  return `${table}/${id}/${bytes}`;
}

/** An index over resident bytes. */
interface Parsed<T> {
  readonly stamp: number;
  readonly part: Uint8Array;
  readonly index: T;
}

function requireRows(
  { rows }: Pick<StoreIndex, 'rows'>,
  entry: SegmentEntry,
  { id }: PartEntry,
): void {
  if (rows === entry.rows) return;
  throw new OpalineError('PART_CORRUPT', { part: id, reason: 'it indexes another segment' });
}

function noSuchIndex(): never {
  throw new OpalineError('BYTES_INVALID', {
    what: 'a query fragment',
    reason: 'it names an index that the segment does not have',
  });
}

/** The bytes where a word can begin. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % Uint32Array.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
}

function wrongSize(part: string): never {
  throw new OpalineError('PART_CORRUPT', { part, reason: 'it has another size than it should' });
}
