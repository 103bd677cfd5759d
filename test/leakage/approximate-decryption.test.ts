import { beforeAll, describe, expect, it } from 'vitest';
import { randomBytes } from '../../src/bytes/random.ts';
import { floodReal } from '../../src/gate/flood.ts';
import { ApproximateScheme } from '../../src/measure/bench/schemes/peers/approximate-scheme.ts';

describe('a CKKS decryption', () => {
  let scheme: ApproximateScheme;
  let values: Float64Array;
  beforeAll(async () => {
    scheme = await ApproximateScheme.create();
    values = Float64Array.from({ length: scheme.slots }, (_, i) => 100 * Math.sin(i));
  });

  const agreeing = (found: Float64Array): number => {
    const secret = scheme.secretResidues();
    return found.filter((residue, i) => residue === secret[i]).length;
  };

  it('gives the whole key away where it leaves as it is', () => {
    const released = () => {
      const ciphertext = scheme.encrypt(values);
      return { ciphertext, decrypted: scheme.decrypt(ciphertext) };
    };
    const recovered = scheme.recover([released(), released()]);
    expect(agreeing(recovered)).toBe(recovered.length);
  });

  it('gives nothing away as it is released: flooded, then rounded', () => {
    // The error of a fresh ciphertext: |e| <= 21 in each coefficient, n of which make a slot.
    const bound = (22 * 2 * scheme.slots) / scheme.scale;
    const budget = { queries: 2 * scheme.slots, bits: 30 };
    const released = () => {
      const ciphertext = scheme.encrypt(values);
      const exact = scheme.decrypt(ciphertext);
      const decrypted = exact.map((value) => {
        const flooded = floodReal(value, bound, budget, randomBytes);
        expect(Math.abs(flooded.value - value)).toBeLessThan(flooded.within);
        return flooded.value;
      });
      return { ciphertext, decrypted };
    };
    // What is left to chance: a residue in 2^27 for each of 57,344.
    expect(agreeing(scheme.recover([released(), released()]))).toBeLessThan(5);
  });

  it('is as good as bare under noise that is far below its error', () => {
    const released = () => {
      const ciphertext = scheme.encrypt(values);
      const decrypted = scheme
        .decrypt(ciphertext)
        .map((value) => floodReal(value, 2 ** -80, { queries: 1, bits: 30 }, randomBytes).value);
      return { ciphertext, decrypted };
    };
    const recovered = scheme.recover([released(), released()]);
    expect(agreeing(recovered)).toBe(recovered.length);
  });
});
