import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena } from '../../../../src/ring/simd/arena.ts';

const PAGE = 65_536;
const arena = (limitPages: number): Arena =>
  new Arena(new WebAssembly.Memory({ initial: 1, maximum: limitPages }), 100, limitPages * PAGE);

describe('the arena', () => {
  test('never hands out overlapping, misaligned or dirty bytes, whatever the order', () => {
    const step = fc.oneof(
      fc.record({ allocate: fc.integer({ min: 0, max: 200_000 }) }),
      fc.record({ release: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const a = arena(400);
        const live = new Map<number, { size: number; mark: number }>();
        let mark = 0;
        for (const item of steps) {
          if ('allocate' in item) {
            const at = a.allocate(item.allocate);
            const bytes = new Uint8Array(a.memory.buffer, at, item.allocate);
            expect(at % 64).toBe(0);
            expect(at).toBeGreaterThanOrEqual(100);
            expect(bytes.every((byte) => byte === 0)).toBe(true);
            mark = (mark % 255) + 1;
            bytes.fill(mark);
            live.set(at, { size: item.allocate, mark });
          } else if (live.size > 0) {
            const at = [...live.keys()][item.release % live.size] ?? 0;
            a.release(at);
            live.delete(at);
          }
        }
        let bytes = 0;
        for (const [at, block] of live) {
          const view = new Uint8Array(a.memory.buffer, at, block.size);
          expect(view.every((byte) => byte === block.mark)).toBe(true);
          bytes += Math.max(Math.ceil(block.size / 64), 1) * 64;
        }
        expect(a.liveBytes).toBe(bytes);
        for (const at of live.keys()) a.release(at);
        expect(a.liveBytes).toBe(0);
        // Everything merged again: one block spans the memory.
        const all = a.memory.buffer.byteLength - 128;
        expect(a.allocate(all)).toBe(128);
      }),
      { numRuns: 60 },
    );
  });

  test('reuses what was released instead of growing', () => {
    const a = arena(1000);
    const size = 50_000;
    for (let i = 0; i < 1000; i += 1) a.release(a.allocate(size));
    expect(a.memory.buffer.byteLength).toBeLessThanOrEqual(18 * PAGE);
  });

  test('grows up to its limit to the byte and refuses beyond', () => {
    const a = arena(64);
    const first = a.allocate(63 * PAGE);
    const rest = 64 * PAGE - first - 63 * PAGE;
    expect(() => a.allocate(rest + 1)).toThrow(
      expect.objectContaining({
        code: 'REQUEST_TOO_LARGE',
        details: expect.objectContaining({ limit: 64 * PAGE }),
      }),
    );
    expect(a.allocate(rest)).toBe(first + 63 * PAGE);
    expect(() => a.allocate(1)).toThrow(expect.objectContaining({ code: 'REQUEST_TOO_LARGE' }));
  });

  test('refuses a release of what is not allocated', () => {
    const a = arena(2);
    const at = a.allocate(10);
    a.release(at);
    expect(() => a.release(at)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect(() => a.release(at + 1)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
