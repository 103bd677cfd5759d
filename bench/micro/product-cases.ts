import { loadSeal } from '../../src/engine/seal/seal-module.ts';
import { productParameters } from '../../src/params/presets.ts';
import type { Accumulator, Span } from '../../src/ring/ring.ts';
import { Rings } from '../../src/run/evaluate/rings.ts';
import { SlotMasks } from '../../src/run/evaluate/slot-masks.ts';
import { generator } from './generator.ts';
import type { Case } from './measure.ts';

const { n, dataPrimes, plainPrimes } = productParameters();
/** Ciphertexts of each of the two columns multiplied: 2 × 64 × 459 KB. */
const PRODUCTS = 64;

/** Sums of BGV products at the preset `product`: SUM(x*y) before anything is reduced. */
export function productCases(): Case[] {
  const rings = new Rings();
  const ring = rings.product;
  const limbs = dataPrimes.length;
  const half = limbs * n;
  const words = 2 * half;
  const random = generator(2);
  const [a, b] = [ring.allocate(PRODUCTS * words), ring.allocate(PRODUCTS * words)];
  for (const span of [a, b]) {
    const view = ring.view(span);
    for (let i = 0; i < view.length; i += 1) view[i] = random();
  }
  const three = (): [Accumulator, Accumulator, Accumulator] => [
    ring.accumulator(limbs),
    ring.accumulator(limbs),
    ring.accumulator(limbs),
  ];
  const [sums, masked, lanes] = [three(), three(), three()];
  const masks = new SlotMasks(rings);
  const parts = [0, 1, 2].map(() => ring.allocate(half));
  const tenth = Uint16Array.from({ length: n / 10 }, (_, i) => i * 10 + (random() % 10));
  const residues = ring.allocate(2 * n);
  let next = 0;
  const chunk = (span: Span): Span => ring.slice(span, (next % PRODUCTS) * words, words);
  return [
    {
      name: 'tensorAccumulate, n = 8192, 7 limbs, two resident columns, per pair of ciphertexts',
      units: PRODUCTS,
      bytes: 2 * PRODUCTS * words * 4,
      rows: PRODUCTS * n,
      call: () => ring.tensorAccumulate(sums, a, b, PRODUCTS, words),
    },
    {
      name: 'liftResidues, n = 8192, 7 limbs',
      call: () => ring.liftResidues(parts[0]!, residues, plainPrimes),
    },
    { name: 'mask of slots, n = 8192, 7 limbs, 819 rows', call: () => void masks.of(tenth) },
    {
      name: 'filtered sum of products of a chunk: product, mask, multiply-accumulate; 819 of 8,192 rows',
      rows: n,
      call: () => {
        next += 1;
        for (const lane of lanes) ring.clear(lane);
        ring.tensorAccumulate(lanes, chunk(a), chunk(b), 1, 0);
        const mask = masks.of(tenth);
        lanes.forEach((lane, i) => {
          ring.reduce(lane, parts[i]!);
          ring.multiplyAccumulate(masked[i]!, parts[i]!, mask);
        });
      },
    },
  ];
}

/**
 * node-seal's fastest 128-bit parameters for the same sum: a product of fresh ciphertexts at t of 48
 * bits needs 119 bits and one for each doubling of the chunks.
 */
const BITS = [43, 43, 43, 43];

/** node-seal multiplies and adds resident ciphertexts. Its objects live until the process ends. */
export async function sealProductCases(): Promise<Case[]> {
  const seal = await loadSeal();
  const parms = new seal.EncryptionParameters(seal.SchemeType.bgv);
  parms.setPolyModulusDegree(n);
  parms.setCoeffModulus(seal.CoeffModulus.Create(n, Int32Array.from(BITS)));
  parms.setPlainModulus(seal.PlainModulus.Batching(n, 48));
  const context = new seal.SEALContext(parms, true, seal.SecLevelType.tc128);
  const generatorOfKeys = new seal.KeyGenerator(context);
  const encryptor = new seal.Encryptor(
    context,
    generatorOfKeys.createPublicKey(),
    generatorOfKeys.secretKey(),
  );
  const evaluator = new seal.Evaluator(context);
  const plain = new seal.Plaintext();
  new seal.BatchEncoder(context).encode(
    BigInt64Array.from({ length: n }, (_, i) => BigInt(i % 1000)),
    plain,
  );
  const first = new seal.Ciphertext();
  encryptor.encryptSymmetric(plain, first);
  const columns = [0, 1].map(() => Array.from({ length: PRODUCTS }, () => first.copy()));
  const product = new seal.Ciphertext();
  const total = new seal.Ciphertext();
  evaluator.multiply(first, first, total);
  let next = 0;
  return [
    {
      name: 'node-seal BGV multiply + add, resident ciphertexts, per pair',
      rows: n,
      call: () => {
        next = (next + 1) % PRODUCTS;
        evaluator.multiply(columns[0]![next]!, columns[1]![next]!, product);
        evaluator.addInplace(total, product);
      },
    },
  ];
}
