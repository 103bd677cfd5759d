import { openDividedCheckEngine, openDividedEngine } from '../../keys/threshold/public-key.ts';
import { sumParameters } from '../../params/presets.ts';
import type { Batch } from '../../table/value.ts';
import type { OpenFolder } from '../local/vault-host.ts';
import { inlineSealPool } from './pool.inline.ts';
import type { SealPool } from './pool.ts';

/** A write is given threads only once it is known to have this many rows. */
const THREADS_FROM_ROWS = 50_000;

/** Seals in this thread until the input turns out to be large, then on threads. */
export class GrowingSealPool implements SealPool {
  private readonly vault: Pick<OpenFolder, 'secrets' | 'host'>;
  private readonly threads: number;
  private readonly inline: SealPool;
  private threaded: Promise<SealPool> | undefined;
  private seen = 0;

  constructor(vault: Pick<OpenFolder, 'secrets' | 'host'>, threads: number) {
    const { secrets, host } = vault;
    this.vault = vault;
    this.threads = threads;
    const publicKey = async (): Promise<Uint8Array | undefined> =>
      (await host.custody?.(secrets))?.publicKey;
    this.inline = inlineSealPool({
      sum: () => secrets.engine(sumParameters(48)),
      product: () => secrets.productEngine(),
      real: () => secrets.realEngine(),
      divided: async () => await openDividedEngine(await publicKey()),
      check: () => secrets.checkEngine(),
      dividedCheck: async () => await openDividedCheckEngine(await publicKey()),
      checkSecret: () => secrets.checkSecret(),
    });
  }

  get width(): number {
    return Math.max(1, this.threads);
  }

  /** Rows that are going to come are known before they do. */
  expect(rows: number): void {
    this.seen += rows;
  }

  async *watch(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
    for await (const batch of batches) {
      this.seen += batch.rows;
      yield batch;
    }
  }

  async seal(...[task, signal]: Parameters<SealPool['seal']>): ReturnType<SealPool['seal']> {
    if (this.threads === 0 || this.seen < THREADS_FROM_ROWS) {
      return await this.inline.seal(task, signal);
    }
    this.threaded ??= this.vault.host.sealPool(this.vault.secrets, this.threads);
    return await (await this.threaded).seal(task, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.threaded)?.[Symbol.asyncDispose]();
  }
}
