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
  /** What is allowed between `before` and `peak`. */
  readonly arena: number;
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
  const { before, after } = JSON.parse(run.stdout) as { before: number; after: number };
  const { atRest } = await columnBytes(join(folder, 'store'));
  // The questions read two columns; small groups also ask for the coefficient form of one's c1.
  const arena = rows * (2 * atRest + atRest / 2);
  return {
    workers,
    before: Math.round(before / MIB),
    after: Math.round(after / MIB),
    peak: Math.round(run.peakBytes / MIB),
    arena: Math.round(arena / MIB),
  };
}

export function memoryLine({ workers, before, after, peak, arena }: QueryMemory): Line {
  return cost({
    what: 'memory: what a process grows by while it answers, two columns resident',
    ours: {
      who: `${workers} workers; ${before} MiB before, ${after} after`,
      value: peak - before,
      unit: 'MiB',
    },
    peer: {
      who: `limit: ${arena} MiB of arena and 64 MiB a worker`,
      value: arena + 64 * workers,
      unit: 'MiB',
    },
    wanted: 1,
  });
}
