import { loadSeal } from '../../src/engine/seal/seal-module.ts';
import { realParameters } from '../../src/params/presets.ts';
import { CUBIC_CONSTANTS } from '../../src/plan/fragment-scores.ts';
import { Rings } from '../../src/run/evaluate/rings.ts';
import { ChunkScorer } from '../../src/run/evaluate/scores.ts';
import { generator } from './generator.ts';
import type { Case } from './measure.ts';

const { n, dataPrimes } = realParameters();
const COLUMNS = 10;
const ROWS = n / 2;

/** A chunk's scores as a store makes them: sum, cubic, switch to two limbs, pack. */
export function scoreCases(): Case[] {
  const ring = new Rings().product;
  const words = 2 * dataPrimes.length * n;
  const random = generator(3);
  const columns = Array.from({ length: COLUMNS }, () => {
    const span = ring.allocate(words);
    const view = ring.view(span);
    for (let i = 0; i < view.length; i += 1) view[i] = random();
    return span;
  });
  const make = (degree: 1 | 3): ChunkScorer => {
    const count = COLUMNS + (degree === 3 ? CUBIC_CONSTANTS : 0);
    const constants = Uint32Array.from({ length: count * dataPrimes.length }, random);
    const scorer = new ChunkScorer(
      ring,
      { kind: 'scores', degree, limbs: 2 },
      { columns: columns.map((_, i) => i), constants },
    );
    scorer.load(0, COLUMNS);
    return scorer;
  };
  const [linear, cubic] = [make(1), make(3)];
  const run = (scorer: ChunkScorer): void => {
    scorer.add(columns, undefined);
    scorer.finish();
  };
  return [
    {
      name: 'score 4,096 rows by ten columns: linear, 2 polynomials of 2 limbs',
      rows: ROWS,
      call: () => run(linear),
    },
    {
      name: 'the same, then a cubic by tensor products: 4 polynomials of 2 limbs',
      rows: ROWS,
      call: () => run(cubic),
    },
  ];
}

/** The least 128-bit chain for three rescalings of 40 bits. */
const BITS = [58, 40, 40, 40, 40];

/** node-seal's own way for the same: plaintext weights, multiply, relinearise, rescale. */
export async function sealScoreCases(): Promise<Case[]> {
  const seal = await loadSeal();
  const parms = new seal.EncryptionParameters(seal.SchemeType.ckks);
  parms.setPolyModulusDegree(n);
  parms.setCoeffModulus(seal.CoeffModulus.Create(n, Int32Array.from(BITS)));
  const context = new seal.SEALContext(parms, true, seal.SecLevelType.tc128);
  const keys = new seal.KeyGenerator(context);
  const encryptor = new seal.Encryptor(context, keys.createPublicKey(), keys.secretKey());
  const evaluator = new seal.Evaluator(context);
  const coder = new seal.CKKSEncoder(context);
  const relin = keys.createRelinKeys();
  const scale = 2 ** 40;
  const plain = new seal.Plaintext();
  coder.encode(
    Float64Array.from({ length: ROWS }, (_, i) => Math.sin(i)),
    scale,
    plain,
  );
  const first = new seal.Ciphertext();
  encryptor.encryptSymmetric(plain, first);
  const columns = Array.from({ length: COLUMNS }, () => first.copy());
  coder.encode(new Float64Array(ROWS).fill(0.1), scale, plain);
  const product = new seal.Ciphertext();
  const z = new seal.Ciphertext();
  const linear = (): void => {
    columns.forEach((column, i) => {
      evaluator.multiplyPlain(column, plain, i === 0 ? z : product);
      if (i > 0) evaluator.addInplace(z, product);
    });
    evaluator.rescaleToNextInplace(z);
  };
  const [square, lower, cube] = [
    new seal.Ciphertext(),
    new seal.Ciphertext(),
    new seal.Ciphertext(),
  ];
  const cubic = (): void => {
    linear();
    evaluator.square(z, square);
    evaluator.relinearizeInplace(square, relin);
    evaluator.rescaleToNextInplace(square);
    evaluator.cipherModSwitchTo(z, square.parmsId(), lower);
    evaluator.multiply(square, lower, cube);
    evaluator.relinearizeInplace(cube, relin);
    evaluator.rescaleToNextInplace(cube);
  };
  cubic();
  const bytes = (of: { saveToArray(mode: unknown): unknown }): number =>
    (of.saveToArray(seal.ComprModeType.none) as Uint8Array).length;
  process.stderr.write(
    `node-seal: relinearisation keys ${bytes(relin)} bytes, a cubic's ciphertext ${bytes(cube)}\n`,
  );
  return [
    { name: 'node-seal CKKS, linear score of 4,096 rows by ten columns', rows: ROWS, call: linear },
    {
      name: 'node-seal CKKS, the same, then z³ with relinearisation',
      rows: ROWS,
      call: cubic,
    },
  ];
}
