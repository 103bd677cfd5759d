import { KERNELS_BASE64 } from './kernels.wasm.ts';

/** What assembly/index.ts exports. Pointers are bytes; counts are words, limbs or items. */
export interface Kernels {
  heapBase(): number;
  forwardNtt(poly: number, limbs: number, n: number, moduli: number): void;
  inverseNtt(poly: number, limbs: number, n: number, moduli: number): void;
  addPolynomials(acc: number, source: number, count: number, stride: number, lanes: number): void;
  multiplyAccumulate(acc: number, a: number, b: number, lanes: number): void;
  shiftAdd(
    acc: number,
    source: number,
    limbs: number,
    n: number,
    exponents: number,
    count: number,
    moduli: number,
  ): void;
  gather(
    sums: number,
    source: number,
    limbs: number,
    n: number,
    exponents: number,
    count: number,
  ): void;
  reduce(acc: number, destination: number, limbs: number, n: number, moduli: number): void;
  reduceLanes(acc: number, limbs: number, n: number, moduli: number): void;
  add(destination: number, a: number, b: number, limbs: number, n: number, moduli: number): void;
  subtract(
    destination: number,
    a: number,
    b: number,
    limbs: number,
    n: number,
    moduli: number,
  ): void;
  maskPolynomial(
    mask: number,
    limbs: number,
    n: number,
    exponents: number,
    count: number,
    moduli: number,
  ): number;
  modulusSwitch(poly: number, limbs: number, words: number, moduli: number, inverses: number): void;
}

let compiled: WebAssembly.Module | undefined;

/** The kernels over a memory of the caller. The module is compiled once a process. */
export function instantiateKernels(memory: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(
    Uint8Array.from(atob(KERNELS_BASE64), (character) => character.charCodeAt(0)),
  );
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  return instance.exports as unknown as Kernels;
}
