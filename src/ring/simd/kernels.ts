import { shapeError } from '../shapes.ts';
import { KERNELS_BASE64, MEMORY_FLAGS_AT } from './kernels.wasm.ts';

/** What assembly/index.ts exports. Pointers are bytes; counts are words, limbs or items. */
export interface Kernels {
  heapBase(): number;
  forwardNtt(poly: number, limbs: number, n: number, moduli: number): void;
  inverseNtt(poly: number, limbs: number, n: number, moduli: number): void;
  addPolynomials(
    narrow: number,
    source: number,
    count: number,
    stride: number,
    lanes: number,
  ): void;
  widen(wide: number, narrow: number, lanes: number): void;
  multiplyAccumulate(
    wide: number,
    a: number,
    b: number,
    count: number,
    strideA: number,
    strideB: number,
    lanes: number,
  ): void;
  tensorAccumulate(
    wide0: number,
    wide1: number,
    wide2: number,
    a: number,
    b: number,
    count: number,
    stride: number,
    lanes: number,
  ): void;
  shiftAdd(
    narrow: number,
    source: number,
    limbs: number,
    n: number,
    exponents: number,
    count: number,
    moduli: number,
    scratch: number,
  ): void;
  largestExponent(exponents: number, count: number): number;
  gather(
    sums: number,
    source: number,
    limbs: number,
    n: number,
    exponents: number,
    count: number,
    moduli: number,
  ): void;
  liftResidues(
    destination: number,
    residues: number,
    limbs: number,
    n: number,
    moduli: number,
    constants: number,
  ): void;
  reduce(wide: number, destination: number, limbs: number, n: number, moduli: number): void;
  reduceLanes(wide: number, limbs: number, n: number, moduli: number): void;
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
  sparseMask(
    mask: number,
    limbs: number,
    n: number,
    exponents: number,
    count: number,
    moduli: number,
    scratch: number,
  ): number;
  modulusSwitch(poly: number, limbs: number, words: number, moduli: number, inverses: number): void;
  splitWords(to: number, words: number, count: number): void;
  multiplyBytes(
    answers: number,
    matrix: number,
    rows: number,
    columns: number,
    halves: number,
  ): void;
}

/** What sparseMask answers. */
export const SPARSE_MASK = { repeated: 0, done: 1, crowded: 2 } as const;

const compiled = new Map<boolean, WebAssembly.Module>();

/**
 * The kernels over a memory of the caller, shared or not. The module is compiled once a process for
 * each kind.
 *
 * @throws INTERNAL for a memory without a maximum
 */
export function instantiateKernels(memory: WebAssembly.Memory): Kernels {
  const shared =
    typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const module = moduleOf(shared);
  try {
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    return instance.exports as unknown as Kernels;
  } catch (error) {
    if (error instanceof WebAssembly.LinkError) throw shapeError('memory', 'has no maximum');
    throw error;
  }
}

/** Compile both kinds ahead of their first use. */
export function compileKernels(): void {
  moduleOf(false);
  if (typeof SharedArrayBuffer !== 'undefined') moduleOf(true);
}

function moduleOf(shared: boolean): WebAssembly.Module {
  const module = compiled.get(shared) ?? compile(shared);
  compiled.set(shared, module);
  return module;
}

/**
 * The two kinds differ in one byte, the flags of the imported memory's limits: 1 says that a maximum
 * follows, 3 that it is shared too (WebAssembly threads proposal, binary format of limits).
 */
function compile(shared: boolean): WebAssembly.Module {
  const bytes = Uint8Array.from(atob(KERNELS_BASE64), (character) => character.charCodeAt(0));
  bytes[MEMORY_FLAGS_AT] = shared ? 3 : 1;
  return new WebAssembly.Module(bytes);
}
