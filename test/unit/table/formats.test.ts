import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomBytes, randomId } from '../../../src/bytes/random.ts';
import { publicKeyOf } from '../../../src/bytes/signature.ts';
import { encodeBlobs, parseBlobs } from '../../../src/table/blob-part.ts';
import {
  type Manifest,
  parseManifest,
  partsOf,
  signManifest,
  verifyManifest,
} from '../../../src/table/manifest.ts';
import { decodeRecord, RecordEncoder } from '../../../src/table/record.ts';
import { decodeRowCodes, encodeRowCodes } from '../../../src/table/row-codes.ts';
import { RowSet } from '../../../src/table/row-set.ts';
import type { Column } from '../../../src/table/schema.ts';
import { openRecord, sealRecords } from '../../../src/table/sealed-record.ts';
import { openSection, sealSection } from '../../../src/table/sealed-section.ts';
import {
  ALL_ZERO,
  decodeColumnSection,
  decodeSegmentMeta,
  encodeColumnSection,
  encodeSegmentMeta,
} from '../../../src/table/segment-meta.ts';
import type { Batch, ColumnData } from '../../../src/table/value.ts';

const typed = (error: unknown): void => expect(error).toMatchObject({ name: 'OpalineError' });

describe('records', () => {
  const column = (name: string, type: Column['type']): Column => ({
    name,
    type,
    scale: 0,
    nullable: true,
    search: [{ index: 'sse' }],
  });
  const columns = [
    column('i', 'integer'),
    column('b', 'integer'),
    column('r', 'real'),
    column('t', 'text'),
    column('d', 'date'),
  ];
  const row = fc.tuple(
    fc.option(fc.maxSafeInteger()),
    fc.option(fc.bigInt(-(1n << 200n), 1n << 200n)),
    fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.option(fc.string({ unit: 'grapheme' })),
    fc.option(fc.integer()),
  );
  const batchOf = (rows: (readonly unknown[])[]): Batch => {
    const kinds = ['int', 'big', 'real', 'text', 'int'] as const;
    const empty = [0, 0n, 0, '', 0] as const;
    return {
      rows: rows.length,
      columns: kinds.map((kind, c) => {
        const cells = rows.map((cells) => cells[c] ?? empty[c]);
        const valid = Uint8Array.from(rows, (cells) => (cells[c] === null ? 0 : 1));
        const values =
          kind === 'int' || kind === 'real' ? Float64Array.from(cells as number[]) : cells;
        return { kind, values, valid } as ColumnData;
      }),
    };
  };

  it('come back as they were, sealed or not, and only from their own place', () => {
    const key = randomBytes(32);
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
        const batch = batchOf(rows);
        const encoder = new RecordEncoder(batch.columns);
        const part = parseBlobs('RECS', sealRecords(key, 'segment', batch), 'records');
        expect(part.count).toBe(rows.length);
        const sealed = rows.map((_, n) => part.blob(n));
        rows.forEach(([i, b, r, t, d], n) => {
          const wanted = [i === null ? null : BigInt(i), b, r, t, d === null ? null : BigInt(d)];
          expect(decodeRecord(encoder.encode(n), columns)).toEqual(wanted);
          expect(openRecord(key, 'segment', n, sealed[n]!, columns)).toEqual(wanted);
          expect((sealed[n]!.length - 28) % 32).toBe(0);
          expect(() => openRecord(key, 'other', n, sealed[n]!, columns)).toThrow(/authentication/);
          expect(() => openRecord(key, 'segment', n + 1, sealed[n]!, columns)).toThrow(
            /another row/,
          );
        });
      }),
      { numRuns: 60 },
    );
  });

  it('that are damaged are refused by type', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          decodeRecord(bytes, columns);
        } catch (error) {
          typed(error);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a manifest', () => {
  const secret = randomBytes(32);
  const part = fc.record({
    id: fc.constant(0).map(randomId),
    bytes: fc.nat(),
    digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  });
  const manifests: fc.Arbitrary<Manifest> = fc
    .record({
      epoch: fc.integer({ min: 1, max: 1000 }),
      sealed: fc.uint8Array({ maxLength: 60 }),
      segments: fc.array(
        fc.record({
          rows: fc.integer({ min: 1, max: 2 ** 18 }),
          birthEpoch: fc.constant(1),
          index: part,
          records: part,
          metadata: part,
          columns: fc.array(part, { maxLength: 3 }),
          deleted: fc.option(fc.record({ rows: fc.constant(1), part }), { nil: undefined }),
          rungs: fc.array(
            fc.record({ parts: fc.array(part, { minLength: 1, maxLength: 2 }), state: part }),
            { maxLength: 2 },
          ),
        }),
        { maxLength: 3 },
      ),
      delta: fc.array(
        fc.record({
          rows: fc.integer({ min: 1, max: 1000 }),
          birthEpoch: fc.constant(1),
          records: part,
        }),
        { maxLength: 3 },
      ),
    })
    .map(({ epoch, sealed, segments, delta }) => ({
      table: randomId(),
      epoch,
      owner: publicKeyOf(secret),
      sealed,
      segments: segments.map((segment) => ({ id: randomId(), ...segment })),
      delta: delta.map((entry) => ({ id: randomId(), ...entry })),
    }));

  it('verifies for its table and owner, and for nobody else', () => {
    fc.assert(
      fc.property(manifests, (manifest) => {
        const bytes = signManifest(manifest, secret);
        expect(parseManifest(bytes)).toEqual(manifest);
        expect(verifyManifest(bytes, manifest.table, manifest.owner)).toEqual(manifest);
        expect([...partsOf(manifest)].length).toBe(
          manifest.segments.reduce(
            (n, s) =>
              n +
              3 +
              s.columns.length +
              (s.deleted === undefined ? 0 : 1) +
              s.rungs.reduce((parts, rung) => parts + rung.parts.length + 1, 0),
            manifest.delta.length,
          ),
        );
        const invalid = expect.objectContaining({ code: 'MANIFEST_INVALID' });
        expect(() => verifyManifest(bytes, randomId(), manifest.owner)).toThrow(invalid);
        expect(() => verifyManifest(bytes, manifest.table, publicKeyOf(randomBytes(32)))).toThrow(
          invalid,
        );
      }),
      { numRuns: 30 },
    );
  });

  it('with any byte changed is refused by type', () => {
    const [manifest] = fc.sample(manifests, { numRuns: 1, seed: 7 });
    const bytes = signManifest(manifest!, secret);
    for (let i = 0; i < bytes.length; i++) {
      const altered = bytes.slice();
      altered[i]! ^= 0x11;
      let refused: unknown;
      try {
        verifyManifest(altered, manifest!.table, manifest!.owner);
      } catch (error) {
        refused = error;
      }
      typed(refused);
    }
  });
});

