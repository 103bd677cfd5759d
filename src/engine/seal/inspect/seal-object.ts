/**
 * Objects of Microsoft SEAL 4.1, read without SEAL. Its own loader trusts counts and sizes from
 * outside (fixed upstream in 4.4), so nothing that did not pass here, or the stricter readers of
 * wire.ts, may reach it.
 */
import { Reader } from '../../../bytes/codec.ts';
import { equalBytes } from '../../../bytes/compare.ts';
import { isOpalineError, type OpalineError } from '../../../errors/index.ts';
import { securityLevel } from '../../../params/security.ts';
import { invalidBytes } from '../wire-frame.ts';
import {
  checkCiphertext,
  checkKeySwitching,
  checkPlaintext,
  checkPublicKey,
  checkSecretKey,
  MAX_RELIN_KEYS,
} from './check-object.ts';
import { type CiphertextBytes, readCiphertextBytes } from './ciphertext-bytes.ts';
import { readHeader } from './header.ts';
import { type KeySwitchingBytes, readKeySwitchingBytes } from './key-switching-bytes.ts';
import { levelOf, type ModulusChain, modulusChain, modulusOf } from './modulus-chain.ts';
import type { ExpectedObject, SealFacts, SealType } from './object-types.ts';
import { type ParametersBytes, readParametersBytes } from './parameters-bytes.ts';
import { type PlaintextBytes, readPlaintextBytes } from './plaintext-bytes.ts';

type ObjectBytes = CiphertextBytes | PlaintextBytes | KeySwitchingBytes | ParametersBytes;

const LAYOUTS: readonly {
  readonly types: readonly SealType[];
  readonly read: (reader: Reader) => ObjectBytes;
}[] = [
  { types: ['Ciphertext', 'PublicKey'], read: readCiphertextBytes },
  { types: ['Plaintext', 'SecretKey'], read: readPlaintextBytes },
  { types: ['RelinKeys', 'GaloisKeys'], read: readKeySwitchingBytes },
  { types: ['EncryptionParameters'], read: readParametersBytes },
];

/**
 * Checks that the bytes are exactly one uncompressed object of that type under those parameters, and
 * tells its shape. Linear in the bytes, of which nothing is copied.
 *
 * Throws BYTES_INVALID; PARAMETERS_INVALID for encryption parameters that parse but have no context.
 */
export function parseSealObject(
  bytes: Uint8Array,
  type: SealType,
  expected: ExpectedObject = {},
): SealFacts {
  const layout = LAYOUTS.find(({ types }) => types.includes(type))!;
  const { object, error } = tryLayout(bytes, layout.read, NAMES[type]);
  if (object === undefined) throw error;
  return check(object, type, expected);
}

/** The modulus chain of serialised encryption parameters. Throws as `parseSealObject`. */
export function parseModulusChain(bytes: Uint8Array): ModulusChain {
  const { object, error } = tryLayout(bytes, readParametersBytes, NAMES.EncryptionParameters);
  if (object === undefined) throw error;
  return modulusChain(object);
}

/** What bytes without a type could be. */
export interface Recognised {
  /** The likeliest first; none when the bytes fit no layout even in part. */
  readonly types: readonly SealType[];
  /** Facts of the first type, or why the bytes are none of them. */
  readonly facts?: SealFacts;
  readonly error?: OpalineError;
}

/** Every layout reads a header and 32 bytes alike: only what is read after them tells anything. */
const COMMON_BYTES = 48;

/**
 * SEAL writes no type into an object, and writes three pairs of types alike. The layout follows
 * from the lengths; within a pair the level decides where the parameters are known, otherwise what
 * SEAL itself would write. Never throws.
 */
export function recogniseSeal(bytes: Uint8Array, expected: ExpectedObject = {}): Recognised {
  let furthest = COMMON_BYTES;
  let best: Recognised | undefined;
  for (const { types, read } of LAYOUTS) {
    const { object, error, offset } = tryLayout(bytes, read, 'the object');
    if (object !== undefined) return recogniseWithin(object, expected);
    best ??= { types: [], error };
    if (offset > furthest) {
      furthest = offset;
      best = { types, error };
    }
  }
  return best!;
}

