/**
 * A scheme for the benchmark in one file: additively symmetric homomorphic encryption, as Seabed has it (Papadimitriou
 * et al., "Big Data Analytics over Encrypted Datasets with Seabed", OSDI 2016, §4.2). Row i of a column is kept as
 * x + F(i) − F(i − 1) modulo 2^64, F the words of a ChaCha20 keystream: in a sum over neighbouring rows all masks but
 * the first and the last cancel, so the store adds words and the owner takes two words away.
 */
import { chacha20 } from '@noble/ciphers/chacha.js';
import { randomBytes } from '@noble/ciphers/utils.js';
import type { Answer, LabTable, PreparedScheme, Question, Scheme } from 'opaline/lab';

/** One column at the store, and its key at the owner. */
class MaskedColumn {
  readonly stored: BigUint64Array;
  private readonly key: Uint8Array = randomBytes(32);

  constructor(rows: number, value: (row: number) => bigint) {
    const masks = this.words(0, rows + 1);
    this.stored = BigUint64Array.from(
      { length: rows },
      (_, i) => value(i) + masks[i + 1]! - masks[i]!,
    );
  }

  /** The store adds; then the owner, who knows the key, unmasks. Sums are signed and below 2^63. */
  sum(): bigint {
    const masked = this.stored.reduce((sum, word) => sum + word, 0n);
    const [first, last] = [this.words(0, 1)[0]!, this.words(this.stored.length, 1)[0]!];
    return BigInt.asIntN(64, masked - last + first);
  }

  /** Words `from` to `from + count` of the keystream: eight to a block of 64 bytes. */
  private words(from: number, count: number): BigUint64Array {
    const skip = from % 8;
    const zeros = new Uint8Array(8 * (skip + count));
    const stream = chacha20(this.key, new Uint8Array(12), zeros, undefined, (from - skip) / 8);
    return new BigUint64Array(stream.buffer, 8 * skip, count);
  }
}

function prepare(table: LabTable): PreparedScheme {
  const columns = new Map<string, MaskedColumn>();
  const add = (name: string, value: (row: number) => bigint): unknown =>
    columns.set(name, new MaskedColumn(table.rows, value));
  const numbers = Object.entries(table.columns).flatMap(([name, column]) =>
    column.kind === 'integer' ? [[name, column.values] as const] : [],
  );
  for (const [x, xs] of numbers) {
    add(x, (row) => BigInt(xs[row]!));
    for (const [y, ys] of numbers) add(`${x}*${y}`, (row) => BigInt(xs[row]!) * BigInt(ys[row]!));
  }
  const sum = (name: string): bigint => columns.get(name)!.sum();
  const answer = (question: Question): Answer['values'] | undefined => {
    if (question.workload === 'sum') return [String(sum(question.column))];
    if (question.workload !== 'correlation') return undefined;
    const { x, y } = question;
    const n = BigInt(table.rows);
    const spread = (a: string, b: string): number => Number(n * sum(`${a}*${b}`) - sum(a) * sum(b));
    return [spread(x, y) / Math.sqrt(spread(x, x)) / Math.sqrt(spread(y, y))];
  };
  return {
    bytes: (workload) => ({ atRest: (workload === 'sum' ? 1 : 5) * 8 * table.rows, keys: 0 }),
    answer(question) {
      const values = answer(question);
      const sums = question.workload === 'sum' ? 1 : 5;
      return values && Promise.resolve({ values, bytesUp: 8 * sums, bytesDown: 8 * sums });
    },
    shows: () => 'at rest: how many rows there are. On query: which columns are added up',
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

export const scheme: Scheme = {
  name: 'ashe',
  title: 'Additively masked words (Seabed’s ASHE)',
  security: 'values, from the store, under ChaCha20 as a PRF; not that it adds up rightly',
  family: 'homomorphic',
  whose: 'plug-in',
  expectedGrowth: () => 1,
  prepare: (table) => Promise.resolve(prepare(table)),
};
