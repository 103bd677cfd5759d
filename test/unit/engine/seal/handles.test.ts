import { describe, expect, test } from 'vitest';
import { OpalineError } from '../../../../src/errors/index.ts';
import { sealContext } from '../../../../src/engine/seal/context.ts';
import { guard, liveHandles, own } from '../../../../src/engine/seal/handles.ts';
import { loadSeal } from '../../../../src/engine/seal/seal-module.ts';
import { checkParameters } from '../../../../src/params/check.ts';
import { sumParameters } from '../../../../src/params/presets.ts';

describe('handles', () => {
  test('are counted, and deleted once', async () => {
    const seal = await loadSeal();
    const before = liveHandles();
    const plaintext = own(new seal.Plaintext());
    expect(liveHandles()).toBe(before + 1);
    plaintext[Symbol.dispose]();
    plaintext[Symbol.dispose]();
    expect(liveHandles()).toBe(before);
    expect(plaintext.it.isDeleted()).toBe(true);
  });

  test('what SEAL throws becomes our error, without its text', async () => {
    const { seal, context } = await sealContext(sumParameters(48));
    using ciphertext = own(new seal.Ciphertext());
    let thrown: unknown;
    try {
      guard('BYTES_INVALID', { what: 'a test', reason: 'refused by SEAL' }, () => {
        ciphertext.it.loadFromArray(context, new Uint8Array(40));
      });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(OpalineError);
    expect(thrown).toMatchObject({ code: 'BYTES_INVALID', message: 'a test: refused by SEAL' });
    expect((thrown as Error).cause).toBeUndefined();
  });

  test('our own errors pass unchanged', () => {
    const error = new OpalineError('ABORTED', {});
    expect(() =>
      guard('INTERNAL', { reason: 'x' }, () => {
        throw error;
      }),
    ).toThrow(error);
  });
});

describe('contexts', () => {
  test('are shared by equal parameters, and leave no handle behind', async () => {
    const parameters = sumParameters(32);
    const first = await sealContext(parameters);
    const before = liveHandles();
    const { totalBits: _bits, security: _security, ...literal } = parameters;
    expect(await sealContext(checkParameters(literal))).toBe(first);
    expect(await sealContext(sumParameters(48))).not.toBe(first);
    expect(liveHandles()).toBe(before);
  });

  test('know SEAL’s levels: those whose modulus is above t', async () => {
    const { level, fresh } = await sealContext(sumParameters(48));
    expect(level(3)).toBe(fresh);
    expect(level(2)?.primes).toHaveLength(2);
    expect([level(0), level(1), level(4), level(2.5)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('are refused for parameters that SEAL does not take', async () => {
    // Three of the four primes composite: `checkParameters` would have refused them before.
    const broken = { ...sumParameters(48), dataPrimes: [133963776, 134012928, 134111232] };
    await expect(sealContext(broken)).rejects.toThrow(
      expect.objectContaining({ code: 'PARAMETERS_INVALID' }),
    );
  });
});
