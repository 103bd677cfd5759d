import { randomBelow } from '../../bytes/random.ts';
import type { Access, Smoothing } from './smoothing.ts';

/** Accesses of a batch (Pancake, section 4: B = 3 keeps the queue short with half of all accesses fake). */
export const BATCH = 3;

/** A place in a batch. */
export interface Slot extends Access {
  /** The number that `enqueue` gave, where this access serves it. */
  readonly serves?: number;
}

/**
 * What is sent when: real accesses wait in a queue, and batches of constant size are drawn. Each slot of a batch is,
 * by a fair coin, real or fake. Real is the first of the queue; where nothing waits, a value drawn as they are
 * expected to be asked for, since a fake one in its place would make the coin seen.
 */
export class SmoothQueries {
  private readonly smoothing: Smoothing;
  private readonly queue: number[] = [];
  private served = 0;

  constructor(smoothing: Smoothing) {
    this.smoothing = smoothing;
  }

  /** Let a value wait for a real slot. Returns its number: they count from 0. */
  enqueue(value: number): number {
    this.queue.push(value);
    return this.queue.length - 1;
  }

  /** How many wait. */
  get waiting(): number {
    return this.queue.length - this.served;
  }

  batch(): Slot[] {
    return Array.from({ length: BATCH }, () => this.slot());
  }

  private slot(): Slot {
    if (randomBelow(2) === 1) return this.smoothing.fake();
    if (this.waiting === 0) return this.smoothing.access(this.smoothing.expected());
    const serves = this.served++;
    return { ...this.smoothing.access(this.queue[serves]!), serves };
  }
}

/** How seldom a lookup needs more batches than it begins with. */
const SELDOM = 2 ** -12;

/**
 * Batches after which `waiting` values have been served, but for a chance of 2^-12 or less.
 *
 * Pancake sends a batch for each query that arrives, and who has not been served waits for the next that does. Here
 * the vault waits for its answer alone, and if it stopped at the first batch that brought it, the store would
 * know of every other that all its coins fell on fake. So a lookup begins with a number of batches
 * that its coins have no part in, and goes on, which shows them, only in that rare case.
 */
export function batchesFor(waiting: number): number {
  let batches = Math.max(1, Math.floor((2 * waiting) / BATCH));
  while (fewerThan(waiting, BATCH * batches) > SELDOM) batches++;
  return batches;
}

/** The probability that of `slots` fair coins fewer than `real` fall on real. */
function fewerThan(real: number, slots: number): number {
  let logTerm = -slots;
  let sum = 0;
  for (let i = 0; i < Math.min(real, slots + 1); i++) {
    sum += 2 ** logTerm;
    logTerm += Math.log2((slots - i) / (i + 1));
  }
  return sum;
}
