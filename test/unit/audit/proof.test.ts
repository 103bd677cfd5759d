import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import { EMPTY_ROOT, leafHash } from '../../../src/audit/merkle.ts';
import { consistencyProof, inclusionProof } from '../../../src/audit/proof.ts';
import { verifyConsistency, verifyInclusion } from '../../../src/audit/verify-proof.ts';
import {
  entriesOf,
  nodesOf,
  referenceConsistency,
  referenceLeaf,
  referencePath,
  referenceRoot,
  rootOf,
} from './reference.ts';

interface Vector {
  readonly desc: string;
  readonly file: string;
  readonly wantErr: boolean;
  readonly proof: readonly string[] | null;
}
interface Vectors {
  readonly leaf_inputs: readonly string[];
  readonly roots_by_size: readonly string[];
  readonly inclusion: readonly (Vector &
    Record<'leafIdx' | 'treeSize', number> &
    Record<'root' | 'leafHash', string>)[];
  readonly consistency: readonly (Vector &
    Record<'size1' | 'size2', number> &
    Record<'root1' | 'root2', string>)[];
  readonly derived_all_proofs_for_8_leaves: {
    readonly inclusion: readonly { index: number; size: number; proof: string[] }[];
    readonly consistency: readonly { size1: number; size2: number; proof: string[] }[];
  };
}

const path = new URL('../../vectors/merkle/rfc6962-proofs.json', import.meta.url);
const vectors = JSON.parse(readFileSync(path, 'utf8')) as Vectors;
const hex = (text: string): Uint8Array => fromHex(text, 'a vector');
const base64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const proofOf = ({ proof }: Vector): Uint8Array[] => (proof ?? []).map(base64);
const leaves = vectors.leaf_inputs.map(hex);

describe('published vectors', () => {
  test('roots of trees of up to 8 leaves', async () => {
    expect(toHex(EMPTY_ROOT)).toBe(vectors.roots_by_size[0]);
    for (let size = 1; size <= leaves.length; size++) {
      expect(toHex(await rootOf(leaves.slice(0, size)))).toBe(vectors.roots_by_size[size]);
    }
  });

  /** Of the 98, the six that hold are the happy paths and a tree of one leaf, which is its own root. */
  test.each(vectors.inclusion.map((vector) => [vector.file, vector] as const))(
    '%s',
    (_, vector) => {
      const { leafIdx, treeSize, leafHash: leaf, root, wantErr } = vector;
      const verified = verifyInclusion(
        leafIdx,
        treeSize,
        base64(leaf),
        proofOf(vector),
        base64(root),
      );
      expect(verified).toBe(!wantErr);
    },
  );

  /**
   * Edge cases, as the vectors have them: from the empty tree nothing is proved, not even that it equals itself; two
   * trees of one size are the same root and no hashes, whatever the root is.
   */
  test.each(vectors.consistency.map((vector) => [vector.file, vector] as const))(
    '%s',
    (_, vector) => {
      const { size1, size2, root1, root2, wantErr } = vector;
      const verified = verifyConsistency(
        size1,
        size2,
        base64(root1),
        base64(root2),
        proofOf(vector),
      );
      expect(verified).toBe(!wantErr);
    },
  );

  test('all proofs of trees of up to 8 leaves', async () => {
    const { inclusion, consistency } = vectors.derived_all_proofs_for_8_leaves;
    expect([inclusion.length, consistency.length]).toEqual([36, 36]);
    for (const { index, size, proof } of inclusion) {
      const made = await inclusionProof(index, size, nodesOf(leaves.slice(0, size)));
      expect(made.map(toHex)).toEqual(proof);
    }
    for (const { size1, size2, proof } of consistency) {
      const made = await consistencyProof(size1, size2, nodesOf(leaves.slice(0, size2)));
      expect(made.map(toHex)).toEqual(proof);
    }
  });
});

const MOST = 64;
const entries = entriesOf(MOST);
const roots = Array.from({ length: MOST + 1 }, (_, size) => referenceRoot(entries.slice(0, size)));

