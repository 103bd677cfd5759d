import type { AnyParameters } from './parameters.ts';

/** The plaintext modulus t. */
export function plainModulus(parameters: AnyParameters): bigint {
  if (parameters.preset === 'sum') return 1n << BigInt(parameters.plainBits);
  const [first, second] = parameters.plainPrimes;
  return BigInt(first) * BigInt(second);
}
