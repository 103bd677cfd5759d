import { rmSync, cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createFolder, openFolder } from '../../src/client/local/vault-folder.ts';
import type { Records } from '../../src/client/records/api.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { isOpalineError } from '../../src/errors/opaline-error.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { FaultyBackend } from '../support/faulty-backend.ts';
import { storeBroken, storeFull } from '../support/survival.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import { byNumber, keyOf, rowOf, visit, VISITS, type VisitRow } from '../support/visit-records.ts';
import { cheapen } from '../support/write-operations.ts';

// A delta that a few rows fill, so that it overflows often. The format's limit stays.
vi.mock('../../src/table/manifest.ts', async (original) => ({
  ...(await original<object>()),
  DELTA_ROWS: 24,
}));

const SEED = 20_261_127;
const base = mkdtempSync(join(tmpdir(), 'opaline-records-'));
beforeAll(async () => {
  const folder = await createFolder(join(base, 'empty'), 'memory', PASSPHRASE, '', LEAST_COST);
  await cheapen(folder.path);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** What is done to the records, and to a Map beside them. */
type Step =
  | { readonly do: 'put'; readonly keys: readonly number[]; readonly version: number }
  | { readonly do: 'stream'; readonly keys: readonly number[]; readonly version: number }
  | { readonly do: 'insert'; readonly key: number }
  | { readonly do: 'get'; readonly key: number }
  | { readonly do: 'delete'; readonly key: number }
  | { readonly do: 'deleteAbove'; readonly key: number }
  | { readonly do: 'erase'; readonly patient: number }
  | { readonly do: 'compact' }
  | { readonly do: 'pages'; readonly limit: number };

const key = fc.nat(29);
const keys = fc.array(key, { minLength: 1, maxLength: 16 });
const version = fc.integer({ min: 1, max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), keys, version }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stream' as const), keys, version }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('insert' as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('get' as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteAbove' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('erase' as const), patient: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'compact' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pages' as const),
      limit: fc.integer({ min: 1, max: 9 }),
    }),
  },
);

type Oracle = Map<number, VisitRow>;
type Visits = Records<typeof VISITS>;

const rowsOf = (oracle: Oracle): VisitRow[] => byNumber([...oracle.values()]);

/** What a step makes of the rows; undefined for one that changes none. */
function after(oracle: Oracle, taken: Step): Oracle | undefined {
  const next = new Map(oracle);
  switch (taken.do) {
    case 'put':
    case 'stream':
      for (const i of taken.keys) next.set(i, rowOf(i, taken.version));
      return next;
    case 'insert':
      if (!next.has(taken.key)) next.set(taken.key, rowOf(taken.key));
      return next;
    case 'delete':
      next.delete(taken.key);
      return next;
    case 'deleteAbove':
      for (const i of oracle.keys()) if (i > taken.key) next.delete(i);
      return next;
    case 'erase':
      for (const i of oracle.keys()) if (i % 7 === taken.patient) next.delete(i);
      return next;
    default:
      return undefined;
  }
}

async function pages(visits: Visits, limit: number): Promise<VisitRow[]> {
  const rows: VisitRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await visits.find(undefined, { limit, after: cursor });
    if (page.next !== undefined) expect(page.rows).toHaveLength(limit);
    rows.push(...page.rows);
    cursor = page.next;
  } while (cursor !== undefined);
  return byNumber(rows);
}

async function apply(
  vault: LocalVault,
  visits: Visits,
  taken: Step,
  oracle: Oracle,
): Promise<void> {
  switch (taken.do) {
    case 'put': {
      const distinct = new Set(taken.keys);
      const replaced = [...distinct].filter((i) => oracle.has(i)).length;
      const report = await visits.put(taken.keys.map((i) => visit(i, taken.version)));
      expect(report).toMatchObject({ records: taken.keys.length, replaced });
      return;
    }
    case 'stream':
      await visits.put(new Set(taken.keys.map((i) => visit(i, taken.version))), { batch: 5 });
      return;
    case 'insert': {
      const put = visits.put(visit(taken.key), { onConflict: 'refuse' });
      if (oracle.has(taken.key)) await expect(put).rejects.toMatchObject({ code: 'KEY_TAKEN' });
      else await put;
      return;
    }
    case 'get':
      expect(await visits.get(keyOf(taken.key))).toEqual(oracle.get(taken.key));
      return;
    case 'delete':
      expect((await visits.delete(keyOf(taken.key))).rows).toBe(oracle.has(taken.key) ? 1 : 0);
      return;
    case 'deleteAbove':
      await visits.delete(['number', '>', taken.key]);
      return;
    case 'erase':
      await visits.erase(`patient ${taken.patient}`);
      return;
    case 'compact':
      if (oracle.size > 0) await vault.compact();
      return;
    case 'pages':
      expect(await pages(visits, taken.limit)).toEqual(rowsOf(oracle));
      return;
    default:
      taken satisfies never;
  }
}

