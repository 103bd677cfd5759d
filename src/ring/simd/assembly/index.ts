export { forwardNtt } from './forward-ntt';
export { inverseNtt } from './inverse-ntt';
export { addPolynomials, multiplyAccumulate, tensorAccumulate, widen } from './accumulate';
export { shiftAdd } from './shift';
export { gather, reduce, reduceLanes } from './reduce';
export { add, largestExponent, maskPolynomial, modulusSwitch, subtract } from './polynomial';

/** First byte the host may hand out. */
export function heapBase(): usize {
  return __heap_base;
}
