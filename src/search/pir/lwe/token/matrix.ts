import { chacha20Stream } from '../../../../bytes/chacha20.ts';
import { SECRET_WORDS } from '../parameters.ts';

/**
 * The public matrix A, `columns` by 1,024 words, column by column: ChaCha20's keystream under the seed. It is never
 * kept or sent (SimplePIR, §4, compresses it so); whoever knows the seed may know it.
 */
export function* publicColumns(seed: Uint8Array, columns: number): Generator<Uint32Array> {
  const fill = chacha20Stream(seed);
  for (let k = 0; k < SECRET_WORDS; k++) {
    const bytes = new Uint8Array(4 * columns);
    fill(bytes);
    yield new Uint32Array(bytes.buffer);
  }
}
