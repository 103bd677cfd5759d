/** One suite for every backend: the two of Node in backend.test.ts, a browser's in test/browser. */
import { describe, expect, it } from 'vitest';
import { randomId } from '../../src/bytes/random.ts';
import type { Backend } from '../../src/store/backend.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (of: Uint8Array | undefined): string => new TextDecoder().decode(of);
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

/** `make` gives a new, empty backend each time. */
export function backendSuite(name: string, make: () => Promise<Backend>): void {
  describe(`the ${name} backend`, () => {
    const table = randomId();

    it('keeps parts, whole and in ranges', async () => {
      await using backend = await make();
      const part = randomId();
      expect(await backend.has(table, part)).toBe(false);
      await backend.write(table, part, bytes('0123456789'));
      expect(await backend.has(table, part)).toBe(true);
      expect(await backend.size(table, part)).toBe(10);
      expect(text(await backend.read(table, part))).toBe('0123456789');
      expect(text(await backend.readRange(table, part, 3, 4))).toBe('3456');
      expect(text(await backend.readRange(table, part, 3, 4, new Uint8Array(9)))).toBe('3456');
      await expect(backend.readRange(table, part, 8, 4)).rejects.toEqual(code('PART_CORRUPT'));
    });

    it('says which part is missing, and removes without complaint', async () => {
      await using backend = await make();
      const part = randomId();
      await expect(backend.read(table, part)).rejects.toEqual(code('PART_MISSING'));
      await expect(backend.size(table, part)).rejects.toEqual(code('PART_MISSING'));
      await backend.write(table, part, bytes('x'));
      expect(text(await backend.read(table, part))).toBe('x');
      await backend.remove(table, [part, randomId()]);
      expect(await backend.has(table, part)).toBe(false);
      await expect(backend.read(table, part)).rejects.toEqual(code('PART_MISSING'));
      await expect(backend.readRange(table, part, 0, 1)).rejects.toEqual(code('PART_MISSING'));
    });

    it('publishes epochs one after the other, and only so', async () => {
      await using backend = await make();
      expect(await backend.head(table)).toBeUndefined();
      expect(await backend.tables()).toEqual([]);
      await expect(backend.publish(table, 2, bytes('two'))).rejects.toEqual(code('EPOCH_CONFLICT'));
      for (const [i, content] of ['one', 'two', 'three', 'four'].entries()) {
        await backend.publish(table, i + 1, bytes(content));
        expect(text(await backend.head(table))).toBe(content);
      }
      await expect(backend.publish(table, 4, bytes('again'))).rejects.toEqual(
        code('EPOCH_CONFLICT'),
      );
      expect(await backend.tables()).toEqual([table]);
    });

    it('lets exactly one of many writers have an epoch', async () => {
      await using backend = await make();
      for (let epoch = 1; epoch <= 5; epoch++) {
        const attempts = Array.from({ length: 8 }, (_, i) =>
          backend.publish(table, epoch, bytes(`${epoch}-${i}`)),
        );
        const results = await Promise.allSettled(attempts);
        const won = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
        expect(won.length).toBe(1);
        expect(text(await backend.head(table))).toBe(`${epoch}-${won[0]}`);
      }
    });
  });

  describe(`the ${name} backend, while epochs follow each other`, () => {
    it('gives a reader one of them, never none and never an error', async () => {
      await using backend = await make();
      const table = randomId();
      await backend.publish(table, 1, bytes('1'));
      const last = 150;
      const publish = async (): Promise<void> => {
        for (let epoch = 2; epoch <= last; epoch++) {
          await backend.publish(table, epoch, bytes(String(epoch)));
        }
      };
      const read = async (): Promise<void> => {
        for (let newest = 1; newest < last;) {
          const found = Number(text(await backend.head(table)));
          expect(found).toBeGreaterThanOrEqual(newest);
          newest = found;
        }
      };
      await Promise.all([publish(), read(), read(), read()]);
    });
  });

  describe(`the ${name} backend, over many parts`, () => {
    it('lists the parts of one table with their sizes, and keeps those of another', async () => {
      await using backend = await make();
      const [table, other] = [randomId(), randomId()];
      const ids = Array.from({ length: 5 }, () => randomId()).toSorted();
      for (const [i, id] of ids.entries()) await backend.write(table, id, new Uint8Array(100 * i));
      await backend.write(other, ids[0]!, bytes('of another table'));
      const found = (await backend.parts(table)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      expect(found).toEqual(ids.map((id, i) => ({ id, bytes: 100 * i })));
      await backend.remove(table, ids);
      expect(await backend.parts(table)).toEqual([]);
      expect(text(await backend.read(other, ids[0]!))).toBe('of another table');
    });

    it('keeps what it was given, whatever becomes of the bytes', async () => {
      await using backend = await make();
      const [table, part] = [randomId(), randomId()];
      const given = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
      const expected = given.slice();
      await backend.write(table, part, given);
      given.fill(0);
      expect(new Uint8Array(await backend.read(table, part))).toEqual(expected);
      expect(await backend.readRange(table, part, 262_143, 3)).toEqual(
        expected.slice(262_143, 262_146),
      );
    });
  });
}
