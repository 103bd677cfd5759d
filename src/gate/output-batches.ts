/** A contribution to an output: the limbs of one weight of a term over one segment. */
export interface Share {
  readonly weight: number;
  /** What noise is counted by: rows, or products of ciphertexts. */
  readonly units: number;
  /** The most it can add to a message. */
  readonly magnitude: bigint;
  readonly segment: number;
  readonly column: number;
  readonly times?: number;
}

/** Shares whose messages and noise may be added up. */
export interface OutputBatch {
  readonly weight: number;
  readonly units: number;
  readonly magnitude: bigint;
  readonly members: readonly Share[];
}

interface OpenBatch extends OutputBatch {
  units: number;
  magnitude: bigint;
  readonly members: Share[];
}

/**
 * Gathers shares of equal weight, whatever their place in the split of their segment, and begins
 * another output where the next one would reach a limit.
 */
export class OutputBatches {
  private readonly open = new Map<number, OpenBatch>();
  private readonly magnitudeLimit: bigint;
  private readonly unitLimit: number;
  private readonly close: (batch: OutputBatch) => void;

  /** @param magnitudeLimit messages stay below it @param unitLimit most units an output may have */
  constructor(magnitudeLimit: bigint, unitLimit: number, close: (batch: OutputBatch) => void) {
    this.magnitudeLimit = magnitudeLimit;
    this.unitLimit = unitLimit;
    this.close = close;
  }

  add(share: Share): void {
    const { weight } = share;
    const before = this.open.get(weight);
    const fits =
      before !== undefined &&
      before.magnitude + share.magnitude < this.magnitudeLimit &&
      before.units + share.units <= this.unitLimit;
    if (before !== undefined && !fits) this.close(before);
    const batch = fits ? before : { weight, units: 0, magnitude: 0n, members: [] };
    batch.units += share.units;
    batch.magnitude += share.magnitude;
    batch.members.push(share);
    this.open.set(weight, batch);
  }

  finish(): void {
    for (const batch of this.open.values()) this.close(batch);
    this.open.clear();
  }
}
