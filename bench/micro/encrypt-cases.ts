import { encryptColumns } from '../../src/client/seal/encrypt.ts';
import { writeCoefficients } from '../../src/engine/coefficients.ts';
import { loadSeal } from '../../src/engine/seal/seal-module.ts';
import { newPlaintext } from '../../src/engine/seal/wire-plaintext.ts';
import { generateContents, openSecretEngine } from '../../src/keys/secret.ts';
import { splitPlan } from '../../src/params/packing.ts';
import { sumParameters } from '../../src/params/presets.ts';
import { generator } from './generator.ts';
import type { Case } from './measure.ts';

/** Ciphertexts a call: enough that what is done once a column counts as it does in a segment. */
const CHUNKS = 16;
const LARGEST = 2 ** 15;

/**
 * A column of small integers on its way to the wire, and the bare call into SEAL that it rests on,
 * at the same parameters on plaintexts that are already loaded.
 */
export async function encryptCases(): Promise<Case[]> {
  const parameters = sumParameters(48);
  const { n, plainBits, dataPrimes, specialPrime } = parameters;
  const { ring } = await generateContents(parameters, '');
  const engine = await openSecretEngine(parameters, ring);
  const random = generator(3);
  const values = Float64Array.from(
    { length: CHUNKS * n },
    () => (random() % (2 * LARGEST)) - LARGEST,
  );
  const plan = splitPlan(BigInt(LARGEST), plainBits);

  const seal = await loadSeal();
  const parms = new seal.EncryptionParameters(seal.SchemeType.bfv);
  parms.setPolyModulusDegree(n);
  const primes = [...dataPrimes, specialPrime].map((prime) => new seal.Modulus(BigInt(prime)));
  const moduli = new seal.VectorModulus();
  for (const prime of primes) moduli.push_back(prime);
  parms.setCoeffModulus(moduli);
  parms.setPlainModulus(new seal.Modulus(2n ** BigInt(plainBits)));
  const context = new seal.SEALContext(parms, true, seal.SecLevelType.tc128);
  const keys = new seal.KeyGenerator(context);
  const encryptor = new seal.Encryptor(context, keys.createPublicKey(), keys.secretKey());
  const plaintexts = Array.from({ length: CHUNKS }, (_, i) => {
    const frame = newPlaintext(n);
    writeCoefficients(frame.halves, values.subarray(i * n, (i + 1) * n), plainBits);
    const plaintext = new seal.Plaintext();
    plaintext.loadFromArray(context, frame.bytes);
    return plaintext;
  });
  const ciphertext = new seal.Ciphertext();
  return [
    {
      name: 'encrypt a column: split, pack, encrypt, wire form, per ciphertext',
      units: CHUNKS,
      rows: CHUNKS * n,
      call: () => void encryptColumns(engine, values, plan),
    },
    {
      name: 'node-seal encryptSymmetric, per ciphertext',
      units: CHUNKS,
      rows: CHUNKS * n,
      call: () => {
        for (const plaintext of plaintexts) encryptor.encryptSymmetric(plaintext, ciphertext);
      },
    },
    {
      name: 'node-seal encryptSymmetricSerializable, per ciphertext',
      units: CHUNKS,
      rows: CHUNKS * n,
      call: () => {
        for (const plaintext of plaintexts) {
          encryptor.encryptSymmetricSerializable(plaintext).delete();
        }
      },
    },
  ];
}
