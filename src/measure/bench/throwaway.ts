import { randomBytes } from '../../bytes/random.ts';
import type { SecretEngine } from '../../engine/engine.ts';
import { generateContents, openSecretEngine } from '../../keys/secret.ts';
import { type SumPlainBits, sumParameters } from '../../params/presets.ts';

/** Random bytes for an experiment's key; nothing keeps them. */
export function throwawayKey(length = 32): Uint8Array {
  return randomBytes(length);
}

/**
 * The engine of encrypted sums (BFV at n = 4096, values of 48 bits or of 32) under a secret that was made for this call and is
 * kept nowhere: it opens nothing that a vault has sealed. Dispose of it after use.
 */
export async function throwawayEngine(plainBits: SumPlainBits = 48): Promise<SecretEngine> {
  const parameters = sumParameters(plainBits);
  const { ring } = await generateContents(parameters, '');
  return await openSecretEngine(parameters, ring);
}
