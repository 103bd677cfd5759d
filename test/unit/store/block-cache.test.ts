import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_BYTES, BlockCache } from '../../../src/store/backends/block-cache.ts';

const LENGTH = 2 * BLOCK_BYTES + 1000;
const content = (part: number): Uint8Array =>
  Uint8Array.from({ length: LENGTH }, (_, i) => (i * 7 + (i >>> 8) + part * 101) & 255);
const PARTS = [content(0), content(1), content(2)];

function cacheOf(blocks: number): {
  read: (part: number, offset: number, length: number) => Promise<Uint8Array>;
  loads: string[];
  cache: BlockCache;
} {
  const cache = new BlockCache(blocks * BLOCK_BYTES);
  const loads: string[] = [];
  return {
    cache,
    loads,
    read: (part, offset, length) =>
      cache.read(`t/${part}`, offset, length, (from) => {
        loads.push(`${part}/${from / BLOCK_BYTES}`);
        return Promise.resolve(PARTS[part]!.slice(from, from + BLOCK_BYTES));
      }),
  };
}

test('what is read is what the part has there, fewer bytes past its end, whatever was dropped', async () => {
  const range = fc.record({
    part: fc.nat(2),
    offset: fc.oneof(fc.nat(LENGTH), fc.constantFrom(BLOCK_BYTES - 1, BLOCK_BYTES, LENGTH)),
    length: fc.oneof(fc.nat(3000), fc.constantFrom(0, 1, BLOCK_BYTES, BLOCK_BYTES + 1)),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(range, { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      async (ranges, blocks) => {
        const { read } = cacheOf(blocks);
        const found = await Promise.all(ranges.map((r) => read(r.part, r.offset, r.length)));
        ranges.forEach(({ part, offset, length }, i) => {
          expect(found[i]).toEqual(PARTS[part]!.slice(offset, offset + length));
        });
      },
    ),
    { numRuns: 40 },
  );
});

test('a block is loaded once while it is used, and the one used longest ago goes first', async () => {
  const { read, loads } = cacheOf(2);
  await Promise.all([read(0, 10, 5), read(0, 500, 5)]);
  await read(0, BLOCK_BYTES, 1);
  await read(0, 0, 1);
  expect(loads).toEqual(['0/0', '0/1']);
  // Room for two: of the second block nothing is left.
  await read(1, 0, 1);
  await read(0, 3, 1);
  await read(0, BLOCK_BYTES + 3, 1);
  expect(loads).toEqual(['0/0', '0/1', '1/0', '0/1']);
});

test('what is read is the caller’s own', async () => {
  const { read } = cacheOf(2);
  const first = await read(0, 0, 4);
  first.fill(0);
  expect(await read(0, 0, 4)).toEqual(PARTS[0]!.slice(0, 4));
});

test('a part that is forgotten is loaded again, and so is a block that failed', async () => {
  const { read, loads, cache } = cacheOf(4);
  await read(1, 0, 1);
  await read(2, 0, 1);
  cache.forget('t/1');
  await read(1, 0, 1);
  await read(2, 0, 1);
  expect(loads).toEqual(['1/0', '2/0', '1/0']);
  const gone = (): Promise<Uint8Array> => Promise.reject(new Error('gone'));
  await expect(cache.read('t/9', 0, 1, gone)).rejects.toThrow('gone');
  expect(await cache.read('t/9', 0, 1, () => Promise.resolve(Uint8Array.of(5)))).toEqual(
    Uint8Array.of(5),
  );
});
