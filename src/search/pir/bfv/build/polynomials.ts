import { createWasmRing } from '../../../../ring/simd/wasm-ring.ts';
import { POLYNOMIAL_BYTES, type BfvTable } from '../format.ts';
import { PRIMES, RING_DEGREE } from '../parameters.ts';

/** Write sealed buckets as the table's polynomials: `bucket(b)` is bucket b, `heightOf` bytes. */
export function writePolynomials(table: BfvTable, bucket: (number: number) => Uint8Array): void {
  const { words, groups, blocks, polynomials } = table;
  const ring = createWasmRing(RING_DEGREE, PRIMES);
  const span = ring.allocate(PRIMES.length * RING_DEGREE);
  const perBlock = RING_DEGREE / words;
  for (let i = 0; i < blocks; i++) {
    const buckets = Array.from({ length: perBlock }, (_, j) => {
      const bytes = bucket(i * perBlock + j);
      return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    });
    for (let k = 0; k < groups; k++) {
      const view = ring.view(span);
      buckets.forEach((bytes, j) => {
        for (let c = 0; c < words; c++) {
          const word = bytes.getInt32(4 * (k * words + c), true);
          for (const [limb, prime] of PRIMES.entries()) {
            const residue = word % prime;
            view[limb * RING_DEGREE + j * words + c] = residue < 0 ? residue + prime : residue;
          }
        }
      });
      ring.forwardNtt(span);
      const at = (k * blocks + i) * POLYNOMIAL_BYTES;
      const done = ring.view(span);
      polynomials.set(new Uint8Array(done.buffer, done.byteOffset, done.byteLength), at);
    }
  }
}