describe('blobs and sections', () => {
  it('keep every blob, and refuse offsets that do not fit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 6 }),
        fc.nat(),
        fc.nat(255),
        (blobs, at, flip) => {
          const bytes = encodeBlobs('RECS', blobs);
          const parsed = parseBlobs('RECS', bytes, 'it');
          expect(Array.from({ length: parsed.count }, (_, i) => parsed.blob(i))).toEqual(blobs);
          expect(() => parsed.blob(blobs.length)).toThrow(/no such blob/);
          const altered = bytes.slice();
          altered[at % altered.length]! ^= flip;
          try {
            const other = parseBlobs('RECS', altered, 'it');
            expect(other.count).toBe(blobs.length);
          } catch (error) {
            typed(error);
          }
        },
      ),
    );
  });

  it('sections open in their own place only', () => {
    const key = randomBytes(32);
    const sealed = sealSection(key, 'segment', 2, Uint8Array.of(1, 2, 3));
    expect(openSection(key, 'segment', 2, sealed)).toEqual(Uint8Array.of(1, 2, 3));
    expect(() => openSection(key, 'segment', 3, sealed)).toThrow(/authentication/);
    expect(() => openSection(key, 'other', 2, sealed)).toThrow(/authentication/);
  });

  it('row codes survive their encoding, and fit their segment and dictionary alone', () => {
    const cases = fc
      .constantFrom(0, 1, 254, 255, 256, 65_535, 65_536)
      .chain((distinct) =>
        fc.tuple(
          fc.constant(distinct),
          fc.array(fc.integer({ min: -2, max: distinct - 1 }), { minLength: 1, maxLength: 70 }),
          fc.boolean(),
        ),
      );
    fc.assert(
      fc.property(cases, ([distinct, cells, listed]) => {
        const dictionary = listed ? distinct : undefined;
        const bytes = encodeRowCodes(Int32Array.from(cells), dictionary);
        const { codes, nulls } = decodeRowCodes(bytes, cells.length, dictionary);
        expect([...nulls.toArray()]).toEqual(cells.flatMap((cell, row) => (cell < 0 ? [row] : [])));
        const wanted = cells.map((cell) => (cell < 0 ? distinct : cell));
        expect(codes && [...codes]).toEqual(listed ? wanted : undefined);
        const fail = (rows: number, of: number | undefined): void => {
          expect(() => decodeRowCodes(bytes, rows, of)).toThrow(/row codes/);
        };
        fail(cells.length + 32, dictionary);
        fail(cells.length, listed ? undefined : 3);
        // A smaller dictionary does not have its last values.
        if (listed && Math.max(...wanted) > 0) fail(cells.length, Math.max(...wanted) - 1);
      }),
    );
  });

  it('segment metadata survives its encoding', () => {
    const meta = {
      products: [
        { factors: [0] as const, first: 0, limbs: 2, width: 24, maxAbs: 1n << 40n },
        { factors: [0, 3] as const, first: 2, limbs: 1, width: 24, maxAbs: 0n },
      ],
      factors: [
        { column: 0, first: 3, limbs: 2, width: 18, maxAbs: 1n << 30n },
        { column: 3, first: 5, limbs: 1, width: 18, maxAbs: 7n },
      ],
      columns: [
        { nulls: 3, distinct: 9, equality: true, range: false, parts: true },
        { nulls: 0, distinct: 70_000, equality: false, range: true, parts: false },
      ],
    };
    expect(decodeSegmentMeta(encodeSegmentMeta(meta))).toEqual(meta);
    const plain = { ...meta, factors: [] };
    expect(decodeSegmentMeta(encodeSegmentMeta(plain))).toEqual(plain);
    const fixed = { point: -936, inexact: 12 };
    const reals = {
      ...meta,
      products: [{ ...meta.products[0]!, fixed: { point: 2160, inexact: 0 } }, meta.products[1]!],
      factors: [meta.factors[0]!, { ...meta.factors[1]!, fixed }],
    };
    expect(decodeSegmentMeta(encodeSegmentMeta(reals))).toEqual(reals);
    const scored = {
      ...reals,
      reals: [
        { column: 1, first: 9, exponent: -1074 },
        { column: 3, first: 10, exponent: 3322 },
        { column: 4, first: 11, exponent: ALL_ZERO },
      ],
    };
    expect(decodeSegmentMeta(encodeSegmentMeta(scored))).toEqual(scored);
    const realsAlone = { ...reals, factors: [] };
    expect(decodeSegmentMeta(encodeSegmentMeta(realsAlone))).toEqual(realsAlone);
    const groups = [
      {
        column: 2,
        products: [
          {
            factors: [],
            notNull: undefined,
            digits: 2,
            limbs: 1,
            width: 24,
            maxAbs: 1n,
            columns: [9, 7],
          },
          { factors: [], notNull: 0, digits: 2, limbs: 1, width: 24, maxAbs: 1n, columns: [3] },
          {
            factors: [0, 3],
            notNull: undefined,
            digits: 1,
            limbs: 2,
            width: 24,
            maxAbs: 5n,
            columns: [],
          },
        ],
      },
    ];
    for (const more of [{ groups }, { rowCodes: true }, { groups, rowCodes: true }]) {
      const whole = { ...meta, ...more };
      expect(decodeSegmentMeta(encodeSegmentMeta(whole))).toEqual(whole);
    }
    const section = {
      dictionary: [
        { value: Uint8Array.of(1), rows: 4 },
        { value: Uint8Array.of(2, 3), rows: 1 },
      ],
      boundaries: Uint8Array.of(9),
    };
    expect(decodeColumnSection(encodeColumnSection(section))).toEqual(section);
    const none = { dictionary: undefined, boundaries: undefined };
    expect(decodeColumnSection(encodeColumnSection(none))).toEqual(none);
  });
});

