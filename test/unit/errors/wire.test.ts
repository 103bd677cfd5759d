import { describe, expect, it } from 'vitest';
import { OpalineError } from '../../../src/errors/opaline-error.ts';
import { fromWire, toWire } from '../../../src/errors/wire.ts';

describe('the wire form of an error', () => {
  it('keeps class, code, details, message, hint and whether to try again', () => {
    for (const error of [
      new OpalineError('UNKNOWN_TABLE', { table: 't', known: ['a', 'b'] }),
      new OpalineError('STORE_BUSY', { store: 's', seconds: 7 }),
      new OpalineError('DIVISION_BY_ZERO', {}),
      new OpalineError('SQL_SYNTAX', { reason: 'r', position: 3 }),
    ]) {
      const again = fromWire(JSON.parse(JSON.stringify(toWire(error))));
      expect(again).toBeInstanceOf(OpalineError);
      const { code, details, message, hint, retryable } = error;
      expect(again).toMatchObject({ code, details, message, hint, retryable });
    }
  });

  it('of what is not ours tells its class alone', () => {
    expect(toWire(new RangeError('value 42 of ana'))).toEqual({
      opaline: 1,
      code: 'INTERNAL',
      details: { reason: 'RangeError' },
    });
  });

  it.each([
    ['nothing', undefined],
    ['a code alone', { code: 'USAGE' }],
    ['a code of Object’s', { code: 'toString', details: {} }],
    ['details that are a list', { code: 'USAGE', details: ['x'] }],
    ['a nested detail', { code: 'USAGE', details: { reason: { toString: 'x' } } }],
    ['a list of others than texts', { code: 'UNKNOWN_TABLE', details: { table: 't', known: [1] } }],
    ['a number that is none', { code: 'PART_MISSING', details: { part: Number.NaN } }],
    ['a missing detail that the message needs', { code: 'UNKNOWN_TABLE', details: { table: 't' } }],
    ['an odd name', { code: 'USAGE', details: { reason: 'x', 'a b': 1 } }],
    ['an inherited name', { code: 'USAGE', details: JSON.parse('{"__proto__":"x"}') as unknown }],
  ])('that is %s stands for INTERNAL', (_, wire) => {
    expect(fromWire(wire)).toMatchObject({
      code: 'INTERNAL',
      details: { reason: 'an error of unknown form' },
    });
  });

  it('has its texts cut', () => {
    const error = fromWire({ code: 'USAGE', details: { reason: 'x'.repeat(5000) } });
    expect(error.message).toBe(`${'x'.repeat(2000)}…`);
  });
});
