import { createSealPublicEngine } from '../../../engine/seal/expand.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import { sumParameters } from '../../../params/presets.ts';
import type { Ring } from '../../../ring/ring.ts';
import { ChunkRows } from '../../../run/evaluate/chunk-rows.ts';
import type { Column } from '../../../run/evaluate/column.ts';
import { MaskedSum, type RawSample } from '../../../run/evaluate/masked-sum.ts';
import { Masks, MASKS_AT_ONCE } from '../../../run/evaluate/masks.ts';
import { Rings } from '../../../run/evaluate/rings.ts';
import { RowSet } from '../../../table/row-set.ts';
import { integersOf } from '../histogram.ts';
import { questionsOf } from '../questions.ts';
import { throwawayEngine } from '../throwaway.ts';
import { type AblationRun, bothSides, timesOnly } from './ablation.ts';
import { residentColumn, sumOver } from './resident-column.ts';

const ROWS = 2 ** 16;
/** Of the rows, those that a sum leaves out. */
const MISSING = 0.01;

/**
 * A sum over nearly every row, as the total less the rows that are missing (run/evaluate/cost.ts decides for it), against
 * a mask of all the rows that are wanted. Both give the same residues.
 */
export const complementAblation: AblationRun = async (tools) => {
  const { data, rows = ROWS, random } = tools;
  const table = await data.table(Math.min(ROWS, data.mostRows, rows));
  const question = questionsOf(table).find(({ workload }) => workload === 'sum');
  if (question?.workload !== 'sum') return [];
  using engine = await throwawayEngine();
  using store = await createSealPublicEngine(sumParameters(48));
  const ring = new Rings().sum;
  const values = Float64Array.from(integersOf(table, question.column));
  const column = residentColumn(ring, engine, store, question.column, values);
  const wanted = new RowSet(table.rows);
  for (let row = 0; row < table.rows; row++) if (random.uniform() >= MISSING) wanted.add(row);
  const having = async (): Promise<RawSample> => (await sumOver(ring, [column], wanted))[0]!;
  const lacking = (): Promise<RawSample> => Promise.resolve(maskedSum(ring, column, wanted));
  if (!sameResidues(await having(), await lacking())) {
    throw new OpalineError('INTERNAL', { reason: 'two ways to one sum differ' });
  }
  const [faster, slower] = await bothSides(tools, having, lacking);
  return [
    {
      workload: 'sum',
      what: `nearly every row as the total less the rest, not by a mask of them, ${table.rows} rows without ${table.rows - wanted.count}`,
      kind: 'speed',
      with: timesOnly(faster),
      without: timesOnly(slower),
    },
  ];
};

/** Every chunk by a mask of the wanted rows in it. */
function maskedSum(ring: Ring, column: Column, wanted: RowSet): RawSample {
  const masks = new Masks(ring);
  const sum = new MaskedSum(ring);
  const split = new ChunkRows(ring.n, wanted, undefined, 0, 1);
  try {
    for (let chunk = 0; chunk < column.chunks; chunk += MASKS_AT_ONCE) {
      const count = Math.min(MASKS_AT_ONCE, column.chunks - chunk);
      const rows = Array.from({ length: count }, (_, i) => {
        return split.at(chunk + i)[0]?.rows() ?? new Uint16Array(0);
      });
      sum.addMasked(column, chunk, rows, masks.of(rows), 1);
    }
    return sum.finish(masks);
  } finally {
    sum.release();
    masks.release();
  }
}

function sameResidues(one: RawSample, other: RawSample): boolean {
  const same = (a: Uint32Array, b: Uint32Array): boolean =>
    a.length === b.length && a.every((residue, i) => residue === b[i]);
  return same(one.a, other.a) && same(one.b, other.b);
}
