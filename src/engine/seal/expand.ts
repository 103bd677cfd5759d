import type { AnyParameters } from '../../params/parameters.ts';
import type { PublicEngine, SeededCiphertext } from '../engine.ts';
import { sealContext, type SealContext } from './context.ts';
import { guard, own } from './handles.ts';
import type { Frame } from './wire-frame.ts';
import { readPolynomial, seededFrame, writeSeededCiphertext } from './wire.ts';

/** The engine a store runs: it expands seeds, and reaches neither a secret nor SEAL's decryptor. */
export async function createSealPublicEngine(parameters: AnyParameters): Promise<PublicEngine> {
  const context = await sealContext(parameters);
  const frame = seededFrame(context.fresh);
  return {
    kind: 'seal',
    parameters,
    expand: (ciphertext) => expand(context, frame, ciphertext),
    // Nothing of its own: the context is shared and kept.
    [Symbol.dispose]: () => {},
  };
}

/**
 * c1 of a seeded ciphertext by SEAL's own generator: n residues a prime, in the scheme's form.
 * Throws BYTES_INVALID for a wrong length or a residue that is not below its prime.
 */
function expand(
  { seal, context, fresh }: SealContext<AnyParameters>,
  frame: Frame,
  ciphertext: SeededCiphertext,
): Uint32Array {
  const bytes = writeSeededCiphertext(fresh, ciphertext.c0, ciphertext.seed, frame);
  return guard('BYTES_INVALID', { what: 'a seeded ciphertext', reason: 'refused by SEAL' }, () => {
    using loaded = own(new seal.Ciphertext());
    loaded.it.loadFromArray(context, bytes);
    const full: unknown = loaded.it.saveToArray(seal.ComprModeType.none);
    return readPolynomial(asBytes(full), fresh, 1);
  });
}

function asBytes(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
