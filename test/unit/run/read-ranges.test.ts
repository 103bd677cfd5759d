import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomId } from '../../../src/bytes/random.ts';
import { readRanges } from '../../../src/run/read-ranges.ts';
import { MemoryBackend } from '../../../src/store/backends/memory.ts';

const [TABLE, PART] = [randomId(), randomId()];
const BYTES = Uint8Array.from({ length: 4000 }, (_, i) => (i * 2_654_435_761) >>> 24);

/** A backend that notes what is read of it. */
class Noting extends MemoryBackend {
  override readonly seekBytes: number;
  readonly reads: [at: number, length: number][] = [];

  constructor(seekBytes: number) {
    super();
    this.seekBytes = seekBytes;
  }

  override async readRange(
    table: string,
    part: string,
    at: number,
    length: number,
  ): Promise<Uint8Array> {
    this.reads.push([at, length]);
    return await super.readRange(table, part, at, length);
  }
}

async function noting(seekBytes: number): Promise<Noting> {
  const backend = new Noting(seekBytes);
  await backend.write(TABLE, PART, BYTES);
  return backend;
}

const ranges = fc.array(
  fc.record({ at: fc.nat(3900), length: fc.nat(100) }).map((range) => Object.freeze(range)),
  { maxLength: 40 },
);

describe('ranges of a part', () => {
  test('are each what it has there, in the order asked for, in no more reads than ranges', async () => {
    await fc.assert(
      fc.asyncProperty(ranges, fc.nat(500), async (asked, seekBytes) => {
        const backend = await noting(seekBytes);
        const found = await readRanges(backend, TABLE, PART, asked);
        expect(found.map((bytes) => [...bytes])).toEqual(
          asked.map(({ at, length }) => [...BYTES.subarray(at, at + length)]),
        );
        expect(backend.reads.length).toBeLessThanOrEqual(asked.length);
        // What is left apart is further apart than a read costs.
        const sorted = backend.reads.toSorted(([a], [b]) => a - b);
        for (const [i, [at]] of sorted.entries()) {
          const before = sorted[i - 1];
          if (before !== undefined) expect(at - before[0] - before[1]).toBeGreaterThan(seekBytes);
        }
      }),
    );
  });

  test('are read as one when they are close, and apart when they are not', async () => {
    const asked = [
      { at: 700, length: 10 },
      { at: 100, length: 10 },
      { at: 130, length: 10 },
    ];
    const backend = await noting(20);
    await readRanges(backend, TABLE, PART, asked);
    expect(backend.reads.toSorted(([a], [b]) => a - b)).toEqual([
      [100, 40],
      [700, 10],
    ]);
  });

  test('fail as the backend does', async () => {
    const backend = await noting(0);
    const failed = readRanges(backend, TABLE, PART, [{ at: 3999, length: 2 }]);
    await expect(failed).rejects.toMatchObject({ code: 'PART_CORRUPT' });
  });
});
