import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolder } from '../../src/client/local/vault-folder.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { QUERIES, TAMPERING_CASES } from '../support/tamperings.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import { ask as request, governedVault } from './support/governed.ts';
import { refused } from './support/refused.ts';
import { expectRefused, type TamperedGate, tamperedGate, UNIFORM } from './support/tampered.ts';

/** Each tampering three times; test/slow/falsified-gate.test.ts has 500. */
const ROUNDS = 3 * TAMPERING_CASES.length;

let tampered: TamperedGate;
beforeAll(async () => void (tampered = await tamperedGate()), 300_000);
afterAll(() => tampered[Symbol.asyncDispose]());

/** Kinds of the log's entries about releases from a number on, and codes of outcomes: what its owner is told. */
async function logged(from: number): Promise<{ kinds: string[]; codes: unknown[] }> {
  const log = tampered.governance.log['log'];
  const [kinds, codes]: [string[], unknown[]] = [[], []];
  for (let index = from; index < log.head.size; index++) {
    const { kind, opened } = await log.read(index);
    if (kind.startsWith('release.')) kinds.push(kind);
    if (kind !== 'release.outcome') continue;
    const { content } = opened[0]!;
    codes.push((JSON.parse(new TextDecoder().decode(content)) as { code?: unknown }).code);
  }
  return { kinds, codes };
}

const altered = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte));

describe('a malicious store behind the gate', () => {
  it.each(QUERIES)('is believed where it is honest: %s', async (sql) => {
    const { store, ask, truth } = tampered;
    store.tamper = undefined;
    expect(await ask(sql, true, true)).toBe(truth.get(sql));
    expect(await ask(sql, false, false)).toBe(truth.get(sql));
  });

  it(`is refused in ${ROUNDS} of ${ROUNDS} tamperings, each of which changes what leaves unverified`, async () => {
    await expectRefused(tampered, ROUNDS);
  }, 600_000);

  it('is refused at an old epoch', async () => {
    const { store, ask, truth } = tampered;
    store.rollsBack = true;
    for (const sql of QUERIES) expect(await ask(sql, true, true)).toBe(UNIFORM);
    store.rollsBack = false;
    expect(await ask(QUERIES[0]!, true, true)).toBe(truth.get(QUERIES[0]!));
  });

  it('freezes what it would release until its owner lifts that, and both are in the log', async () => {
    const { store, ask, truth, vault, governance } = tampered;
    const [sql] = QUERIES as [string];
    const before = governance.log['log'].head.size;
    store.tamper = TAMPERING_CASES[0]!.tamper;
    expect(await ask(sql, true, true)).toBe(UNIFORM);
    store.tamper = undefined;
    // Of the store's honest answers nothing leaves either, whoever asks and however often.
    for (const one of QUERIES) expect(await ask(one, true, true)).toBe(UNIFORM);
    expect((await logged(before)).codes).toEqual(['ANSWER_FALSIFIED']);
    // Whoever opens the vault next finds it so.
    const { release, secrets } = await openFolder(vault.path, PASSPHRASE);
    expect(await release!.frozenSince()).toEqual(await vault.frozenSince());
    await secrets.close();
    await vault.liftFreeze();
    expect(await ask(sql, true, true)).toBe(truth.get(sql));
    const { kinds } = await logged(before);
    expect(kinds).toEqual([
      'release.intent',
      'release.outcome',
      ...QUERIES.map(() => 'release.denied'),
      'release.lift',
      'release.intent',
      'release.outcome',
    ]);
  });

  it.each([
    ['whose rows they are', 'quality', 'SELECT COUNT(*) FROM visits'],
    ['who is behind a figure', 'billing', "SELECT COUNT(*) FROM visits WHERE ward <> 'b'"],
  ])('freezes releases too where it alters what says %s', async (_, purpose, sql) => {
    let alters = false;
    const link = new Proxy<StoreLink>(new EmbeddedLink(new MemoryBackend()), {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property);
        if (property !== 'fetch')
          return typeof member === 'function' ? member.bind(target) : member;
        return async (...args: Parameters<StoreLink['fetch']>) => {
          const replies = await target.fetch(...args);
          return alters ? replies.map(altered) : replies;
        };
      },
    });
    await using governed = await governedVault({ link });
    await using gate = await governed.openGate();
    alters = true;
    await refused(gate.answer(request(governed.token, sql, { purpose })), 'DENIED', UNIFORM);
    alters = false;
    expect(await governed.vault.frozenSince()).toBeInstanceOf(Date);
    await refused(gate.answer(request(governed.token, sql, { purpose })), 'DENIED', UNIFORM);
    await governed.vault.liftFreeze();
    await gate.answer(request(governed.token, sql, { purpose }));
  });
});
