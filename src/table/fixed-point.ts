import type { Reader, Writer } from '../bytes/codec.ts';

/** How whole numbers stand for reals. */
export interface FixedPoint {
  /** In multiples of 2^-point. */
  readonly point: number;
  /** Rows whose value was rounded to such a multiple, by half of it at most. */
  readonly inexact: number;
}

/** Points, which lie between −1080 and 2160, are written above this. */
const POINT_BIAS = 0x8000;

export function writeFixedPoint(writer: Writer, fixed: FixedPoint | undefined): void {
  writer.u8(fixed === undefined ? 0 : 1);
  if (fixed !== undefined) writer.u16(fixed.point + POINT_BIAS).u32(fixed.inexact);
}

export function readFixedPoint(reader: Reader): FixedPoint | undefined {
  if (reader.u8() === 0) return undefined;
  return { point: reader.u16() - POINT_BIAS, inexact: reader.u32() };
}
