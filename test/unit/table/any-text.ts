import fc from 'fast-check';

/**
 * Any well-formed character, ASCII as often as not. (fast-check's own `unit: 'binary'` takes seconds to
 * build its table of characters.)
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0x10ffff }))
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));
