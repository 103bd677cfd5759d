/**
 * Keeps the most recently used values within a budget of bytes. A value in use is never dropped
 * under its user: `acquire` pins it until `release`.
 */
export class BoundedCache<V extends { readonly bytes: number }> {
  private readonly entries = new Map<string, { value: Promise<V>; pins: number; bytes: number }>();
  private readonly budget: number;
  private readonly drop: (value: V) => void;
  private held = 0;

  constructor(budget: number, drop: (value: V) => void = () => undefined) {
    this.budget = budget;
    this.drop = drop;
  }

  /** The value under `key`, made by `load` when absent; call `release(key)` when done with it. */
  async acquire(key: string, load: () => Promise<V>): Promise<V> {
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = { value: load(), pins: 0, bytes: 0 };
    } else {
      this.entries.delete(key);
    }
    // Re-inserted at the end: a Map iterates in insertion order, so the front is the oldest.
    this.entries.set(key, entry);
    entry.pins++;
    try {
      const value = await entry.value;
      if (entry.bytes === 0) {
        entry.bytes = value.bytes;
        this.held += value.bytes;
      }
      return value;
    } catch (error) {
      if (this.entries.get(key) === entry) this.entries.delete(key);
      throw error;
    }
  }

  async release(key: string): Promise<void> {
    const entry = this.entries.get(key);
    if (entry !== undefined) entry.pins--;
    for (const [old, candidate] of this.entries) {
      if (this.held <= this.budget) return;
      if (candidate.pins > 0) continue;
      this.entries.delete(old);
      this.held -= candidate.bytes;
      this.drop(await candidate.value);
    }
  }
}
