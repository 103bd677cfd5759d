import { equalBytes } from '../../bytes/compare.ts';
import { sha256 } from '../../bytes/hash.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Ring } from '../../ring/ring.ts';
import type { ParsedIndex } from '../../search/sse/eval.ts';
import { parseIndex } from '../../search/sse/format.ts';
import type { Backend } from '../../store/backend.ts';
import type { PartEntry, SegmentEntry } from '../../table/manifest.ts';
import { type ColumnLease, makeTotal, type TotalLease, totalOf } from './aggregate.ts';
import { atRestLayout, verifyAtRest } from './at-rest.ts';
import { type Column, columnAt, type ColumnTotal, totalAt, totalWords } from './column.ts';
import type { Lease, Residency, Resident, Want } from './residency.ts';

/** Bytes read at once; the rest of a part never leaves the shared memory. */
const PIECE = 2 << 20;
/** Parsed indexes that are remembered: views of resident bytes, a few hundred bytes each. */
const PARSED_INDEXES = 1024;

const alignUp = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** The columns and indexes of a backend, brought into the memory that evaluators share. */
export class Residents {
  private readonly backend: Backend;
  private readonly residency: Residency;
  private readonly ring: Ring;
  private readonly parsed = new Map<string, { stamp: number; index: ParsedIndex }>();

  constructor(backend: Backend, residency: Residency, ring: Ring) {
    this.backend = backend;
    this.residency = residency;
    this.ring = ring;
  }

  /** Columns of a segment of `rows` rows that one lease can hold, half of the memory at most. */
  mostColumns(rows: number): number {
    return Math.floor(this.residency.capacity / 2 / this.columnBytes(this.chunksOf(rows)));
  }

  /**
   * Ciphertext columns of a segment of `rows` rows; a column may be named twice.
   * @throws PART_CORRUPT, PART_MISSING, REQUEST_TOO_LARGE
   */
  async columns(table: string, rows: number, parts: readonly PartEntry[]): Promise<ColumnLease> {
    const distinct = [...new Map(parts.map((part) => [part.id, part])).values()];
    const wants = distinct.map(({ id }) => this.columnWant(table, rows, id));
    const lease = await this.residency.acquire(wants);
    const chunks = this.chunksOf(rows);
    return {
      columns: parts.map(({ id }) => {
        const at = distinct.findIndex((part) => part.id === id);
        return this.columnIn(wants[at]!.key, lease.parts[at]!.offset, chunks);
      }),
      release: () => this.release(lease),
    };
  }

  /**
   * The sums over every row of ciphertext columns of a segment, which are small; the columns themselves are
   * read and dropped, once.
   * @throws PART_CORRUPT, PART_MISSING, REQUEST_TOO_LARGE
   */
  async totals(table: string, rows: number, parts: readonly PartEntry[]): Promise<TotalLease> {
    const distinct = [...new Map(parts.map((part) => [part.id, part])).values()];
    const wants = distinct.map(({ id }) => this.totalWant(table, rows, id));
    const lease = await this.residency.acquire(wants);
    return {
      totals: parts.map(({ id }) => {
        const at = distinct.findIndex((part) => part.id === id);
        return this.totalIn(lease.parts[at]!.offset);
      }),
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
    lease.release(this.ring.allocatedBytes);
  }

  private chunksOf(rows: number): number {
    return Math.ceil(rows / this.ring.n);
  }

  /** At rest as it is, then the column's total. */
  private columnBytes(chunks: number): number {
    return alignUp(atRestLayout(this.ring, chunks).bytes) + totalWords(this.ring) * 4;
  }

  private columnIn(id: string, offset: number, chunks: number): Column {
    const { bytes, wordsAt } = atRestLayout(this.ring, chunks);
    const words = chunks * 2 * this.ring.moduli.length * this.ring.n;
    return columnAt(
      this.ring,
      id,
      { offset: (offset + wordsAt) / 4, length: words },
      { offset: (offset + alignUp(bytes)) / 4, length: totalWords(this.ring) },
    );
  }

  private columnWant(table: string, rows: number, part: string): Want {
    const chunks = this.chunksOf(rows);
    const { bytes } = atRestLayout(this.ring, chunks);
    const key = `${table}/${part}/${rows}`;
    return {
      key,
      bytes: this.columnBytes(chunks),
      fill: async (view) => {
        await this.readInto(view, table, part, bytes);
        const file = view().subarray(0, bytes);
        verifyAtRest(this.ring, file, chunks, part);
        makeTotal(this.ring, this.columnIn(key, file.byteOffset, chunks), rows);
      },
    };
  }

  private totalIn(offset: number): ColumnTotal {
    return totalAt(this.ring, { offset: offset / 4, length: totalWords(this.ring) });
  }

  private totalWant(table: string, rows: number, part: string): Want {
    const chunks = this.chunksOf(rows);
    const { bytes, wordsAt } = atRestLayout(this.ring, chunks);
    return {
      key: `${table}/${part}/${rows}/total`,
      bytes: totalWords(this.ring) * 4,
      fill: async (view) => {
        const file = (await this.backend.read(table, part)).slice();
        if (file.length !== bytes) wrongSize(part);
        verifyAtRest(this.ring, file, chunks, part);
        const words = new Uint32Array(file.buffer, wordsAt, chunks * 2 * this.halfChunk);
        const sample = totalOf(this.ring, words, rows);
        const { a, b } = this.totalIn(view().byteOffset);
        this.ring.view(a).set(sample.a);
        this.ring.view(b).set(sample.b);
      },
    };
  }

  /** Words of one polynomial. */
  private get halfChunk(): number {
    return this.ring.moduli.length * this.ring.n;
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
    if ((await this.backend.size(table, part)) !== bytes) wrongSize(part);
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

function wrongSize(part: string): never {
  throw new OpalineError('PART_CORRUPT', { part, reason: 'it has another size than it should' });
}
