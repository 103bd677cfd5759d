/**
 * Parquet's "RLE/bit-packing hybrid" of unsigned integers of `width` bits, from byte `from` to byte `end`,
 * into the whole of `out` (parquet-format, Encodings.md, "RLE = 3").
 *
 * Throws RangeError for runs that leave the bytes or do not fill `out`. A last run may hold more than is
 * wanted: groups are of 8.
 */
export function decodeHybrid(
  bytes: Uint8Array,
  from: number,
  end: number,
  width: number,
  out: Uint8Array | Uint32Array,
): void {
  if (!(width >= 0 && width <= MAX_WIDTH && end <= bytes.length))
    throw new RangeError('hybrid run');
  let filled = 0;
  let at = from;
  while (filled < out.length) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      if (at > end || shift > 28) throw new RangeError('hybrid run');
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    const left = out.length - filled;
    if (header % 2 === 1) {
      const groups = (header - 1) / 2;
      const count = Math.min(left, groups * 8);
      if (at + Math.ceil((count * width) / 8) > end) throw new RangeError('hybrid run');
      unpack(bytes, at, width, out, filled, count);
      at += groups * width;
      filled += count;
    } else {
      const size = Math.ceil(width / 8);
      if (at + size > end) throw new RangeError('hybrid run');
      let value = 0;
      for (let i = 0; i < size; i++) value += bytes[at + i]! * 2 ** (8 * i);
      if (value >= 2 ** width) throw new RangeError('hybrid run');
      const count = Math.min(left, header / 2);
      out.fill(value, filled, filled + count);
      at += size;
      filled += count;
    }
  }
}

/** So that a value and the 7 bits before it fit 32 bits: dictionaries of up to 33 million entries. */
const MAX_WIDTH = 25;

function unpack(
  bytes: Uint8Array,
  from: number,
  width: number,
  out: Uint8Array | Uint32Array,
  start: number,
  count: number,
): void {
  const mask = 2 ** width - 1;
  let bit = from * 8;
  for (let i = start; i < start + count; i++, bit += width) {
    const at = bit >>> 3;
    const word =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    out[i] = (word >>> (bit & 7)) & mask;
  }
}
