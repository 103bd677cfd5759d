import type { MainModule, SEALContext } from 'node-seal/throws';
import { OpalineError } from '../../errors/index.ts';
import type { AnyParameters, Parameters } from '../../params/parameters.ts';
import { plainModulus } from '../../params/plain-modulus.ts';
import { product } from '../../ring/residues.ts';
import { guard, own } from './handles.ts';
import { computeParmsId } from './parms-id.ts';
import { loadSeal } from './seal-module.ts';
import type { CiphertextShape } from './wire.ts';

/** SEAL's context for some parameters, with the identities that its objects carry. */
export interface SealContext<P extends AnyParameters = Parameters> {
  readonly seal: MainModule;
  readonly context: SEALContext;
  readonly parameters: P;
  /** Data primes in order, then the special prime. */
  readonly keyPrimes: readonly number[];
  readonly keyParmsId: Uint8Array;
  /** Fresh ciphertexts: all data primes. */
  readonly fresh: CiphertextShape;
  /** The shape with so many primes left, or undefined where SEAL's chain has no such level. */
  level(limbs: number): CiphertextShape | undefined;
}

const contexts = new Map<string, Promise<SealContext<AnyParameters>>>();

/**
 * The context for parameters, made when first asked for (about 150 ms) and kept for the life of the
 * process: every engine of the same parameters shares it, and SEAL's objects outlive no context.
 */
export async function sealContext<P extends AnyParameters>(parameters: P): Promise<SealContext<P>> {
  const { scheme, n, dataPrimes, specialPrime } = parameters;
  const key = [scheme, n, ...dataPrimes, specialPrime, plainModulus(parameters)].join(' ');
  // Equal keys, equal parameters.
  const known = contexts.get(key) as Promise<SealContext<P>> | undefined;
  if (known !== undefined) return known;
  const made = makeContext(parameters).catch((error: unknown) => {
    contexts.delete(key);
    throw error;
  });
  contexts.set(key, made);
  return made;
}

async function makeContext<P extends AnyParameters>(parameters: P): Promise<SealContext<P>> {
  const seal = await loadSeal();
  const { scheme, n, dataPrimes, specialPrime } = parameters;
  const t = plainModulus(parameters);
  const keyPrimes = [...dataPrimes, specialPrime];
  const context = guard('PARAMETERS_INVALID', { reason: 'refused by SEAL' }, () =>
    newContext(seal, scheme, n, keyPrimes, t),
  );

  const shapes = new Map<number, CiphertextShape>();
  for (let limbs = dataPrimes.length; limbs > 0; limbs -= 1) {
    const primes = dataPrimes.slice(0, limbs);
    // SEAL ends the chain where the plaintext modulus would reach the ciphertext modulus.
    if (product(primes) <= t) break;
    const parmsId = computeParmsId(scheme, n, primes, t);
    const form = scheme === 'bfv' ? 'coefficient' : 'evaluation';
    const scale = parameters.preset === 'real' ? { scale: 2 ** parameters.scaleBits } : {};
    shapes.set(limbs, { parmsId, n, primes, form, ...scale });
  }
  const fresh = shapes.get(dataPrimes.length);
  const keyParmsId = computeParmsId(scheme, n, keyPrimes, t);
  const ids = [keyParmsId, ...[...shapes.values()].map((shape) => shape.parmsId)];
  if (fresh === undefined || !sameChain(ids, context)) {
    throw new OpalineError('PARAMETERS_INVALID', { reason: 'SEAL sees another modulus chain' });
  }
  return {
    seal,
    context,
    parameters,
    keyPrimes,
    keyParmsId,
    fresh,
    level: (limbs) => shapes.get(limbs),
  };
}

function newContext(
  seal: MainModule,
  scheme: AnyParameters['scheme'],
  n: number,
  primes: readonly number[],
  plainModulus: bigint,
): SEALContext {
  using parms = own(new seal.EncryptionParameters(seal.SchemeType[scheme]));
  using moduli = own(new seal.VectorModulus());
  for (const prime of primes) {
    using modulus = own(new seal.Modulus(BigInt(prime)));
    moduli.it.push_back(modulus.it);
  }
  parms.it.setPolyModulusDegree(n);
  parms.it.setCoeffModulus(moduli.it);
  if (scheme !== 'ckks') {
    using plain = own(new seal.Modulus(plainModulus));
    parms.it.setPlainModulus(plain.it);
  }
  const context = new seal.SEALContext(parms.it, true, seal.SecLevelType.tc128);
  if (!context.parametersSet()) {
    context.delete();
    throw new OpalineError('PARAMETERS_INVALID', { reason: 'refused by SEAL' });
  }
  return context;
}

/** True when SEAL's chain, from the key level down, has exactly these identities. */
function sameChain(ids: readonly Uint8Array[], context: SEALContext): boolean {
  let level = own(context.keyContextData());
  try {
    for (const [i, id] of ids.entries()) {
      using parmsId = own(level.it.parmsId());
      const words: unknown = parmsId.it.values();
      if (!(words instanceof BigUint64Array)) return false;
      const expected = new BigUint64Array(id.slice().buffer);
      if (!words.every((word, at) => word === expected[at])) return false;
      const isLast = level.it.chainIndex() === 0;
      if (isLast || i === ids.length - 1) return isLast && i === ids.length - 1;
      const next = own(level.it.nextContextData());
      level[Symbol.dispose]();
      level = next;
    }
    return false;
  } finally {
    level[Symbol.dispose]();
  }
}
