import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Reader, Writer } from '../../../src/bytes/codec.ts';
import { frame, unframe } from '../../../src/bytes/framing.ts';

it('reads back what was written, to the last byte', () => {
  fc.assert(
    fc.property(
      fc.nat(255),
      fc.nat(65_535),
      fc.nat(0xffffffff),
      fc.maxSafeNat(),
      fc.string(),
      fc.uint32Array({ maxLength: 50 }),
      (u8, u16, u32, u64, text, words) => {
        const bytes = new Writer(1)
          .u8(u8)
          .u16(u16)
          .u32(u32)
          .u64(u64)
          .text(text)
          .words(words)
          .finish();
        const reader = new Reader(bytes, 'it');
        expect([reader.u8(), reader.u16(), reader.u32(), reader.u64()]).toEqual([
          u8,
          u16,
          u32,
          u64,
        ]);
        expect(reader.text()).toBe(new TextDecoder().decode(new TextEncoder().encode(text)));
        expect(reader.words()).toEqual(words);
        reader.end();
      },
    ),
  );
});

it('refuses counts and lengths that exceed the input, without allocating for them', () => {
  const huge = new Writer().u32(0xffffffff).finish();
  for (const read of [
    (r: Reader): unknown => r.bytes(),
    (r: Reader): unknown => r.words(),
    (r: Reader): unknown => r.text(),
    (r: Reader): unknown => r.count(1),
  ]) {
    expect(() => read(new Reader(huge, 'it'))).toThrow(
      expect.objectContaining({ code: 'BYTES_INVALID' }),
    );
  }
});

it('refuses trailing bytes, unsafe numbers and text that is not UTF-8', () => {
  expect(() => new Reader(Uint8Array.of(1), 'it').end()).toThrow(/trailing/);
  expect(() => new Reader(new Uint8Array(8).fill(0xff), 'it').u64()).toThrow(/too large/);
  expect(() => new Reader(new Writer().bytes(Uint8Array.of(0xff)).finish(), 'it').text()).toThrow(
    /UTF-8/,
  );
});

it('a frame is known by its type and version', () => {
  const bytes = frame('FRAG').u8(7).finish();
  expect(unframe(bytes, 'FRAG', 'it').u8()).toBe(7);
  expect(() => unframe(bytes, 'AGGR', 'it')).toThrow(/magic/);
  const newer = bytes.slice();
  newer[8] = 2;
  expect(() => unframe(newer, 'FRAG', 'it')).toThrow(
    expect.objectContaining({ code: 'VERSION_UNSUPPORTED' }),
  );
  const reserved = bytes.slice();
  reserved[12] = 1;
  expect(() => unframe(reserved, 'FRAG', 'it')).toThrow(/reserved/);
});
