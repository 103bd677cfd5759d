import { productParameters, sumParameters } from '../../params/presets.ts';
import type { Ring } from '../../ring/ring.ts';
import { createWasmRing, type WasmRingOptions } from '../../ring/simd/wasm-ring.ts';

/** The rings of an evaluator's ciphertexts, all in one memory. Those of products when first needed. */
export class Rings {
  readonly sum: Ring;
  private products: Ring | undefined;
  private slots: Ring | undefined;

  constructor(options: WasmRingOptions = {}) {
    const { n, dataPrimes } = sumParameters(48);
    this.sum = createWasmRing(n, dataPrimes, options);
  }

  /** Of ciphertexts that are multiplied. */
  get product(): Ring {
    const { n, dataPrimes } = productParameters();
    this.products ??= createWasmRing(n, dataPrimes, { beside: this.sum });
    return this.products;
  }

  /** Of sums under a divided key: the same ring (params/presets.ts). */
  get divided(): Ring {
    return this.product;
  }

  /** Of their plaintexts: modulo the two primes of t. */
  get plain(): Ring {
    const { n, plainPrimes } = productParameters();
    this.slots ??= createWasmRing(n, plainPrimes, { beside: this.sum });
    return this.slots;
  }
}
