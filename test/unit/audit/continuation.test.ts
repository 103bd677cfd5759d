import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { proveContinuation, requireContinuation } from '../../../src/audit/continuation.ts';
import { consistencyProof } from '../../../src/audit/proof.ts';
import { isOpalineError } from '../../../src/errors/opaline-error.ts';
import { entryOf, LOG_KEY, LogFiles, LogFolders } from '../../support/audit-logs.ts';
import { nodesOf, referenceRoot } from './reference.ts';

const folders = new LogFolders();
afterAll(() => folders[Symbol.dispose]());

const headOf = (entries: readonly Uint8Array[]): { size: number; root: Uint8Array } => ({
  size: entries.length,
  root: referenceRoot(entries),
});

/** What is said of a head, by the entries themselves. */
function told(known: readonly number[], head: readonly number[], from: number): string {
  if (head.length < known.length) return 'LOG_ROLLBACK';
  const same = known.every((entry, i) => head[i] === entry);
  if (known.length === 0) return 'accepted';
  if (head.length > known.length && from !== known.length) return 'LOG_UNPROVED';
  return same ? 'accepted' : 'LOG_FORK';
}

describe('a checkpoint after another', () => {
  test('is accepted where its entries begin with those that are known, and that is proved', async () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 40 });
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(bytes, bytes, bytes, fc.nat(80), async (start, first, second, any) => {
        for (const [known, head] of [
          [start, [...start, ...first]],
          [
            [...start, ...first],
            [...start, ...second],
          ],
        ] as const) {
          const [old, now] = [known, head].map((all) => all.map((one) => Uint8Array.of(one)));
          for (const from of [known.length, any]) {
            const exists = from > 0 && from <= head.length;
            const hashes = exists ? await consistencyProof(from, head.length, nodesOf(now!)) : [];
            const judge = (): string => {
              try {
                requireContinuation(headOf(old!), headOf(now!), { from, hashes });
                return 'accepted';
              } catch (error) {
                return isOpalineError(error) ? error.code : String(error);
              }
            };
            expect(judge()).toBe(told(known, head, from));
            seen.add(judge());
          }
        }
      }),
      { numRuns: 150 },
    );
    expect([...seen].toSorted()).toEqual(['LOG_FORK', 'LOG_ROLLBACK', 'LOG_UNPROVED', 'accepted']);
  });

  test('is not by a proof of which a bit was altered, or a hash is missing', async () => {
    const all = Array.from({ length: 300 }, (_, i) => Uint8Array.of(i & 255, i >> 8));
    for (const from of [1, 7, 128, 255, 256, 299]) {
      const [known, head] = [headOf(all.slice(0, from)), headOf(all)];
      const hashes = await consistencyProof(from, all.length, nodesOf(all));
      requireContinuation(known, head, { from, hashes });
      const fork = expect.objectContaining({ code: 'LOG_FORK', details: { size: from } });
      for (const [i, hash] of hashes.entries()) {
        const altered = hash.slice();
        altered[i % 32]! ^= 1 << (i % 8);
        for (const wrong of [
          hashes.with(i, altered),
          hashes.toSpliced(i, 1),
          hashes.toSpliced(i, 0, hash),
        ]) {
          expect(() => requireContinuation(known, head, { from, hashes: wrong })).toThrow(fork);
        }
      }
    }
  });
});

describe('the proof that a log in files continues', () => {
  test('its own first entries is accepted, from any of them', async () => {
    const { path, log } = await folders.log(1);
    const heads = [log.head];
    for (const size of [2, 255, 256, 257, 300]) {
      const more = size - log.head.size;
      await log.append(Array.from({ length: more }, (_, i) => entryOf(i)));
      heads.push(log.head);
    }
    const files = LogFiles.of(path);
    for (const known of heads) {
      const continuation = await proveContinuation(files, known.size, LOG_KEY);
      requireContinuation(known, log.head, continuation);
    }
    expect(await proveContinuation(files, 0, LOG_KEY)).toEqual({ from: 0, hashes: [] });
    await expect(proveContinuation(files, 301, LOG_KEY)).rejects.toMatchObject({
      code: 'LOG_ROLLBACK',
      details: { expected: 301, found: 300 },
    });
  });

  test('is not made of tiles that were altered: nobody takes them for a fork', async () => {
    const { path } = await folders.log(300);
    for (const [tile, from] of [
      ['tile/0/000', 3],
      ['tile/0/001.p/44', 257],
      ['tile/1/000.p/1', 257],
    ] as const) {
      const files = LogFiles.of(path);
      files.get(tile)![3]! ^= 1;
      await expect(proveContinuation(files, from, LOG_KEY), tile).rejects.toMatchObject({
        code: 'LOG_INVALID',
      });
    }
  });
});