function recogniseWithin(object: ObjectBytes, expected: ExpectedObject): Recognised {
  const candidates = candidatesOf(object, expected.chain);
  const valid: SealType[] = [];
  let facts: SealFacts | undefined;
  let error: OpalineError | undefined;
  for (const type of candidates) {
    try {
      const found = check(object, type, expected);
      facts ??= found;
      valid.push(type);
    } catch (failure) {
      if (!isOpalineError(failure)) throw failure;
      error ??= failure;
    }
  }
  return facts === undefined ? { types: candidates, error: error! } : { types: valid, facts };
}

/** The types that an object of some layout could have, the likeliest first. */
function candidatesOf(object: ObjectBytes, chain: ModulusChain | undefined): readonly SealType[] {
  switch (object.layout) {
    case 'ciphertext': {
      const { polynomials, ntt, scale, correctionFactor, limbs } = object;
      const likeKey = polynomials === 2 && ntt && scale === 1 && correctionFactor === 1n;
      return ordered('PublicKey', 'Ciphertext', likeKey && limbs > 1, object.parmsId, chain);
    }
    case 'plaintext': {
      const likeKey = !object.inCoefficientForm && object.scale === 1;
      return ordered('SecretKey', 'Plaintext', likeKey, object.parmsId, chain);
    }
    case 'key-switching':
      return object.slots > MAX_RELIN_KEYS || object.emptySlots > 0
        ? ['GaloisKeys', 'RelinKeys']
        : ['RelinKeys', 'GaloisKeys'];
    case 'parameters':
      return ['EncryptionParameters'];
    default:
      return object satisfies never;
  }
}

function ordered(
  key: SealType,
  data: SealType,
  likeKey: boolean,
  parmsId: Uint8Array,
  chain: ModulusChain | undefined,
): SealType[] {
  const isKey = chain && levelOf([chain.key], parmsId) !== undefined;
  const isData = chain && levelOf(chain.data, parmsId) !== undefined;
  const keyFirst = isKey === isData ? likeKey : isKey === true;
  return keyFirst ? [key, data] : [data, key];
}

function check(object: ObjectBytes, type: SealType, expected: ExpectedObject): SealFacts {
  switch (object.layout) {
    case 'ciphertext':
      return type === 'PublicKey'
        ? checkPublicKey(object, expected)
        : checkCiphertext(object, expected);
    case 'plaintext':
      return type === 'SecretKey'
        ? checkSecretKey(object, expected)
        : checkPlaintext(object, expected);
    case 'key-switching':
      return checkKeySwitching(object, expected, type === 'GaloisKeys');
    case 'parameters': {
      const { scheme, n, plainModulus, key } = modulusChain(object);
      if (expected.chain && !equalBytes(expected.chain.key.parmsId, key.parmsId)) {
        throw invalidBytes(NAMES[type], 'other parameters than expected');
      }
      const bits = modulusOf(key.primes).toString(2).length;
      const security = securityLevel(n, bits) ?? 0;
      return { scheme, n, primes: key.primes, plainModulus, security };
    }
    default:
      return object satisfies never;
  }
}

const NAMES: Readonly<Record<SealType, string>> = {
  Ciphertext: 'a ciphertext',
  PublicKey: 'a public key',
  Plaintext: 'a plaintext',
  SecretKey: 'a secret key',
  RelinKeys: 'relinearisation keys',
  GaloisKeys: 'Galois keys',
  EncryptionParameters: 'encryption parameters',
};

/** Reads bytes as one layout to their end; on failure says how far it fitted. */
function tryLayout<T extends ObjectBytes>(
  bytes: Uint8Array,
  read: (reader: Reader) => T,
  what: string,
):
  | { readonly object: T; readonly error?: never; readonly offset: number }
  | { readonly object?: never; readonly error: OpalineError; readonly offset: number } {
  const reader = new Reader(bytes, what);
  try {
    const { size } = readHeader(new Reader(bytes, what));
    if (size !== bytes.length) reader.fail(`${bytes.length} bytes whose header says ${size}`);
    const object = read(reader);
    reader.end();
    return { object, offset: reader.offset };
  } catch (error) {
    if (!isOpalineError(error)) throw error;
    return { error, offset: reader.offset };
  }
}