describe('a row set', () => {
  it('is a set', () => {
    const cases = fc
      .integer({ min: 1, max: 200 })
      .chain((rows) =>
        fc.tuple(
          fc.constant(rows),
          fc.array(fc.nat(rows - 1)),
          fc.array(fc.nat(rows - 1)),
          fc.nat(6),
        ),
      );
    fc.assert(
      fc.property(cases, ([rows, x, y, block]) => {
        const [a, b] = [new Set(x), new Set(y)];
        const [sa, sb] = [RowSet.of(rows, a), RowSet.of(rows, b)];
        const sorted = (set: Set<number>): number[] => [...set].sort((p, q) => p - q);
        expect([...sa.and(sb).toArray()]).toEqual(sorted(new Set(x.filter((row) => b.has(row)))));
        expect([...sa.or(sb).toArray()]).toEqual(sorted(new Set([...x, ...y])));
        expect([...sa.not().toArray()]).toEqual(
          [...RowSet.full(rows).toArray()].filter((row) => !a.has(row)),
        );
        expect(sa.count).toBe(a.size);
        const from = block * 32;
        const to = Math.min(rows, from + 64);
        expect([...sa.range(from, to)]).toEqual(
          sorted(a)
            .filter((r) => r >= from && r < to)
            .map((r) => r - from),
        );
      }),
    );
  });
});
