import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equalBytes } from '../../../src/bytes/compare.ts';
import { randomBytes } from '../../../src/bytes/random.ts';
import { commitTo, digestOf, openDetail, sealDetail } from '../../../src/audit/detail.ts';
import { decodeDetails, encodeDetails } from '../../../src/audit/detail-file.ts';
import { decodeLeaf, encodeLeaf, MOST_DETAILS } from '../../../src/audit/leaf.ts';
import {
  newSubjectKey,
  openSubjectKeys,
  sealingKeys,
  sealSubjectKeys,
} from '../../../src/audit/subject-keys.ts';

const invalid = expect.objectContaining({ code: 'BYTES_INVALID' }) as Error;
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('a leaf', () => {
  const leaf = fc.record({
    kind: fc.stringMatching(/^[a-z][a-z0-9.-]{0,63}$/),
    time: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    details: fc.array(fc.record({ commitment: hash, digest: hash }), { maxLength: 4 }),
  });

  test('is read back, and nothing longer or shorter is one', () => {
    fc.assert(
      fc.property(leaf, fc.nat(), (one, at) => {
        const bytes = encodeLeaf(one);
        expect(decodeLeaf(bytes, 'it')).toEqual(one);
        expect(() => decodeLeaf(Uint8Array.of(...bytes, 0), 'it')).toThrow(invalid);
        expect(() => decodeLeaf(bytes.subarray(0, at % bytes.length), 'it')).toThrow(invalid);
      }),
    );
  });

  test('of any bytes is read or refused, and has one form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          expect(encodeLeaf(decodeLeaf(bytes, 'it'))).toEqual(bytes);
        } catch (error) {
          expect(error).toMatchObject({
            code: expect.stringMatching(/^(BYTES_INVALID|VERSION_UNSUPPORTED)$/) as string,
          });
        }
      }),
    );
  });

  test('fits an entry with as many details as it may have, and no more', () => {
    const details = Array.from({ length: MOST_DETAILS }, () => ({
      commitment: new Uint8Array(32),
      digest: new Uint8Array(32),
    }));
    expect(encodeLeaf({ kind: 'k'.repeat(64), time: 0, details }).length).toBeLessThan(65_536);
    const usage = expect.objectContaining({ code: 'USAGE' }) as Error;
    const more = [...details, details[0]!];
    expect(() => encodeLeaf({ kind: 'k', time: 0, details: more })).toThrow(usage);
    for (const kind of ['', 'K', '1', 'a b', 'k'.repeat(65)]) {
      expect(() => encodeLeaf({ kind, time: 0, details: [] })).toThrow(usage);
    }
    for (const time of [-1, 0.5, NaN]) {
      expect(() => encodeLeaf({ kind: 'k', time, details: [] })).toThrow(usage);
    }
  });
});

describe('a sealed detail', () => {
  const key = newSubjectKey(randomBytes(32));
  const place = { index: 5, part: 1 };

  test('opens at its place, under its key, to what its leaf commits to', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
        const { leaf, record } = sealDetail(key, place, content);
        const opened = openDetail(key.key, record, leaf, 'it');
        expect(opened.content).toEqual(content);
        expect(commitTo(opened.salt, content)).toEqual(leaf.commitment);
        expect(digestOf(record)).toEqual(leaf.digest);
        const open = (changed: object, by = key.key, as = leaf): unknown =>
          openDetail(by, { ...record, ...changed }, as, 'it');
        expect(() => open({ index: 6 })).toThrow(invalid);
        expect(() => open({ part: 0 })).toThrow(invalid);
        expect(() => open({}, randomBytes(32))).toThrow(invalid);
        expect(() => open({}, key.key, { ...leaf, commitment: randomBytes(32) })).toThrow(
          /not what the entry commits to/,
        );
      }),
      { numRuns: 40 },
    );
  });

  test('says nothing of its content: the same one gives other commitments and bytes', () => {
    const [one, other] = [0, 1].map(() => sealDetail(key, place, Uint8Array.of(1, 2, 3)));
    expect(equalBytes(one!.leaf.commitment, other!.leaf.commitment)).toBe(false);
    expect(equalBytes(one!.record.sealed, other!.record.sealed)).toBe(false);
  });

  test('with any byte changed has another digest, its reference included', () => {
    const { record, leaf } = sealDetail(key, place, Uint8Array.of(1));
    for (const field of ['ref', 'sealed'] as const) {
      for (let i = 0; i < record[field].length; i++) {
        const bytes = record[field].slice();
        bytes[i]! ^= 0x80;
        expect(equalBytes(digestOf({ ...record, [field]: bytes }), leaf.digest)).toBe(false);
      }
    }
  });
});

describe('a file of details', () => {
  const record = (index: number, part: number) => ({
    index,
    part,
    ref: new Uint8Array(16).fill(part),
    sealed: randomBytes(30 + part),
  });
  const records = [record(256, 0), record(256, 1), record(300, 0)];
  const bytes = encodeDetails(records);

  test('is read back', () => {
    expect(decodeDetails(bytes, 'it', 1)).toEqual(records);
    expect(decodeDetails(bytes, 'it')).toEqual(records);
    expect(decodeDetails(encodeDetails([]), 'it', 7)).toEqual([]);
  });

  test('of another bundle, out of order, twice the same place, cut or longer is none', () => {
    expect(() => decodeDetails(bytes, 'it', 0)).toThrow(/another place/);
    expect(() => decodeDetails(encodeDetails([record(255, 0), record(256, 0)]), 'it')).toThrow(
      invalid,
    );
    const shuffled = [records[1]!, records[0]!];
    expect(() => decodeDetails(encodeDetails(shuffled), 'it', 1)).toThrow(/out of order/);
    expect(() => decodeDetails(encodeDetails([records[0]!, records[0]!]), 'it', 1)).toThrow(
      invalid,
    );
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeDetails(bytes.subarray(0, end), 'it', 1)).toThrow(invalid);
    }
    expect(() => decodeDetails(Uint8Array.of(...bytes, 0), 'it', 1)).toThrow(invalid);
  });
});

describe('a file of subjects’ keys', () => {
  const sealing = sealingKeys(randomBytes(32));
  const keys = Array.from({ length: 5 }, (_, i) => {
    const tag = randomBytes(32);
    tag[0] = 9;
    tag[1] = i;
    return newSubjectKey(tag);
  });

  test('opens in its place under its secret alone', () => {
    const bytes = sealSubjectKeys(keys.toReversed(), 9, sealing);
    expect(openSubjectKeys(bytes, 9, sealing)).toEqual(keys);
    expect(() => openSubjectKeys(bytes, 8, sealing)).toThrow(/keys\/08: /);
    expect(() => openSubjectKeys(bytes, 9, sealingKeys(randomBytes(32)))).toThrow(invalid);
    for (let i = 0; i < bytes.length; i++) {
      const altered = bytes.slice();
      altered[i]! ^= 4;
      expect(() => openSubjectKeys(altered, 9, sealing), `byte ${i}`).toThrow();
    }
    const misplaced = sealSubjectKeys(keys, 8, sealing);
    expect(() => openSubjectKeys(misplaced, 8, sealing)).toThrow(/a key of another file/);
  });
});
