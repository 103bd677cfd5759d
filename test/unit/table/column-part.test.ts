import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeResidentColumn,
  encodeWireColumn,
  parseResidentColumn,
  parseWireColumn,
  wireChunkBytes,
} from '../../../src/table/column-part.ts';

const PRIMES = [133963777, 134012929, 134111233];

const residues = (n: number, primes: readonly number[]): fc.Arbitrary<Uint32Array> =>
  fc
    .tuple(
      ...primes.map((prime) =>
        fc.array(fc.oneof(fc.constantFrom(0, 1, prime - 1), fc.nat(prime - 1)), {
          minLength: n,
          maxLength: n,
        }),
      ),
    )
    .map((limbs) => Uint32Array.from(limbs.flat()));

const seed = fc.uint8Array({ minLength: 64, maxLength: 64 });

describe('a column part', () => {
  it('keeps every residue and seed in the wire form', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(8, 16, 64).chain((n) =>
          fc.tuple(
            fc.constant(n),
            fc.array(fc.record({ c0: residues(n, PRIMES), seed }), {
              minLength: 1,
              maxLength: 3,
            }),
          ),
        ),
        ([n, chunks]) => {
          const bytes = encodeWireColumn({ n, primes: PRIMES }, chunks);
          expect(bytes.length).toBe(64 + chunks.length * wireChunkBytes({ n, primes: PRIMES }));
          const parsed = parseWireColumn(bytes, 'part');
          expect(parsed.shape).toEqual({ n, primes: PRIMES, chunks: chunks.length });
          chunks.forEach((chunk, i) => expect(parsed.chunk(i)).toEqual(chunk));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes 10.15 bytes a row at the sum preset', () => {
    expect(wireChunkBytes({ n: 4096, primes: PRIMES }) / 4096).toBeCloseTo(10.14, 2);
  });

  it('keeps every word in the resident form', () => {
    const n = 8;
    const words = (start: number): Uint32Array =>
      Uint32Array.from({ length: 3 * n }, (_, i) => start + i);
    const chunks = [0, 100].map((start) => ({
      c0: words(start),
      c1: words(start + 50),
      seed: new Uint8Array(64).fill(start + 1),
    }));
    const parsed = parseResidentColumn(encodeResidentColumn({ n, primes: PRIMES }, chunks), 'part');
    expect([...parsed.words()]).toEqual(chunks.flatMap(({ c0, c1 }) => [...c0, ...c1]));
    expect(parsed.seed(1)).toEqual(chunks[1]!.seed);
  });

  it('refuses a residue that is not below its prime', () => {
    const c0 = new Uint32Array(24);
    c0[9] = PRIMES[1]!;
    const bytes = encodeWireColumn({ n: 8, primes: PRIMES }, [{ c0, seed: new Uint8Array(64) }]);
    expect(() => parseWireColumn(bytes, 'part').chunk(0)).toThrow(/not below its prime/);
  });

  it('refuses altered headers and lengths with a typed error, whatever the bytes', () => {
    const good = encodeWireColumn({ n: 8, primes: PRIMES }, [
      { c0: new Uint32Array(24), seed: new Uint8Array(64) },
    ]);
    fc.assert(
      fc.property(
        fc.nat(63),
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: -80, max: 80 }),
        (at, flip, resize) => {
          const bytes = new Uint8Array(Math.max(0, good.length + resize));
          bytes.set(good.subarray(0, bytes.length));
          if (at < bytes.length) bytes[at]! ^= flip;
          let refused: unknown;
          try {
            const parsed = parseWireColumn(bytes, 'part');
            // A changed prime can still be a valid header of another ring.
            expect(parsed.shape.n).toBe(8);
          } catch (error) {
            refused = error;
          }
          if (refused !== undefined) {
            expect(refused).toMatchObject({ name: 'OpalineError' });
          }
        },
      ),
    );
  });
});
