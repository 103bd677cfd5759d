import { OpalineError } from '../../errors/opaline-error.ts';
import type { PartUpload, StoreLink } from '../../store/link.ts';

/** The parts one write has stored, for the epoch that it is to publish. Nothing is visible until its manifest names it. */
export class Uploads {
  readonly table: string;
  readonly epoch: number;
  private readonly link: StoreLink;
  private readonly signal: AbortSignal | undefined;
  private readonly stored: string[] = [];

  constructor(link: StoreLink, table: string, epoch: number, signal?: AbortSignal) {
    this.link = link;
    this.table = table;
    this.epoch = epoch;
    this.signal = signal;
  }

  /** @throws ABORTED, and what the store refuses */
  async put(part: PartUpload): Promise<void> {
    if (this.signal?.aborted) throw new OpalineError('ABORTED', {});
    // Noted first: a call that failed may have stored it.
    this.stored.push(part.id);
    await this.link.put(part, this.signal === undefined ? {} : { signal: this.signal });
  }

  /**
   * Take back what was stored, after a failure. The store keeps what a published manifest names, so a
   * publication that failed here and succeeded there loses nothing. Best effort: `doctor` finds the rest.
   */
  async discard(): Promise<void> {
    await this.link.remove(this.table, this.stored).catch(() => undefined);
  }
}
