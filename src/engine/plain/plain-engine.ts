/**
 * The engine that encrypts nothing: c0 is the scaled message, c1 is zero. It runs the suite of the
 * real one, so that a wrong answer is told apart from a wrong encryption. Protects nothing.
 */
import { OpalineError } from '../../errors/index.ts';
import type { Parameters } from '../../params/parameters.ts';
import { fromResidues, product, toResidues } from '../../ring/residues.ts';
import { checkResidues, checkSample } from '../check-sample.ts';
import { signedCoefficient, writeCoefficients } from '../coefficients.ts';
import type { PublicEngine, SecretEngine, SeededCiphertext } from '../engine.ts';

const SEED_BYTES = 64;

/** Expands every seed to zero, after the checks of the real engine. */
export function createPlainPublicEngine(parameters: Parameters): PublicEngine {
  const { n, dataPrimes } = parameters;
  return {
    kind: 'plain',
    parameters,
    expand({ c0, seed }) {
      const what = 'a seeded ciphertext';
      if (seed.length !== SEED_BYTES) throw invalid(what, `a seed has ${SEED_BYTES} bytes`);
      checkResidues(what, c0, dataPrimes, n);
      return new Uint32Array(dataPrimes.length * n);
    },
    [Symbol.dispose]: () => {},
  };
}

/** "Encrypts" as round(q·m/t), as SEAL scales a message, without noise and without a key. */
export function createPlainSecretEngine(parameters: Parameters): SecretEngine {
  const { n, dataPrimes, plainBits } = parameters;
  const t = 1n << BigInt(plainBits);
  const descale = (residues: Uint32Array, primes: readonly number[]): bigint => {
    const q = product(primes);
    const residue = ((2n * t * fromResidues(residues, primes) + q) / (2n * q)) % t;
    return signedCoefficient(Number(residue & 0xffff_ffffn), Number(residue >> 32n), plainBits);
  };
  return {
    kind: 'plain',
    parameters,
    encrypt(values) {
      const halves = new Uint32Array(2 * n);
      writeCoefficients(halves, values, plainBits);
      return { c0: scale(parameters, halves), seed: new Uint8Array(SEED_BYTES) };
    },
    decrypt(sample) {
      return descale(sample.b, checkSample('an encrypted sum', parameters, sample));
    },
    decryptFresh({ c0, seed }) {
      if (seed.length !== SEED_BYTES) {
        throw invalid('a seeded ciphertext', `a seed has ${SEED_BYTES} bytes`);
      }
      checkResidues('a seeded ciphertext', c0, dataPrimes, n);
      return Float64Array.from({ length: n }, (_, i) =>
        Number(
          descale(
            Uint32Array.from(dataPrimes, (_p, limb) => c0[limb * n + i]!),
            dataPrimes,
          ),
        ),
      );
    },
    [Symbol.dispose]: () => {},
  };
}

/** ⌊(q·m + ⌊(t + 1)/2⌋) / t⌋ for each coefficient (SEAL, multiply_add_plain_with_scaling_variant). */
function scale(parameters: Parameters, halves: Uint32Array): SeededCiphertext['c0'] {
  const { n, dataPrimes, plainBits } = parameters;
  const t = 1n << BigInt(plainBits);
  const q = product(dataPrimes);
  const c0 = new Uint32Array(dataPrimes.length * n);
  for (let i = 0; i < n; i += 1) {
    const m = (BigInt(halves[2 * i + 1] ?? 0) << 32n) | BigInt(halves[2 * i] ?? 0);
    const scaled = (q * m + (t + 1n) / 2n) / t;
    for (const [limb, residue] of toResidues(scaled, dataPrimes).entries()) {
      c0[limb * n + i] = residue;
    }
  }
  return c0;
}

function invalid(what: string, reason: string): OpalineError<'BYTES_INVALID'> {
  return new OpalineError('BYTES_INVALID', { what, reason });
}
