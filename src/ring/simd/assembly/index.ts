export { forwardNtt } from './forward-ntt';
export { inverseNtt } from './inverse-ntt';
export {
  addPolynomials,
  gather,
  multiplyAccumulate,
  reduce,
  reduceLanes,
  shiftAdd,
} from './accumulate';
export { add, maskPolynomial, modulusSwitch, subtract } from './polynomial';

/** First byte the host may hand out. */
export function heapBase(): usize {
  return __heap_base;
}
