import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/bytes/hash.ts';
import { publicKeyOf } from '../../../src/bytes/signature.ts';
import { type Approval, approve, checkApprovals } from '../../../src/policy/approval.ts';

const people = Array.from({ length: 5 }, (_, i) => sha256(Uint8Array.of(i)));
const keys = people.map(publicKeyOf);
const request = sha256(Uint8Array.of(99));
const by = (person: number, of = request): Approval => ({
  publicKey: keys[person]!,
  signature: approve(of, people[person]!),
});
const rule = { needed: 2, approvers: keys.slice(0, 4) };

describe('approvals', () => {
  it('are enough by different approvers, the requester apart', () => {
    const cases: readonly (readonly [Approval[], boolean])[] = [
      [[by(0), by(1)], true],
      [[by(0), by(1), by(2)], true],
      [[by(0)], false],
      [[by(0), by(0)], false],
      [[by(0), by(3)], false], // 3 asks
      [[by(0), by(4)], false], // 4 is nobody
      [[by(0), by(1, sha256(Uint8Array.of(98)))], false],
      [[by(0), { ...by(1), signature: by(0).signature }], false],
      [[by(0), { ...by(1), signature: new Uint8Array(64) }, by(2)], true],
      [[], false],
    ];
    for (const [approvals, expected] of cases) {
      expect(checkApprovals(request, approvals, rule, [keys[3]!]).approved).toBe(expected);
    }
  });

  it('say how many there are where they are not enough', () => {
    expect(checkApprovals(request, [by(0), by(0)], rule, [])).toEqual({
      approved: false,
      found: 1,
      needed: 2,
    });
  });

  it('are never enough for a rule or a hash that is none', () => {
    const all = [0, 1, 2, 3].map((person) => by(person));
    for (const needed of [0, -1, 1.5, Number.NaN]) {
      expect(checkApprovals(request, all, { ...rule, needed }, []).approved).toBe(false);
    }
    const short = request.subarray(0, 31);
    expect(checkApprovals(short, [by(0, short), by(1, short)], rule, []).approved).toBe(false);
  });

  it('count as the set of valid signers does, in any order and number', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(4), { maxLength: 8 }),
        fc.nat(4),
        fc.integer({ min: 1, max: 4 }),
        (signers, requester, needed) => {
          const verdict = checkApprovals(
            request,
            signers.map((person) => by(person)),
            { ...rule, needed },
            [keys[requester]!],
          );
          const valid = new Set(signers.filter((person) => person < 4 && person !== requester));
          expect(verdict.approved).toBe(valid.size >= needed);
        },
      ),
      { numRuns: 50 },
    );
  });
});
