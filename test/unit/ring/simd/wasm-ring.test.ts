import { describe, expect, test } from 'vitest';
import { createWasmRing } from '../../../../src/ring/simd/wasm-ring.ts';

describe('the WebAssembly ring', () => {
  test('keeps spans valid while its memory grows', () => {
    const ring = createWasmRing(64, [257]);
    const early = ring.allocate(64);
    ring.view(early).fill(3);
    const stale = ring.view(early);
    for (let i = 0; i < 40; i += 1) ring.allocate(100_000);
    expect(stale).toHaveLength(0);
    expect([...ring.view(early)]).toEqual(Array.from({ length: 64 }, () => 3));
  });

  test('refuses more memory than it was given', () => {
    const ring = createWasmRing(64, [257], { maximumBytes: 2 ** 20 });
    expect(() => ring.allocate(2 ** 18)).toThrow(
      expect.objectContaining({ code: 'REQUEST_TOO_LARGE' }),
    );
    expect(ring.allocate(2 ** 17).length).toBe(2 ** 17);
  });

  test('keeps rings apart', () => {
    const one = createWasmRing(64, [257]);
    const other = createWasmRing(64, [257]);
    const a = one.allocate(64);
    const b = other.allocate(64);
    one.view(a).fill(1);
    expect(other.view(b).every((word) => word === 0)).toBe(true);
  });
});
