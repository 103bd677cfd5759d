import { describe, expect, it } from 'vitest';
import { randomBytes, randomId } from '../../../src/bytes/random.ts';
import { checkKey } from '../../../src/keys/check-key.ts';
import { CHECK_PRIME } from '../../../src/params/check-field.ts';

const secret = randomBytes(32);
const table = randomId();
const origin = { segment: randomId(), epoch: 3, column: 5 };
const first = (key: ReturnType<typeof checkKey>, at: typeof origin): number =>
  key.pads(at).of(0, 1)[0]!;

describe('the key of a table’s checks', () => {
  it('gives the same factor and pads again, in whatever pieces they are asked for', () => {
    const [one, two] = [checkKey(secret, table), checkKey(secret, table)];
    expect(one.factor).toBe(two.factor);
    const all = one.pads(origin).of(0, 9000);
    expect([...two.pads(origin).of(4000, 9000)]).toEqual([...all.subarray(4000)]);
    const rows = Uint32Array.from({ length: 5000 }, (_, i) => (i * 7919) % 9000);
    const seen: number[] = [];
    two.pads(origin).each(rows, (row, pad) => {
      expect(pad).toBe(all[row]);
      seen.push(row);
    });
    expect(seen).toEqual([...rows]);
    const sum = rows.reduce((total, row) => total + BigInt(all[row]!), 0n);
    expect(two.pads(origin).sum(rows)).toBe(sum % BigInt(CHECK_PRIME));
  });

  it('gives others for another table, segment, epoch, column or vault', () => {
    const key = checkKey(secret, table);
    const pads = [
      first(key, origin),
      first(key, { ...origin, segment: randomId() }),
      first(key, { ...origin, epoch: 4 }),
      first(key, { ...origin, column: 6 }),
      first(checkKey(secret, randomId()), origin),
      first(checkKey(randomBytes(32), table), origin),
    ];
    expect(new Set(pads).size).toBe(pads.length);
    expect(checkKey(secret, randomId()).factor).not.toBe(key.factor);
  });

  it('gives residues that are spread over the field', () => {
    const pads = checkKey(secret, table).pads(origin).of(0, 100_000);
    const bins = new Uint32Array(16);
    for (const pad of pads) {
      expect(Number.isInteger(pad) && pad >= 0 && pad < CHECK_PRIME).toBe(true);
      bins[Math.floor((pad / CHECK_PRIME) * 16)]! += 1;
    }
    // 6,250 a bin, its deviation 77: ten of them are never reached by what is uniform.
    for (const bin of bins) expect(Math.abs(bin - 6250)).toBeLessThan(770);
  });
});
