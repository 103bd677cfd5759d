/**
 * Real columns as whole numbers: a double x is kept as the integer nearest to x·2^point, with a point
 * for each segment, and sums of such integers are exact. What is lost is lost at ingest, at most half a
 * unit 2^-point a row, and nothing at all where every value is a multiple of the unit.
 */

/**
 * Points are multiples of the width of a limb, 24 bits under t = 2^48 and 18 of a factor (packing.ts):
 * limbs of different segments then have weights in common and add up in one sum, whatever their points.
 */
export const LIMB_STEP = 24;
export const FACTOR_STEP = 18;
/** Every double is a multiple of 2^-REAL_POINT, the unit of exact sums; a multiple of both steps. */
export const REAL_POINT = 1080;

/** Bits that the largest value has at least, unless fewer are exact: those of a double. */
export const VALUE_BITS = 53;
/** Of a product of two doubles: what both have of the largest magnitude is exact. */
export const PRODUCT_BITS = 106;

/**
 * The point for values of which the largest is below 2^magnitude, and all are multiples of 2^lowest:
 * the least multiple of `step` that keeps `bits` bits of the largest value, or all of every value.
 */
export function choosePoint(magnitude: number, lowest: number, bits: number, step: number): number {
  return Math.ceil(Math.min(-lowest, bits - magnitude) / step) * step + 0;
}