/** Nodes of complete subtrees, which are those of all of these trees. */
const node = nodesOf(entries);

describe(`every tree of up to ${MOST} leaves`, () => {
  const hashes = entries.map(leafHash);

  test('has the inclusion proofs of RFC 9162, which verify for their leaf alone', async () => {
    const wrong: string[] = [];
    let proofs = 0;
    for (let size = 1; size <= MOST; size++) {
      const held = entries.slice(0, size);
      for (let index = 0; index < size; index++, proofs++) {
        const proof = await inclusionProof(index, size, node);
        if (!same(proof, referencePath(index, held)))
          wrong.push(`the proof of ${index} of ${size}`);
        for (let other = 0; other < size; other++) {
          const verified = verifyInclusion(index, size, hashes[other]!, proof, roots[size]!);
          if (verified !== (other === index)) wrong.push(`${other} as ${index} of ${size}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(proofs).toBe(2080);
  });

  test('has the consistency proofs of RFC 9162, which verify for their first tree alone', async () => {
    const wrong: string[] = [];
    for (let second = 1; second <= MOST; second++) {
      const held = entries.slice(0, second);
      for (let first = 1; first <= second; first++) {
        const proof = await consistencyProof(first, second, node);
        if (!same(proof, referenceConsistency(first, held))) wrong.push(`${first} of ${second}`);
        for (let other = 1; other <= second; other++) {
          const verified = verifyConsistency(first, second, roots[other]!, roots[second]!, proof);
          if (verified !== (other === first)) wrong.push(`${other} as ${first} of ${second}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

const same = (one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean =>
  one.map(toHex).join() === other.map(toHex).join();

describe('properties', () => {
  const tree = fc
    .array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 200 })
    .chain((held) => fc.tuple(fc.constant(held), fc.nat({ max: held.length - 1 })));

  test('a proof with any bit flipped, a hash more or a hash less is none', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.nat(), fc.nat({ max: 7 }), async ([held, index], at, bit) => {
        const size = held.length;
        const [leaf, root] = [referenceLeaf(held[index]!), referenceRoot(held)];
        const proof = await inclusionProof(index, size, nodesOf(held));
        const verify = (changed: readonly Uint8Array[]): boolean =>
          verifyInclusion(index, size, leaf, changed, root);
        expect(verify(proof)).toBe(true);
        expect(verify([...proof, root])).toBe(false);
        expect(verify([leaf, ...proof])).toBe(false);
        if (proof.length === 0) return;
        expect(verify(proof.slice(1))).toBe(false);
        expect(verify(proof.slice(0, -1))).toBe(false);
        const flipped = proof.map((one) => one.slice());
        flipped[at % proof.length]![at % 32]! ^= 1 << bit;
        expect(verify(flipped)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  test('a tree that changed any entry of the first is not consistent with it', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.nat(), async ([held, last], at) => {
        const [first, size] = [last + 1, held.length];
        const other = held.map((entry, i) =>
          i === at % first ? Uint8Array.of(...entry, 1) : entry,
        );
        const proof = await consistencyProof(first, size, nodesOf(other));
        const root = referenceRoot(held.slice(0, first));
        expect(verifyConsistency(first, size, root, referenceRoot(other), proof)).toBe(false);
        const honest = await consistencyProof(first, size, nodesOf(held));
        expect(verifyConsistency(first, size, root, referenceRoot(held), honest)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('sizes and indices that are no numbers of leaves are refused at once', () => {
    const proof = Array.from({ length: 200 }, () => new Uint8Array(32));
    const hash = new Uint8Array(32);
    for (const odd of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
      expect(verifyInclusion(odd, 2 ** 53 - 1, hash, [], hash)).toBe(false);
      expect(verifyInclusion(0, odd, hash, [], hash)).toBe(false);
      expect(verifyConsistency(odd, 2 ** 53 - 1, hash, hash, [])).toBe(false);
      expect(verifyConsistency(1, odd, hash, hash, [])).toBe(false);
    }
    expect(verifyInclusion(2 ** 53 - 2, 2 ** 53 - 1, hash, proof, hash)).toBe(false);
  });
});
