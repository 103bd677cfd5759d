import type { Reader } from '../../../bytes/codec.ts';
import { expectHeader, readDouble, readHeader } from './header.ts';
import { MAX_DEGREE, MAX_LIMBS } from './limits.ts';
import { Words } from './words.ts';

const PREFIX_BYTES = 88;

/** What the bytes of a plaintext say, or of a secret key: SEAL writes both alike. */
export interface PlaintextBytes {
  readonly layout: 'plaintext';
  /** All zero in coefficient form. */
  readonly parmsId: Uint8Array;
  readonly inCoefficientForm: boolean;
  readonly scale: number;
  readonly words: Words;
}

/**
 * Reads one plaintext and leaves the reader after it (native/src/seal/plaintext.cpp, 4.1).
 * Throws BYTES_INVALID through the reader.
 */
export function readPlaintextBytes(reader: Reader): PlaintextBytes {
  const { size, compression } = readHeader(reader);
  if (compression !== 'none') reader.fail('a plaintext is compressed');
  const parmsId = reader.raw(32);
  const count = reader.u64();
  if (count < 1 || count > MAX_DEGREE * MAX_LIMBS) {
    reader.fail('the number of coefficients is out of range');
  }
  const scale = readDouble(reader);
  if (!(scale >= 1 && Number.isFinite(scale))) reader.fail('the scale is not a number from 1 on');
  if (size !== PREFIX_BYTES + 8 * count) {
    reader.fail(`a plaintext of ${PREFIX_BYTES + 8 * count} bytes claims ${size}`);
  }
  expectHeader(reader, 24 + 8 * count, 'the coefficient array');
  const inArray = reader.u64();
  if (inArray !== count) reader.fail(`${inArray} coefficients where ${count} are announced`);
  const words = new Words(reader.raw(8 * count));
  const inCoefficientForm = parmsId.every((byte) => byte === 0);
  return { layout: 'plaintext', parmsId, inCoefficientForm, scale, words };
}
