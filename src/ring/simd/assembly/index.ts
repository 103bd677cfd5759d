export { forwardNtt } from './forward-ntt';
export { inverseNtt } from './inverse-ntt';
export { addPolynomials, multiplyAccumulate, widen } from './accumulate';
export { shiftAdd } from './shift';
export { liftResidues } from './lift';
export { gather, reduce, reduceLanes } from './reduce';
export { tensorAccumulate } from './tensor';
export { add, largestExponent, maskPolynomial, modulusSwitch, subtract } from './polynomial';
export { sparseMask } from './sparse-mask';
export { multiplyBytes, splitWords } from './byte-matrix';

/** First byte the host may hand out. */
export function heapBase(): usize {
  return __heap_base;
}
