import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import type { Clock } from './clock.ts';
import type { MemoryMeter } from './memory.ts';
import type { LeftOut } from './result.ts';
import type { LabTable, PreparedScheme, Scheme } from './scheme.ts';

/** A scheme with its table, and how long that took. */
export interface Ready {
  readonly scheme: Scheme;
  readonly prepared: PreparedScheme;
  readonly table: LabTable;
  readonly ms: number;
  /** WebAssembly memory that came with it; null: not known. */
  readonly wasmBytes: number | null;
}

/** Prepared schemes that are put away together. */
export class ReadySchemes implements AsyncDisposable {
  readonly all: Ready[] = [];
  private readonly folders: string[] = [];
  private readonly memory: MemoryMeter;

  constructor(memory: MemoryMeter) {
    this.memory = memory;
  }

  /**
   * Prepares a scheme in a folder of its own.
   * @returns why not, where it failed
   * @throws ABORTED
   */
  async add(
    scheme: Scheme,
    table: LabTable,
    { folder, signal, clock }: { folder: string; signal: AbortSignal; clock: Clock },
  ): Promise<LeftOut | undefined> {
    if (signal.aborted) throw new OpalineError('ABORTED', {});
    const own = await mkdtemp(join(folder, `${scheme.name}-`));
    this.folders.push(own);
    const grownBy = this.memory.mark();
    const begun = clock.now();
    try {
      const prepared = await scheme.prepare(table, { folder: own, signal });
      const ms = clock.now() - begun;
      this.all.push({ scheme, prepared, table, ms, wasmBytes: grownBy().wasm });
      return undefined;
    } catch (error) {
      if (signal.aborted) throw new OpalineError('ABORTED', {});
      const reason = `preparing failed: ${reasonOf(error)}`;
      return { scheme: scheme.name, rows: table.rows, reason };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(
      this.all.map(async ({ prepared }) => await prepared[Symbol.asyncDispose]()),
    );
    await Promise.allSettled(
      this.folders.map(async (folder) => await rm(folder, { recursive: true, force: true })),
    );
  }
}

/** An error in a line: refusals of ours with their code; of others the first line of their message. */
export function reasonOf(error: unknown): string {
  if (isOpalineError(error)) return `${error.code}: ${error.message}`;
  const text = error instanceof Error ? error.message : 'not an error';
  return text.split('\n', 1)[0]!.slice(0, 200);
}
