import { expect, it } from 'vitest';
import { randomId } from '../../../src/bytes/random.ts';
import { IndexedDbBackend } from '../../../src/store/backends/indexeddb.ts';
import { MemoryBackend } from '../../../src/store/backends/memory.ts';
import { backendSuite } from '../../conformance/backend-suite.ts';

backendSuite('memory', () => Promise.resolve(new MemoryBackend()));
backendSuite('indexeddb', () => Promise.resolve(new IndexedDbBackend(randomId())));

it('what one connection to a database wrote, another reads', async () => {
  const name = randomId();
  const [table, part] = [randomId(), randomId()];
  {
    await using backend = new IndexedDbBackend(name);
    await backend.write(table, part, Uint8Array.of(1, 2, 3));
    await backend.publish(table, 1, Uint8Array.of(9));
  }
  await using again = new IndexedDbBackend(name);
  expect(await again.tables()).toEqual([table]);
  expect(await again.read(table, part)).toEqual(Uint8Array.of(1, 2, 3));
  expect(await again.head(table)).toEqual(Uint8Array.of(9));
});

it('a part that another connection removed is missing, or still what it was', async () => {
  const name = randomId();
  const [table, part] = [randomId(), randomId()];
  await using backend = new IndexedDbBackend(name);
  await using other = new IndexedDbBackend(name);
  await backend.write(table, part, Uint8Array.of(1, 2, 3));
  expect(await backend.read(table, part)).toEqual(Uint8Array.of(1, 2, 3));
  await other.remove(table, [part]);
  const left = await backend.readRange(table, part, 1, 2).catch((error: unknown) => error);
  expect([expect.objectContaining({ code: 'PART_MISSING' }), Uint8Array.of(2, 3)]).toContainEqual(
    left,
  );
  expect(await backend.has(table, part)).toBe(false);
});

it('memory that threads share is stored as what it holds', async () => {
  await using backend = new IndexedDbBackend(randomId());
  const [table, part] = [randomId(), randomId()];
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  shared.set([7, 6, 5]);
  await backend.write(table, part, shared.subarray(0, 3));
  expect(await backend.read(table, part)).toEqual(Uint8Array.of(7, 6, 5));
});
