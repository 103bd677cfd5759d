import type { SecretEngine } from '../../../engine/engine.ts';
import { createSealPublicEngine } from '../../../engine/seal/expand.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import { fewestLimbs } from '../../../params/noise.ts';
import { joinSums, splitColumn, splitPlan } from '../../../params/packing.ts';
import { type SumPlainBits, sumParameters } from '../../../params/presets.ts';
import { Combiner } from '../../../run/evaluate/combine.ts';
import { Rings } from '../../../run/evaluate/rings.ts';
import { NO_COUNTS } from '../../../run/evaluate/tally.ts';
import { RowSet } from '../../../table/row-set.ts';
import { integersOf } from '../histogram.ts';
import { questionsOf } from '../questions.ts';
import type { Ablation, AblationSide } from '../result.ts';
import { throwawayEngine } from '../throwaway.ts';
import { type AblationRun, bothSides } from './ablation.ts';
import { columnBytes, residentColumn, sumOver } from './resident-column.ts';

const ROWS = 2 ** 16;
const WORD = Uint32Array.BYTES_PER_ELEMENT;

/**
 * The plaintext modulus t = 2^k of sums, k = 48 against k = 32 (params/presets.ts): with the smaller a reply keeps fewer
 * limbs, but numbers are split into more ciphertext columns. Sums of a column and of its squares, which variances take, over
 * half of the rows at random, from the mask to the decrypted number.
 */
export const plainModulusAblation: AblationRun = async (tools) => {
  const { data, rows = ROWS, random } = tools;
  const table = await data.table(Math.min(ROWS, data.mostRows, rows));
  const question = questionsOf(table).find(({ workload }) => workload === 'sum');
  if (question?.workload !== 'sum') return [];
  const wanted = new RowSet(table.rows);
  for (let row = 0; row < table.rows; row++) if (random.uniform() < 0.5) wanted.add(row);
  const values = Float64Array.from(integersOf(table, question.column));
  using wide = await throwawayEngine(48);
  using narrow = await throwawayEngine(32);
  const found: Ablation[] = [];
  for (const [power, numbers] of [values, values.map((value) => value * value)].entries()) {
    const [having, lacking] = [
      await splitSum(48, wide, numbers, wanted),
      await splitSum(32, narrow, numbers, wanted),
    ];
    const expected = exactSum(numbers, wanted);
    for (const side of [having, lacking]) {
      if ((await side.sum()) === expected) continue;
      throw new OpalineError('INTERNAL', { reason: 'a sum of the ablation is wrong' });
    }
    const [one, other] = await bothSides(tools, having.sum, lacking.sum);
    const side = (ms: readonly number[], { bytesAtRest, bytesDown }: SplitSum): AblationSide => {
      return { ms, bytesAtRest, bytesDown, advantage: null };
    };
    found.push({
      workload: power === 0 ? 'sum' : 'sum-of-squares',
      what: `plaintexts modulo 2^48 (${countText(having)}), not 2^32 (${countText(lacking)}), half of ${table.rows} rows`,
      kind: 'speed',
      with: side(one, having),
      without: side(other, lacking),
    });
  }
  return found;
};

interface SplitSum {
  readonly columns: number;
  readonly bytesAtRest: number;
  readonly bytesDown: number;
  readonly sum: () => Promise<bigint>;
}

const countText = ({ columns }: SplitSum): string =>
  columns === 1 ? 'one ciphertext column' : `${columns} ciphertext columns`;

async function splitSum(
  plainBits: SumPlainBits,
  engine: SecretEngine,
  numbers: Float64Array,
  wanted: RowSet,
): Promise<SplitSum> {
  const parameters = sumParameters(plainBits);
  using store = await createSealPublicEngine(parameters);
  const rings = new Rings();
  const ring = rings.sum;
  const largest = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const plan = splitPlan(BigInt(largest), plainBits);
  const columns = splitColumn(numbers, plan).map((part, i) =>
    residentColumn(ring, engine, store, String(i), part),
  );
  const limbs = fewestLimbs(parameters, wanted.count);
  const outputs = columns.map(() => ({ kind: 'sum' as const, limbs }));
  return {
    columns: columns.length,
    bytesAtRest: columns.reduce((sum, column) => sum + columnBytes(ring, column), 0),
    bytesDown: columns.length * limbs * (ring.n + 1) * WORD,
    sum: async () => {
      const samples = await sumOver(ring, columns, wanted);
      const work = { kind: 'aggregate', outputs, counts: 0, tallies: 0, maxGroups: 1 } as const;
      const reply = new Combiner(rings, work);
      const sums = samples.map((sample, output) => ({ output, sample }));
      reply.add([{ key: [], counts: [], tallies: NO_COUNTS, sums }]);
      const [group] = reply.finish().groups;
      return joinSums(
        group!.sums.map((sample) => engine.decrypt(sample)),
        plan,
      );
    },
  };
}

function exactSum(numbers: Float64Array, wanted: RowSet): bigint {
  return wanted.toArray().reduce((sum, row) => sum + BigInt(numbers[row]!), 0n);
}
