import type { Ciphertext } from 'node-seal/throws';
import { checkAbort } from '../../../../client/ingest/reading.ts';
import type { LabTable } from '../../scheme.ts';
import type { AdditiveTable, Opened, OpenedMoments } from '../support/additive-scheme.ts';
import { magnitudeOf } from '../support/exact-sums.ts';
import { PlainTable } from '../support/plain-table.ts';
import { type SealSetting, SealSlots } from './seal-slots.ts';
import { turn } from '../../../../run/turn.ts';

/** The settings for sums and for products of two columns; one and the same where columns are encrypted but once. */
export interface SealSettings {
  readonly sums: SealSetting;
  readonly products: SealSetting;
}

/** Encrypted columns under one setting. */
interface Column {
  readonly ciphertexts: readonly Ciphertext[];
  readonly magnitude: number;
}

class SealColumns implements Disposable {
  readonly slots: SealSlots;
  readonly bytes: number;
  private readonly columns: ReadonlyMap<string, Column>;

  private constructor(slots: SealSlots, columns: ReadonlyMap<string, Column>) {
    this.slots = slots;
    this.columns = columns;
    let bytes = 0;
    for (const { ciphertexts } of columns.values()) {
      bytes += ciphertexts.length === 0 ? 0 : ciphertexts.length * slots.bytesOf(ciphertexts[0]!);
    }
    this.bytes = bytes;
  }

  static async encrypt(
    setting: SealSetting,
    table: LabTable,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<SealColumns> {
    const slots = await SealSlots.create(setting);
    const plain = new PlainTable(table);
    const columns = new Map<string, Column>();
    try {
      for (const name of names) {
        await turn();
        checkAbort(signal);
        const values = plain.integers(name)!;
        const magnitude = magnitudeOf(values);
        columns.set(name, { ciphertexts: slots.encrypt(values), magnitude });
      }
      return new SealColumns(slots, columns);
    } catch (error) {
      free(slots, columns);
      throw error;
    }
  }

  sum(name: string): Opened {
    return this.inRuns(name, 1, (run) => this.slots.sum(run));
  }

  masked(name: string, chosen: (row: number) => boolean): Opened {
    return this.inRuns(name, 1, (run, first) =>
      this.slots.masked(run, (row) => chosen(first * this.slots.slots + row)),
    );
  }

  /** Undefined where one product is more than a slot holds. */
  product(x: string, y: string): Opened | undefined {
    const other = this.columns.get(y)!;
    const bound = this.columns.get(x)!.magnitude * other.magnitude;
    if (bound > this.slots.most) return undefined;
    return this.inRuns(x, other.magnitude, (run, first) =>
      this.slots.products(run, other.ciphertexts.slice(first, first + run.length)),
    );
  }

  /** As many ciphertexts to one sum as its slots hold; the owner adds up the sums. */
  private inRuns(
    name: string,
    factor: number,
    add: (run: readonly Ciphertext[], first: number) => Ciphertext | undefined,
  ): Opened {
    const { ciphertexts, magnitude } = this.columns.get(name)!;
    const fit = Math.floor(this.slots.most / Math.max(1, magnitude * factor));
    const length = Math.min(ciphertexts.length, Math.max(1, fit));
    let total: Opened | undefined;
    for (let first = 0; first < ciphertexts.length; first += length) {
      const sum = add(ciphertexts.slice(first, first + length), first);
      if (sum !== undefined) total = plus(total, this.slots.open(sum));
    }
    return total ?? { value: 0n, bytes: 0 };
  }

  [Symbol.dispose](): void {
    free(this.slots, this.columns);
  }
}

/** What lies in WebAssembly's memory is nobody's to collect. */
function free(slots: SealSlots, columns: ReadonlyMap<string, Column>): void {
  for (const { ciphertexts } of columns.values()) {
    for (const ciphertext of ciphertexts) ciphertext.delete();
  }
  slots[Symbol.dispose]();
}

function plus(a: Opened | undefined, b: Opened): Opened {
  if (a === undefined) return b;
  const both = typeof a.value === 'bigint' && typeof b.value === 'bigint';
  const margins = [a.noiseMarginBits, b.noiseMarginBits].filter((bits) => bits !== undefined);
  return {
    value: both ? (a.value as bigint) + (b.value as bigint) : Number(a.value) + Number(b.value),
    bytes: a.bytes + b.bytes,
    ...(margins.length > 0 && { noiseMarginBits: Math.min(...margins) }),
  };
}

/** Columns of numbers, encrypted in slots for sums and, under larger parameters, once more to be multiplied. */
export async function encryptColumns(
  table: LabTable,
  names: readonly string[],
  { sums, products }: SealSettings,
  signal: AbortSignal,
): Promise<AdditiveTable> {
  const added = await SealColumns.encrypt(sums, table, names, signal);
  const once = sums === products;
  const multiplied = once
    ? added
    : await SealColumns.encrypt(products, table, names, signal).catch((error: unknown) => {
        added[Symbol.dispose]();
        throw error;
      });
  return {
    bytes: (workload) => {
      const { bytes, slots } = workload === 'correlation' ? multiplied : added;
      return { atRest: bytes, keys: workload === 'correlation' ? slots.keyBytes : 0 };
    },
    sum: (name, chosen) => (chosen === undefined ? added.sum(name) : added.masked(name, chosen)),
    groups: (name, codes, count) => {
      const present = new Uint8Array(count);
      for (const code of codes) present[code] = 1;
      return Array.from(present, (any, group) =>
        any === 0 ? undefined : added.masked(name, (row) => codes[row] === group),
      );
    },
    moments: (x, y): OpenedMoments | undefined => {
      const [xx, yy, xy] = [
        multiplied.product(x, x),
        multiplied.product(y, y),
        multiplied.product(x, y),
      ];
      if (xx === undefined || yy === undefined || xy === undefined) return undefined;
      return { x: multiplied.sum(x), y: multiplied.sum(y), xx, yy, xy };
    },
    [Symbol.dispose]: () => {
      added[Symbol.dispose]();
      if (!once) multiplied[Symbol.dispose]();
    },
  };
}

/** Rows beyond which the ciphertexts of a table would not fit into a WebAssembly memory with room to work. */
export const SEAL_MOST_ROWS: number = 2 ** 21;

/**
 * Node-seal's own parameters of 128 bits for n = 4096 leave room for a masked sum modulo 24 bits; what does not fit
 * there, and products, takes n = 8192.
 */
export function exactSettings(
  scheme: 'bfv' | 'bgv',
  table: LabTable,
  names: readonly string[],
): SealSettings {
  const plain = new PlainTable(table);
  const magnitude = Math.max(1, ...names.map((name) => magnitudeOf(plain.integers(name)!)));
  const chunks = Math.max(1, table.rows / WIDE.degree);
  const bits = (bound: number): number =>
    Math.min(MOST_PLAIN_BITS, Math.max(30, Math.ceil(Math.log2(bound)) + 2));
  const products = { scheme, ...WIDE, bits: bits(magnitude ** 2 * chunks), relinearize: true };
  const sums =
    magnitude < 2 ** (NARROW.bits - 2)
      ? { scheme, ...NARROW, relinearize: false }
      : { scheme, ...WIDE, bits: bits(magnitude * chunks), relinearize: false };
  return { sums, products };
}

const NARROW = { degree: 4096, primes: [36, 36, 37], bits: 24 };
const WIDE = { degree: 8192, primes: [43, 43, 44, 44, 44] };
/** With more, a product's noise would come near the modulus. */
const MOST_PLAIN_BITS = 50;
