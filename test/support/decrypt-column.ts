import { sealContext } from '../../src/engine/seal/context.ts';
import { loadSecretKey } from '../../src/engine/seal/encrypt.ts';
import { own } from '../../src/engine/seal/handles.ts';
import { readPlaintext } from '../../src/engine/seal/wire-plaintext.ts';
import { writeCiphertext } from '../../src/engine/seal/wire.ts';
import { signedCoefficient } from '../../src/engine/coefficients.ts';
import { sumParameters } from '../../src/params/presets.ts';
import { createWasmRing } from '../../src/ring/simd/wasm-ring.ts';
import { parseResidentColumn } from '../../src/table/column-part.ts';

/**
 * Every coefficient of a ciphertext column as a store keeps it, chunk after chunk: what who holds the
 * ring secret can learn of each row, which no query opens one by one.
 */
export async function decryptColumn(file: Uint8Array, ring: Uint8Array): Promise<bigint[]> {
  const sealed = await sealContext(sumParameters(48));
  const { seal, context, parameters, fresh } = sealed;
  const { n, dataPrimes, plainBits } = parameters;
  const arithmetic = createWasmRing(n, dataPrimes);
  const column = parseResidentColumn(file.subarray(0, -32), 'the column');
  const words = column.words();
  const half = dataPrimes.length * n;
  using secret = loadSecretKey(sealed, ring);
  using decryptor = own(new seal.Decryptor(context, secret.it));
  const out: bigint[] = [];
  for (let chunk = 0; chunk < column.shape.chunks; chunk++) {
    const at = 2 * half * chunk;
    const c1 = arithmetic.allocate(half);
    arithmetic.view(c1).set(words.subarray(at + half, at + 2 * half));
    arithmetic.inverseNtt(c1);
    const bytes = writeCiphertext(fresh, words.subarray(at, at + half), arithmetic.view(c1));
    using ciphertext = own(new seal.Ciphertext());
    using plaintext = own(new seal.Plaintext());
    ciphertext.it.loadFromArray(context, bytes);
    decryptor.it.decrypt(ciphertext.it, plaintext.it);
    const saved = plaintext.it.saveToArray(seal.ComprModeType.none) as Uint8Array;
    const halves = readPlaintext(saved, n, 1n << BigInt(plainBits));
    for (let i = 0; i < n; i++) {
      out.push(signedCoefficient(halves[2 * i] ?? 0, halves[2 * i + 1] ?? 0, plainBits));
    }
    arithmetic.release(c1);
  }
  return out;
}
