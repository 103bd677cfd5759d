import { equalBytes } from '../../bytes/compare.ts';
import { sha256 } from '../../bytes/hash.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { type ColumnShape, parseResidentColumn } from '../../table/column-part.ts';

const DIGEST = 32;

/**
 * Checks a column as a store keeps it (run/evaluate/at-rest.ts): the resident form, then its
 * SHA-256; every residue against its prime. Throws BYTES_INVALID.
 */
export function checkResidentColumn(data: Uint8Array, what: string): ColumnShape {
  const fail = (reason: string): never => {
    throw new OpalineError('BYTES_INVALID', { what, reason });
  };
  const resident = data.subarray(0, Math.max(0, data.length - DIGEST));
  if (!equalBytes(sha256(resident), data.subarray(resident.length))) {
    fail('its SHA-256 does not match');
  }
  const { shape, words } = parseResidentColumn(resident, what);
  const { n, primes } = shape;
  words().forEach((residue, i) => {
    if (residue >= primes[Math.floor(i / n) % primes.length]!) {
      fail('a residue is not below its prime');
    }
  });
  return shape;
}
