import { describe, expect, test } from 'vitest';
import { processMemory } from '../../../../src/measure/bench/memory.ts';

const MIB = 2 ** 20;

describe('processMemory', () => {
  test('counts WebAssembly memories that are made and that grow', () => {
    const memory = processMemory();
    const grownBy = memory.mark();
    const made = new WebAssembly.Memory({ initial: 32, maximum: 64 });
    expect(grownBy().wasm).toBe(2 * MIB);
    made.grow(16);
    expect(grownBy().wasm).toBe(3 * MIB);
    expect(made.buffer.byteLength).toBe(3 * MIB);
  });

  test('counts memories that an instance exports, once', async () => {
    // (module (memory (export "m") 4))
    const bytes = Uint8Array.of(
      ...[0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 4, 7, 5, 1, 1, 109, 2, 0].values(),
    );
    const grownBy = processMemory().mark();
    const { instance } = await WebAssembly.instantiate(bytes);
    expect(instance.exports['m']).toBeInstanceOf(WebAssembly.Memory);
    expect(grownBy().wasm).toBe(4 * 64 * 1024);
  });

  test('finds a peak that was there inside of a run and is gone', () => {
    const grownBy = processMemory().mark();
    let sum = 0;
    for (let i = 0; i < 2; i++) {
      const block = new Uint8Array(96 * MIB).fill(1);
      sum += block[i * MIB]!;
    }
    expect(sum).toBe(2);
    const { rss } = grownBy();
    // Null: no such mark on this system.
    if (rss !== null) expect(rss).toBeGreaterThan(64 * MIB);
  });
});
