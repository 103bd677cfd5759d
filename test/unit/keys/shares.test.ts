import { combine } from 'shamir-secret-sharing';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import { randomBytes } from '../../../src/bytes/random.ts';
import {
  joinKey,
  type KeyShare,
  parseShareText,
  shareText,
  splitKey,
} from '../../../src/keys/shares.ts';
import { putToRest, readShareSet, wakeUp } from '../../../src/keys/vault-at-rest.ts';
import { subsets } from '../../support/threshold-twin.ts';
import { vectorJson } from '../../support/vectors.ts';

interface RawCase {
  readonly name: string;
  readonly threshold: number;
  readonly shares: readonly { readonly x: number; readonly y: string }[];
  readonly secret_at_x255: string;
}

const refused = expect.objectContaining({ code: 'SHARES_INVALID' });

describe('the library of shares', () => {
  const { cases } = vectorJson<{ cases: readonly RawCase[] }>('shamir/gf256-raw.json');

  it(`reads ${cases.length} secrets of SLIP-39's vectors, moved from x = 255 to 0`, async () => {
    expect(cases.length).toBeGreaterThan(10);
    for (const { shares, secret_at_x255: secret, threshold } of cases) {
      if (threshold < 2) continue;
      const moved = shares
        .slice(0, threshold)
        .map(({ x, y }) => Uint8Array.of(...fromHex(y, 'a share'), x ^ 255));
      expect(toHex(await combine(moved))).toBe(secret);
    }
  });
});

describe('shares of a key', async () => {
  const key = randomBytes(32);
  const { set, shares } = await splitKey(key, 3, 5);

  it('give it back, any three of five, and more of them', async () => {
    for (const size of [3, 4, 5]) {
      for (const some of subsets(shares, size)) expect(await joinKey(set, some)).toEqual(key);
    }
  });

  it('are refused where there are too few, one twice, one altered or one of another division', async () => {
    const [a, b, c] = shares as [KeyShare, KeyShare, KeyShare];
    const other = (await splitKey(key, 3, 5)).shares[2]!;
    const altered = { ...c, bytes: c.bytes.slice() };
    altered.bytes[0]! ^= 1;
    for (const some of [
      [a, b],
      [a, b, b],
      [a, b, altered],
      [a, b, other],
      [a, b, { ...c, number: 4 }],
      [a, b, { ...c, number: 6 }],
      [a, b, c, c],
    ]) {
      await expect(joinKey(set, some)).rejects.toThrow(refused);
    }
  });

  it('of fewer than the threshold do not give it even without commitments', async () => {
    for (const some of subsets(shares, 2)) {
      expect(await combine(some.map(({ bytes }) => bytes))).not.toEqual(key);
    }
  });

  it('are of no division that nobody can make', async () => {
    for (const [threshold, count] of [
      [1, 3],
      [4, 3],
      [2, 256],
      [2.5, 3],
    ] as const) {
      await expect(splitKey(key, threshold, count)).rejects.toThrow(refused);
    }
  });

  it('are typed in again from their text, and a typing error shows', () => {
    for (const share of shares) {
      const text = shareText(share);
      expect(parseShareText(text, 'a share')).toEqual(share);
      expect(parseShareText(`  ${text.toLowerCase().replaceAll(' ', '\n')}\n`, 'a share')).toEqual(
        share,
      );
    }
    const text = shareText(shares[0]!);
    for (const wrong of [
      '',
      text.slice(0, -1),
      text.slice(0, -5),
      text.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
      text.replace('SHARE-1', 'SHARE-2'),
      `${text}Z`,
    ]) {
      expect(() => parseShareText(wrong, 'a share')).toThrow(
        expect.objectContaining({ code: 'BYTES_INVALID' }),
      );
    }
  });
});

describe('a key file at rest', () => {
  it('wakes up with enough shares, and an altered one with none', async () => {
    const keyFile = randomBytes(500);
    const { file, shares } = await putToRest(keyFile, 2, 3);
    expect(readShareSet(file)).toMatchObject({ threshold: 2, division: shares[0]!.division });
    expect(await wakeUp(file, shares.slice(1))).toEqual(keyFile);
    await expect(wakeUp(file, shares.slice(0, 1))).rejects.toThrow(refused);
    for (let at = 0; at < file.length; at += 37) {
      const altered = file.slice();
      altered[at]! ^= 1;
      await expect(wakeUp(altered, shares.slice(0, 2))).rejects.toThrow();
    }
  });
});
