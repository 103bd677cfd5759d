import { wipe } from '../../bytes/compare.ts';
import { randomBytes, randomId } from '../../bytes/random.ts';
import { thresholdParameters } from '../../params/presets.ts';
import { generateRingSecret } from '../secret.ts';
import { sharePolynomial } from './dealing.ts';
import type { SecretShare } from './partial.ts';
import type { DividedKey } from './public-key.ts';
import { publicShare, secretResidues } from './public-share.ts';

/** A new key, divided. */
export interface DealtKey {
  readonly key: DividedKey;
  /** One for each custodian, in order; wipe each once it is handed over. */
  readonly shares: readonly SecretShare[];
}

/**
 * Draw a ring secret, make its public key and share it out: any `threshold` of `count` shares decrypt together, and
 * fewer say nothing of the secret. The dealer, who runs this, sees the secret once and is trusted to forget it; it
 * is in memory here alone and never put together again.
 *
 * @throws PARAMETERS_INVALID unless 2 ≤ threshold ≤ count ≤ 64
 */
export async function dealKey(threshold: number, count: number): Promise<DealtKey> {
  const division = { parties: 1, quorum: threshold };
  const parameters = thresholdParameters(division);
  const packed = await generateRingSecret(parameters);
  const secret = secretResidues(parameters, packed);
  try {
    const shares = sharePolynomial(secret, parameters.dataPrimes, threshold, count);
    const seed = randomBytes(32);
    const b = publicShare(parameters, seed, packed);
    return {
      key: { id: randomId(), division, custodians: count, seed, b },
      shares: shares.map((residues, i) => ({ index: i + 1, kind: 'dealt', residues })),
    };
  } finally {
    wipe(packed);
    secret.fill(0);
  }
}
