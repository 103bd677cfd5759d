import { frame, unframe } from '../../bytes/framing.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { PublicCheckEngine, PublicKeyEngine } from '../../engine/engine.ts';
import {
  createPublicCheckEngine,
  createPublicKeyEngine,
  type PublicKeyHalves,
} from '../../engine/seal/public-encryptor.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { MOST_CUSTODIANS } from '../../params/check.ts';
import type { Division, Parameters } from '../../params/parameters.ts';
import { thresholdParameters, verifyingParameters } from '../../params/presets.ts';
import { packedBytes, packPolynomials, unpackPolynomials } from '../../table/column-part.ts';
import { expandPublic, keyPrimes } from './public-share.ts';

/** The public key of a divided ring secret. Nothing in it is secret; a vault keeps it where nobody can change it. */
export interface DividedKey {
  /** 32 hex digits that its shares name, too. */
  readonly id: string;
  readonly division: Division;
  /** Custodians who hold a share, numbered from 1. */
  readonly custodians: number;
  /** 32 bytes from which the uniform half follows. */
  readonly seed: Uint8Array;
  /** The other half: evaluation form, a limb for each data prime and the special one. */
  readonly b: Uint32Array;
}

const SEED_BYTES = 32;
const WHAT = 'the public key of a divided secret';

/** Bytes of a public key: frame DKEY, id, division, seed, and b in 27 bits a residue. */
export function encodeDividedKey({ id, division, custodians, seed, b }: DividedKey): Uint8Array {
  const parameters = thresholdParameters(division);
  return frame('DKEY')
    .raw(fromHex(id, 'a key id'))
    .u8(division.parties)
    .u8(division.quorum)
    .u8(custodians)
    .raw(seed)
    .raw(packPolynomials(shapeOf(parameters), [b]))
    .finish();
}

/** @throws BYTES_INVALID for anything but what `encodeDividedKey` writes, PARAMETERS_INVALID for a division that none is */
export function decodeDividedKey(bytes: Uint8Array): DividedKey {
  const reader = unframe(bytes, 'DKEY', WHAT);
  const id = toHex(reader.raw(16));
  const division = { parties: reader.u8(), quorum: reader.u8() };
  const custodians = reader.u8();
  if (custodians < division.quorum || custodians > MOST_CUSTODIANS)
    reader.fail('too few custodians');
  if (division.parties > 1 && custodians !== division.parties)
    reader.fail('not all of its parties');
  const seed = reader.raw(SEED_BYTES).slice();
  const shape = shapeOf(thresholdParameters(division));
  const b = unpackPolynomials(shape, reader.raw(packedBytes(shape)), 1, WHAT);
  reader.end();
  return { id, division, custodians, seed, b };
}

/**
 * The engine that encrypts under a divided key.
 * @throws KEY_MISSING without a key, BYTES_INVALID
 */
export async function openDividedEngine(bytes: Uint8Array | undefined): Promise<PublicKeyEngine> {
  const { parameters, halves } = openHalves(bytes);
  return await createPublicKeyEngine(parameters, halves);
}

/** The engine of columns that verify sums under it. @throws the same */
export async function openDividedCheckEngine(
  bytes: Uint8Array | undefined,
): Promise<PublicCheckEngine> {
  const { parameters, halves } = openHalves(bytes);
  return await createPublicCheckEngine(verifyingParameters(parameters), halves);
}

function openHalves(bytes: Uint8Array | undefined): {
  readonly parameters: Parameters;
  readonly halves: PublicKeyHalves;
} {
  if (bytes === undefined) {
    throw new OpalineError('KEY_MISSING', { what: 'divided tables; make one with custody deal' });
  }
  const { division, seed, b } = decodeDividedKey(bytes);
  const parameters = thresholdParameters(division);
  return { parameters, halves: { b, a: expandPublic(parameters, seed) } };
}

const shapeOf = (parameters: Parameters): { n: number; primes: readonly number[] } => ({
  n: parameters.n,
  primes: keyPrimes(parameters),
});
