import { OpalineError } from '../../errors/opaline-error.ts';
import { type ColumnShape, parseResidentColumn } from '../../table/column-part.ts';

/** Parses a resident column and checks every residue against its prime. Throws BYTES_INVALID. */
export function checkResidentColumn(data: Uint8Array, what: string): ColumnShape {
  const { shape, words } = parseResidentColumn(data, what);
  const { n, primes } = shape;
  words().forEach((residue, i) => {
    if (residue >= primes[Math.floor(i / n) % primes.length]!) {
      throw new OpalineError('BYTES_INVALID', { what, reason: 'a residue is not below its prime' });
    }
  });
  return shape;
}