/** A vault of its own over a backend. */
async function vaultOn(backend: FaultyBackend, path: string): Promise<LocalVault> {
  return new LocalVault(await openFolder(path, PASSPHRASE), new EmbeddedLink(backend), 0);
}

let number = 0;
function folderFrom(path: string): string {
  const copy = join(base, `copy-${number++}`);
  cpSync(path, copy, { recursive: true });
  return copy;
}

test('whatever is put, found, deleted and erased, the records are a Map', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const backend = new FaultyBackend();
      await using vault = await vaultOn(backend, folderFrom(join(base, 'empty')));
      const visits = await vault.records(VISITS);
      let oracle: Oracle = new Map();
      for (const taken of steps) {
        await apply(vault, visits, taken, oracle);
        oracle = after(oracle, taken) ?? oracle;
        expect((await vault.tables())[0]?.rows ?? 0).toBe(oracle.size);
      }
      expect(await pages(visits, 6)).toEqual(rowsOf(oracle));
      expect(backend.violations).toEqual([]);
      expect(await backend.orphans()).toEqual([]);
    }),
    { seed: SEED, numRuns: 25 },
  );
}, 600_000);

test('a write that fails at any call left the old rows or the new, never both or neither', async () => {
  const change = step.filter(
    ({ do: kind }) => kind === 'put' || kind === 'delete' || kind === 'erase',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 4 }),
      change,
      fc.constantFrom('lost' as const, 'kept' as const),
      fc.boolean(),
      fc.nat(30),
      async (steps, last, effect, lasting, place) => {
        const path = folderFrom(join(base, 'empty'));
        const backend = new FaultyBackend();
        let oracle: Oracle = new Map();
        {
          await using vault = await vaultOn(backend, path);
          const visits = await vault.records(VISITS);
          for (const taken of steps) {
            await apply(vault, visits, taken, oracle);
            oracle = after(oracle, taken) ?? oracle;
          }
        }
        const next = after(oracle, last)!;
        // How many changes of the store the step makes, on a copy; then it fails at one of them.
        const rehearsal = await backend.copy();
        {
          await using vault = await vaultOn(rehearsal, folderFrom(path));
          rehearsal.plan(undefined);
          await apply(vault, await vault.records(VISITS), last, oracle);
        }
        const { mutation } = rehearsal.calls;
        if (mutation === 0) return;
        const error = effect === 'lost' ? storeFull : storeBroken;
        backend.plan({ on: 'mutation', at: 1 + (place % mutation), effect, lasting, error });
        let failed = false;
        {
          await using vault = await vaultOn(backend, path);
          const visits = await vault.records(VISITS);
          await apply(vault, visits, last, oracle).catch((thrown: unknown) => {
            if (!isOpalineError(thrown)) throw thrown;
            expect(thrown).toMatchObject({ code: error().code, retryable: true });
            failed = true;
          });
        }
        backend.plan(undefined);
        // As another process finds it.
        await using vault = await vaultOn(backend, path);
        const visits = await vault.records(VISITS);
        const found = await pages(visits, 4);
        if (!failed) expect(found).toEqual(rowsOf(next));
        else if (lasting) expect([rowsOf(oracle), rowsOf(next)]).toContainEqual(found);
        else expect(found).toEqual(rowsOf(oracle));
        // And it can be done again.
        await apply(vault, visits, last, new Map(found.map((row) => [Number(row.number), row])));
        expect(await pages(visits, 4)).toEqual(rowsOf(next));
        expect(backend.violations).toEqual([]);
      },
    ),
    { seed: SEED, numRuns: 30 },
  );
}, 600_000);
