import type {
  BatchEncoder,
  Ciphertext,
  Decryptor,
  Encryptor,
  Evaluator,
  MainModule,
  Plaintext,
} from 'node-seal/throws';
import { loadSeal } from '../../src/engine/seal/seal-module.ts';
import { timed } from '../samples.ts';
import { fewer, late, type PeerColumns, type PeerResult, plainSum, requireSame } from './peer.ts';

/** Rows for the queries that take node-seal minutes on all of them. */
const SAMPLE_CHUNKS = 24;
/** Keeps what is resident near what a column of ours is. */
const MOST_CHUNKS = 768;

/**
 * node-seal as its own examples use it: batched slots, a mask of zeros and ones multiplied in, sums of
 * ciphertexts, slots added up by the owner.
 */
export async function sealPeer(columns: PeerColumns): Promise<PeerResult> {
  const seal = await loadSeal();
  const sums = new Batched(seal, seal.SchemeType.bfv, 4096, [36, 36, 37], 24);
  const chunks = Math.min(MOST_CHUNKS, Math.ceil(columns.rows / sums.n));
  const rows = Math.min(columns.rows, chunks * sums.n);
  const distance = sums.encryptAll(columns.distance, chunks);
  const delay = sums.encryptAll(columns.delay, Math.min(chunks, SAMPLE_CHUNKS));
  const [filtered, filteredMs] = await timed(() =>
    sums.masked(distance, (row) => row < rows && late(columns.delay[row]!)),
  );
  const filter = (row: number): number | undefined =>
    late(columns.delay[row]!) ? columns.distance[row] : undefined;
  requireSame('node-seal', 'filtered', filtered, plainSum(columns, rows, filter));
  const sample = Math.min(rows, delay.length * sums.n);
  const [grouped, groupedMs] = await timed(() =>
    columns.origins.map((_, group) =>
      sums.masked(delay, (row) => row < sample && columns.origin[row] === group),
    ),
  );
  requireSame(
    'node-seal',
    'grouped',
    grouped.reduce((sum, value) => sum + value, 0n),
    plainSum(columns, sample, (row) => columns.delay[row]),
  );
  sums.free([...distance, ...delay]);

  const products = new Batched(seal, seal.SchemeType.bgv, 8192, [43, 43, 44, 44, 44], 40);
  const few = Math.min(SAMPLE_CHUNKS, Math.ceil(columns.rows / products.n));
  const x = products.encryptAll(columns.delay, few);
  const y = products.encryptAll(columns.distance, few);
  const multiplied = Math.min(columns.rows, few * products.n);
  const [product, productMs] = await timed(() => products.sumOfProducts(x, y));
  requireSame(
    'node-seal',
    'product',
    product,
    plainSum(columns, multiplied, (row) => columns.delay[row]! * columns.distance[row]!),
  );
  products.free([...x, ...y]);
  return {
    peer: 'node-seal used directly',
    security: 'values, from the store; which rows are added is plain',
    bytesPerRow: (2 * 2 * 2 * 8 * 4096) / 4096 + (2 * 2 * 4 * 8 * 8192) / 8192,
    ms: {
      filtered: (filteredMs * columns.rows) / rows,
      grouped: (groupedMs * columns.rows) / sample,
      product: (productMs * columns.rows) / multiplied,
    },
    measuredRows: fewer({ filtered: rows, grouped: sample, product: multiplied }, columns.rows),
  };
}

/** A scheme with its keys, values in slots. */
class Batched {
  readonly n: number;
  private readonly seal: MainModule;
  private readonly encoder: BatchEncoder;
  private readonly encryptor: Encryptor;
  private readonly decryptor: Decryptor;
  private readonly evaluator: Evaluator;
  private readonly plain: Plaintext;

  constructor(
    seal: MainModule,
    scheme: MainModule['SchemeType']['bfv'] | MainModule['SchemeType']['bgv'],
    n: number,
    primes: readonly number[],
    plainBits: number,
  ) {
    this.seal = seal;
    this.n = n;
    const parms = new seal.EncryptionParameters(scheme);
    parms.setPolyModulusDegree(n);
    parms.setCoeffModulus(seal.CoeffModulus.Create(n, Int32Array.from(primes)));
    parms.setPlainModulus(seal.PlainModulus.Batching(n, plainBits));
    const context = new seal.SEALContext(parms, true, seal.SecLevelType.tc128);
    const keys = new seal.KeyGenerator(context);
    const secret = keys.secretKey();
    this.encoder = new seal.BatchEncoder(context);
    this.encryptor = new seal.Encryptor(context, keys.createPublicKey(), secret);
    this.decryptor = new seal.Decryptor(context, secret);
    this.evaluator = new seal.Evaluator(context);
    this.plain = new seal.Plaintext();
  }

  encryptAll(values: Int32Array, chunks: number): Ciphertext[] {
    return Array.from({ length: chunks }, (_, chunk) => {
      this.encode((slot) => values[chunk * this.n + slot] ?? 0);
      const ciphertext = new this.seal.Ciphertext();
      this.encryptor.encryptSymmetric(this.plain, ciphertext);
      return ciphertext;
    });
  }

  /** Σ of the rows that are selected; chunks of which none is are left out. */
  masked(column: readonly Ciphertext[], selected: (row: number) => boolean): bigint {
    const product = new this.seal.Ciphertext();
    let sum: Ciphertext | undefined;
    column.forEach((ciphertext, chunk) => {
      let any = false;
      this.encode((slot) => {
        const wanted = selected(chunk * this.n + slot);
        any ||= wanted;
        return wanted ? 1 : 0;
      });
      if (!any) return;
      this.evaluator.multiplyPlain(ciphertext, this.plain, product);
      if (sum === undefined) sum = product.copy();
      else this.evaluator.addInplace(sum, product);
    });
    const total = sum === undefined ? 0n : this.decryptSum(sum);
    this.free([product, ...(sum === undefined ? [] : [sum])]);
    return total;
  }

  sumOfProducts(x: readonly Ciphertext[], y: readonly Ciphertext[]): bigint {
    const product = new this.seal.Ciphertext();
    let sum: Ciphertext | undefined;
    x.forEach((ciphertext, chunk) => {
      this.evaluator.multiply(ciphertext, y[chunk]!, product);
      if (sum === undefined) sum = product.copy();
      else this.evaluator.addInplace(sum, product);
    });
    const total = sum === undefined ? 0n : this.decryptSum(sum);
    this.free([product, ...(sum === undefined ? [] : [sum])]);
    return total;
  }

  free(ciphertexts: readonly Ciphertext[]): void {
    for (const ciphertext of ciphertexts) ciphertext.delete();
  }

  private decryptSum(ciphertext: Ciphertext): bigint {
    this.decryptor.decrypt(ciphertext, this.plain);
    const slots = this.encoder.decodeBigInt64(this.plain) as BigInt64Array;
    return slots.reduce((sum, slot) => sum + slot, 0n);
  }

  private encode(value: (slot: number) => number): void {
    const slots = new BigInt64Array(this.n);
    for (let slot = 0; slot < this.n; slot++) slots[slot] = BigInt(value(slot));
    this.encoder.encode(slots, this.plain);
  }
}
