import { randomBytes } from '../../src/bytes/random.ts';
import { createByteMatrixProduct } from '../../src/ring/simd/byte-matrix.ts';
import { answerBfv, bfvWorkspace } from '../../src/search/pir/bfv/eval.ts';
import { allocateBfv } from '../../src/search/pir/bfv/format.ts';
import { bfvQueryBytes } from '../../src/search/pir/bfv/layout.ts';
import { bucketsOf, heightOf } from '../../src/search/pir/bfv/parameters.ts';
import { rate, type SuiteResult } from '../report.ts';
import { spread, takeTurns } from '../samples.ts';
import { limit, perSecond } from './figures.ts';

const LWE = { rows: 8192, columns: 8192 };
const BFV = { words: 32, groups: 64, blocks: 64 };

/** How fast one thread of a store works through a table with one query, whichever bucket it asks for. */
export async function pirLines(rounds: number): Promise<Pick<SuiteResult, 'lines' | 'samples'>> {
  const multiply = createByteMatrixProduct();
  const matrix = { ...LWE, bytes: randomBytes(LWE.rows * LWE.columns) };
  const vector = new Uint32Array(randomBytes(4 * LWE.columns).buffer);
  const workspace = bfvWorkspace();
  const { table } = allocateBfv(1, BFV);
  const query = new Uint8Array(bfvQueryBytes(BFV));
  const contenders = [
    { name: 'pir, lwe', run: () => void multiply(matrix, [vector]) },
    { name: 'pir, bfv', run: () => void answerBfv(table, query, workspace) },
  ];
  await takeTurns(contenders, 3);
  const samples = await takeTurns(contenders, 6 * rounds);
  const of = (name: string): readonly number[] => samples.get(name) ?? [];
  return {
    lines: [
      rate({
        what: 'pir, lwe: table a second',
        ours: perSecond(
          `the product alone, ${LWE.rows} × ${LWE.columns} bytes`,
          'GB/s',
          (LWE.rows * LWE.columns) / 1e9,
          of('pir, lwe'),
        ),
        peer: limit(4, 'GB/s'),
        wanted: 1,
      }),
      rate({
        what: 'pir, bfv: table a second',
        ours: perSecond(
          `a whole answer of ${BFV.blocks} blocks, ${BFV.groups} groups, packing included`,
          'GB/s',
          (bucketsOf(BFV) * heightOf(BFV)) / 1e9,
          of('pir, bfv'),
        ),
        peer: limit(0.3, 'GB/s'),
        wanted: 1,
      }),
    ],
    samples: Object.fromEntries([...samples].map(([name, ms]) => [`${name} (ms)`, spread(ms)])),
  };
}
