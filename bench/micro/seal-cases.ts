import type { Ciphertext, MainModule, Plaintext, SEALContext } from 'node-seal/throws';
import { loadSeal } from '../../src/engine/seal/seal-module.ts';
import { newPlaintext } from '../../src/engine/seal/wire-plaintext.ts';
import type { Case } from './measure.ts';

const N = 4096;
/** node-seal's fastest 128-bit parameters for sums at this degree: two data primes. */
const BITS = [36, 36, 37];
/** 128 KB each: more than any cache. */
const RESIDENT = 768;

/** node-seal on the same work. Its objects live until the process ends. */
export async function sealCases(): Promise<Case[]> {
  const seal = await loadSeal();
  const context = makeContext(seal);
  const generator = new seal.KeyGenerator(context);
  const encryptor = new seal.Encryptor(context, generator.createPublicKey(), generator.secretKey());
  const evaluator = new seal.Evaluator(context);
  const limbs = BITS.length - 1;

  const plain = maskPlaintext(seal, context, 410);
  const column: Ciphertext[] = [];
  const first = new seal.Ciphertext();
  encryptor.encryptSymmetric(plain, first);
  for (let i = 0; i < RESIDENT; i += 1) column.push(first.copy());

  const total = first.copy();
  const product = new seal.Ciphertext();
  const sumOfProducts = first.copy();
  const transformed = first.copy();
  const back = new seal.Ciphertext();
  const mask = maskPlaintext(seal, context, 410);
  const maskNtt = new seal.Plaintext();
  const parmsId = first.parmsId();
  evaluator.plainTransformToNtt(mask, parmsId, maskNtt);
  const nttColumn = column.slice(0, 256).map((item) => item.copy());
  for (const item of nttColumn) evaluator.cipherTransformToNttInplace(item);
  const nttTotal = nttColumn[0]?.copy() ?? first;
  evaluator.cipherTransformToNtt(first, transformed);
  let next = 0;

  return [
    {
      name: 'node-seal addInplace, resident ciphertexts, per ciphertext',
      units: RESIDENT,
      bytes: RESIDENT * 2 * limbs * N * 8,
      rows: RESIDENT * N,
      call: () => {
        for (const item of column) evaluator.addInplace(total, item);
      },
    },
    {
      name: 'node-seal cipherTransformToNtt, per limb and polynomial',
      units: 2 * limbs,
      call: () => evaluator.cipherTransformToNtt(first, back),
    },
    {
      name: 'node-seal cipherTransformFromNtt, per limb and polynomial',
      units: 2 * limbs,
      call: () => evaluator.cipherTransformFromNtt(transformed, back),
    },
    {
      name: 'node-seal multiplyPlain + add, per ciphertext',
      rows: N,
      call: () => {
        evaluator.multiplyPlain(column[(next += 1) % RESIDENT] ?? first, mask, product);
        evaluator.addInplace(sumOfProducts, product);
      },
    },
    {
      name: 'node-seal multiplyPlain + add in NTT form, mask transform included, per ciphertext',
      rows: N,
      call: () => {
        evaluator.plainTransformToNtt(mask, parmsId, maskNtt);
        evaluator.multiplyPlain(nttColumn[(next += 1) % 256] ?? first, maskNtt, product);
        evaluator.addInplace(nttTotal, product);
      },
    },
  ];
}

function makeContext(seal: MainModule): SEALContext {
  const parms = new seal.EncryptionParameters(seal.SchemeType.bfv);
  parms.setPolyModulusDegree(N);
  parms.setCoeffModulus(seal.CoeffModulus.Create(N, Int32Array.from(BITS)));
  parms.setPlainModulus(new seal.Modulus(2n ** 16n));
  return new seal.SEALContext(parms, true, seal.SecLevelType.tc128);
}

/** A mask with `count` coefficients of one, spread over the degree. */
function maskPlaintext(seal: MainModule, context: SEALContext, count: number): Plaintext {
  const frame = newPlaintext(N);
  for (let i = 0; i < count; i += 1) frame.halves[2 * Math.floor(((i + 0.5) * N) / count)] = 1;
  const plaintext = new seal.Plaintext();
  plaintext.loadFromArray(context, frame.bytes);
  return plaintext;
}
