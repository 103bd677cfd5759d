/**
 * A key without a dealer, for sums: pk = (Σ b_j, a) with b_j = −(a·s_j + e_j), so that its secret is Σ s_j, which
 * nobody ever has (Mouchet, Troncoso-Pastoriza, Bossuat and Hubaux, PoPETs 2021, section IV-B). a is hashed from
 * the ceremony's name, and every b_j is committed to before any is shown, so that nobody fits theirs to the others'.
 * All parties are needed to decrypt.
 */
import { Writer, utf8, wordBytes } from '../../bytes/codec.ts';
import { equalBytes, wipe } from '../../bytes/compare.ts';
import { sha256 } from '../../bytes/hash.ts';
import { toHex } from '../../bytes/hex.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Parameters } from '../../params/parameters.ts';
import { thresholdParameters } from '../../params/presets.ts';
import { generateRingSecret } from '../secret.ts';
import type { SecretShare } from './partial.ts';
import type { DividedKey } from './public-key.ts';
import { keyPrimes, publicShare, secretResidues } from './public-share.ts';

/** What the parties agree on before they begin. */
export interface Ceremony {
  /** New for each key: a name, a date and something random of everybody's. */
  readonly name: string;
  readonly parties: number;
}

/** What one party makes. */
export interface Contribution {
  /** To keep. */
  readonly share: SecretShare;
  /** To show once every commitment is there. */
  readonly b: Uint32Array;
  /** To show at once: 32 bytes. */
  readonly commitment: Uint8Array;
}

/** What a party has shown. */
export interface Revealed {
  readonly commitment: Uint8Array;
  readonly b: Uint32Array;
}

/** A party's contribution. @throws PARAMETERS_INVALID for fewer than 2 parties or more than 64 */
export async function contribute(ceremony: Ceremony, index: number): Promise<Contribution> {
  const parameters = parametersOf(ceremony);
  if (!Number.isInteger(index) || index < 1 || index > ceremony.parties) {
    throw new OpalineError('SHARES_INVALID', { reason: `there is no party ${index}` });
  }
  const packed = await generateRingSecret(parameters);
  try {
    const b = publicShare(parameters, seedOf(ceremony), packed);
    const residues = secretResidues(parameters, packed);
    return {
      share: { index, kind: 'joint', residues },
      b,
      commitment: commitmentTo(ceremony, index, b),
    };
  } finally {
    wipe(packed);
  }
}

/**
 * The joint public key of what the parties have shown, in their order. Every party computes it for itself.
 * @throws SHARES_INVALID where one is missing, is not what was committed to, or is another's again
 */
export function joinPublic(ceremony: Ceremony, revealed: readonly Revealed[]): DividedKey {
  const parameters = parametersOf(ceremony);
  const { n } = parameters;
  const primes = keyPrimes(parameters);
  if (revealed.length !== ceremony.parties) throw invalid('not of every party');
  const sum = new Uint32Array(primes.length * n);
  for (const [i, { b, commitment }] of revealed.entries()) {
    if (b.length !== sum.length) throw invalid(`party ${i + 1} shows no public share`);
    if (!equalBytes(commitment, commitmentTo(ceremony, i + 1, b))) {
      throw invalid(`party ${i + 1} shows something else than it committed to`);
    }
    for (const [limb, prime] of primes.entries()) {
      for (let at = limb * n; at < (limb + 1) * n; at += 1) {
        if (b[at]! >= prime) throw invalid(`party ${i + 1} shows no public share`);
        sum[at] = (sum[at]! + b[at]!) % prime;
      }
    }
  }
  const { parties } = ceremony;
  const seed = seedOf(ceremony);
  const id = toHex(sha256(new Writer().raw(seed).raw(wordBytes(sum)).finish()).subarray(0, 16));
  return { id, division: { parties, quorum: parties }, custodians: parties, seed, b: sum };
}

function parametersOf({ parties }: Ceremony): Parameters {
  if (parties < 2) {
    throw new OpalineError('PARAMETERS_INVALID', { reason: 'a joint key is of 2 parties or more' });
  }
  return thresholdParameters({ parties, quorum: parties });
}

function seedOf({ name, parties }: Ceremony): Uint8Array {
  return sha256(new Writer().text('opaline/1/custody/ceremony').text(name).u16(parties).finish());
}

function commitmentTo(ceremony: Ceremony, index: number, b: Uint32Array): Uint8Array {
  return sha256(
    new Writer(64 + 4 * b.length)
      .raw(utf8('opaline/1/custody/commitment'))
      .raw(seedOf(ceremony))
      .u16(index)
      .raw(wordBytes(b))
      .finish(),
  );
}

function invalid(reason: string): OpalineError<'SHARES_INVALID'> {
  return new OpalineError('SHARES_INVALID', { reason });
}
