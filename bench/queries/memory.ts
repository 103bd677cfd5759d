import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNode } from '../child.ts';
import { columnBytes } from '../flights/store-bytes.ts';
import { cost, type Line } from '../report.ts';
import { PASSPHRASE } from './table.ts';

const MIB = 2 ** 20;
const CHILD = fileURLToPath(new URL('./memory-child.ts', import.meta.url));

export interface QueryMemory {
  readonly workers: number;
  /** Resident memory in MiB: of the process that has planned but not yet asked anything … */
  readonly before: number;
  /** … after its queries … */
  readonly after: number;
  /** … and the most it ever had. */
  readonly peak: number;
  /** What the arena holds in the end: the columns and the indexes that the questions read. */
  readonly arena: number;
  /** Of it, the two columns. */
  readonly columns: number;
}

/** How much a process grows by answering, with its columns resident. */
export async function queryMemory(
  folder: string,
  rows: number,
  workers: number,
): Promise<QueryMemory> {
  const run = await runNode(CHILD, [join(folder, 'vault'), String(workers)], {
    env: { OPALINE_PASSPHRASE: PASSPHRASE },
  });
  if (run.code !== 0) throw new Error(`the memory child failed: ${run.stderr}`);
  const { before, after, residentBytes } = JSON.parse(run.stdout) as Record<
    'before' | 'after' | 'residentBytes',
    number
  >;
  const { atRest } = await columnBytes(join(folder, 'store'));
  return {
    workers,
    before: Math.round(before / MIB),
    after: Math.round(after / MIB),
    peak: Math.round(run.peakBytes / MIB),
    arena: Math.round(residentBytes / MIB),
    columns: Math.round((2 * rows * atRest) / MIB),
  };
}

export function memoryLine({ workers, before, after, peak, arena, columns }: QueryMemory): Line {
  return cost({
    what: 'memory: what a process grows by while it answers, columns and indexes resident',
    ours: {
      who: `${workers} workers; ${before} MiB before, ${after} after`,
      value: peak - before,
      unit: 'MiB',
    },
    peer: {
      who: `limit: ${arena} MiB of arena, of which ${columns} are two columns, and 64 MiB a worker`,
      value: arena + 64 * workers,
      unit: 'MiB',
    },
    wanted: 1,
  });
}
