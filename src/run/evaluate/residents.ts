import { equalBytes } from '../../bytes/compare.ts';
import { sha256 } from '../../bytes/hash.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Ring } from '../../ring/ring.ts';
import type { ParsedIndex } from '../../search/sse/eval.ts';
import { parseIndex } from '../../search/sse/format.ts';
import type { Backend } from '../../store/backend.ts';
import { residentChunkWords } from '../../table/column-part.ts';
import type { PartEntry, SegmentEntry } from '../../table/manifest.ts';
import { type ColumnLease, makeTotal } from './aggregate.ts';
import { atRestLayout, verifyAtRest } from './at-rest.ts';
import { type Column, columnAt, totalWords } from './column.ts';
import type { ProductLease } from './product-sum.ts';
import type { Lease, Residency, Resident, Want } from './residency.ts';
import type { Rings } from './rings.ts';

/** Bytes read at once; the rest of a part never leaves the shared memory. */
const PIECE = 2 << 20;
/** Parsed indexes that are remembered: views of resident bytes, a few hundred bytes each. */
const PARSED_INDEXES = 1024;

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
  private readonly parsed = new Map<string, { stamp: number; index: ParsedIndex }>();

  constructor(backend: Backend, residency: Residency, rings: Rings) {
    this.backend = backend;
    this.residency = residency;
    this.rings = rings;
  }

  /** Columns of a segment of `rows` rows that one lease can hold, half of the memory at most. */
  mostColumns(rows: number): number {
    const { sum } = this.rings;
    const bytes = columnBytes(sum, chunksOf(sum, rows));
    return Math.floor(this.residency.capacity / 2 / bytes);
  }

  /** The same of columns that are multiplied. */
  mostProductColumns(rows: number): number {
    const { product } = this.rings;
    const { bytes } = atRestLayout(product, chunksOf(product, rows));
    return Math.floor(this.residency.capacity / 2 / bytes);
  }

  /**
   * Ciphertext columns of a segment of `rows` rows; a column may be named twice.
   * @throws PART_CORRUPT, PART_MISSING, REQUEST_TOO_LARGE
   */
  async columns(table: string, rows: number, parts: readonly PartEntry[]): Promise<ColumnLease> {
    const ring = this.rings.sum;
    const chunks = chunksOf(ring, rows);
    const { at, release } = await this.acquire(parts, (id) => this.columnWant(table, rows, id));
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
   * The index of a segment. `run` is synchronous: past its end the bytes may go.
   * @throws PART_CORRUPT, PART_MISSING, REQUEST_TOO_LARGE
   */
  async withIndex<T>(
    table: string,
    entry: SegmentEntry,
    run: (index: ParsedIndex) => T,
  ): Promise<T> {
    const want = this.indexWant(table, entry.index);
    const lease = await this.residency.acquire([want]);
    try {
      const index = this.parse(want.key, lease.parts[0]!);
      if (index.rows !== entry.rows) {
        throw new OpalineError('PART_CORRUPT', {
          part: entry.index.id,
          reason: 'it indexes another segment',
        });
      }
      return run(index);
    } finally {
      this.release(lease);
    }
  }

  private release(lease: Lease): void {
    lease.release(this.rings.sum.allocatedBytes);
  }

  private columnWant(table: string, rows: number, part: string): Want {
    const ring = this.rings.sum;
    const chunks = chunksOf(ring, rows);
    const { bytes } = atRestLayout(ring, chunks);
    const key = `${table}/${part}/${rows}`;
    return {
      key,
      bytes: columnBytes(ring, chunks),
      fill: async (view) => {
        await this.readInto(view, table, part, bytes);
        const file = view().subarray(0, bytes);
        verifyAtRest(ring, file, chunks, part);
        makeTotal(ring, columnIn(ring, key, file.byteOffset, chunks), rows);
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
        verifyAtRest(ring, view(), chunks, part);
      },
    };
  }

  private indexWant(table: string, { id, bytes, digest }: PartEntry): Want {
    return {
      key: `${table}/${id}/${bytes}`,
      bytes,
      fill: async (view) => {
        await this.readInto(view, table, id, bytes);
        if (!equalBytes(sha256(view()), digest)) {
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
    if ((await this.backend.size(table, part)) !== bytes) {
      throw new OpalineError('PART_CORRUPT', {
        part,
        reason: 'it has another size than it should',
      });
    }
    for (let at = 0; at < bytes; at += PIECE) {
      const piece = await this.backend.readRange(table, part, at, Math.min(PIECE, bytes - at));
      view().set(piece, at);
    }
  }

  /** Checked once by each evaluator, and again when the bytes were brought in anew. */
  private parse(key: string, { offset, bytes, stamp }: Resident): ParsedIndex {
    const known = this.parsed.get(key);
    // An unshared memory that has grown has left its views behind.
    if (known?.stamp === stamp && known.index.small.bytes.buffer.byteLength > 0) return known.index;
    const { memory } = this.residency.region;
    const index = parseIndex(new Uint8Array(memory.buffer, offset, bytes));
    if (this.parsed.size >= PARSED_INDEXES) this.parsed.clear();
    this.parsed.set(key, { stamp, index });
    return index;
  }
}
