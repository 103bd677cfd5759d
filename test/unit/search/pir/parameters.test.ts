import { describe, expect, test } from 'vitest';
import { wordBytes, wordsOf } from '../../../../src/bytes/codec.ts';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { createByteMatrixProduct } from '../../../../src/ring/simd/byte-matrix.ts';
import {
  areDimensions,
  failureBits,
  MOST_COLUMNS,
  MOST_HEIGHT,
  SECRET_WORDS,
} from '../../../../src/search/pir/lwe/parameters.ts';
import { publicColumns } from '../../../../src/search/pir/lwe/token/matrix.ts';
import { decryptAnswer, encryptQueries } from '../../../../src/search/pir/lwe/token/retrieve.ts';

describe('dimensions', () => {
  test('that are allowed fail with less than 2^-40 over 2^16 retrievals', () => {
    const largest = { height: MOST_HEIGHT, columns: MOST_COLUMNS };
    expect(areDimensions(largest)).toBe(true);
    expect(failureBits(largest) + 16).toBeLessThan(-40);
  });

  test('beyond them are refused, and so is what no kernel or bucket takes', () => {
    for (const [height, columns] of [
      [MOST_HEIGHT + 1, 16],
      [64, MOST_COLUMNS + 16],
      [63, 16],
      [64, 0],
      [64, 24],
      [64.5, 16],
      [NaN, 16],
    ] as const) {
      expect(areDimensions({ height, columns })).toBe(false);
    }
  });
});

describe('the widest matrix of the largest bytes', () => {
  test('decrypts: every row, with noise as the bound has it', () => {
    const rows = 8;
    const columns = MOST_COLUMNS;
    const bytes = new Uint8Array(rows * columns).fill(255);
    const target = columns - 1;
    for (let r = 0; r < rows; r++) bytes[r * columns + target] = 17 * r;
    const seed = randomBytes(32);
    const multiply = createByteMatrixProduct();
    const hint = new Uint32Array(rows * SECRET_WORDS);
    let k = 0;
    for (const column of publicColumns(seed, columns)) {
      multiply({ bytes, rows, columns }, [column])[0]!.forEach((word, r) => {
        hint[r * SECRET_WORDS + k] = word;
      });
      k++;
    }
    const dimensions = { height: rows, columns };
    const { queries, secrets } = encryptQueries(seed, dimensions, [target, 0]);
    const answers = multiply({ bytes, rows, columns }, queries.map(wordsOf)).map(wordBytes);
    const [last, first] = answers.map((a, i) => decryptAnswer(a, hint, secrets[i]!, dimensions));
    expect([...last!]).toEqual(Array.from({ length: rows }, (_, r) => 17 * r));
    expect([...first!]).toEqual(Array.from({ length: rows }, () => 255));
  });
});
