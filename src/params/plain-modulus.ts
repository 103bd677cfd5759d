import type { AnyParameters } from './parameters.ts';

/** The plaintext modulus t; 0 of CKKS, which has none. */
export function plainModulus(parameters: AnyParameters): bigint {
  if ('plainBits' in parameters) return 1n << BigInt(parameters.plainBits);
  if (parameters.preset === 'check') return BigInt(parameters.plainPrime);
  if (parameters.preset === 'real') return 0n;
  const [first, second] = parameters.plainPrimes;
  return BigInt(first) * BigInt(second);
}
