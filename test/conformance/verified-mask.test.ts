import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KnownTables } from '../../src/client/known-tables.ts';
import { createFolder } from '../../src/client/local/vault-folder.ts';
import type { OpenFolder } from '../../src/client/local/vault-host.ts';
import { LocalVault } from '../../src/client/vault.ts';
import type { OpenTable } from '../../src/gate/open-table.ts';
import { VerifiedLink } from '../../src/gate/verified/verified-link.ts';
import { sumParameters } from '../../src/params/presets.ts';
import type { Fragment, SetNode } from '../../src/plan/fragment.ts';
import {
  decodeAggregateReply,
  decodeFragment,
  encodeFragment,
} from '../../src/plan/fragment-codec.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { RowSet } from '../../src/table/row-set.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { draws } from '../support/malicious-link.ts';
import { PASSPHRASE } from '../support/vaults.ts';

const ROWS = 6000;
const base = mkdtempSync(join(tmpdir(), 'opaline-mask-'));
let folder: OpenFolder;
let vault: LocalVault;
let table: OpenTable;
const store = new EmbeddedLink(new MemoryBackend());
/** What the store was asked last. */
let asked: Uint8Array;
/** What it does to what it is asked. */
let obey: (fragment: Fragment) => Fragment = (fragment) => fragment;
const link: StoreLink = new Proxy<StoreLink>(store, {
  get: (target, property) => {
    if (property === 'aggregate') {
      return async (bytes: Uint8Array) => {
        asked = bytes;
        return await target.aggregate(encodeFragment(obey(decodeFragment(bytes))));
      };
    }
    const member: unknown = Reflect.get(target, property);
    return typeof member === 'function' ? member.bind(target) : member;
  },
});

beforeAll(async () => {
  folder = await createFolder(join(base, 'vault'), 'memory', PASSPHRASE, '', LEAST_COST);
  vault = new LocalVault(folder, link, 0);
  await vault.verify();
  const columns = { ward: { type: 'text' }, fee: { type: 'integer' } };
  const rows = Array.from({ length: ROWS }, (_, i) => ({ ward: `w${i % 7}`, fee: i * 3 + 1 }));
  await vault.ingest({ version: 1, table: 't', columns }, rows);
  await vault.delete('DELETE FROM t WHERE fee < 4000');
  [table] = (await new KnownTables(folder, link, () => Promise.resolve()).load()) as [OpenTable];
});
afterAll(async () => {
  await vault.close();
  rmSync(base, { recursive: true, force: true });
});

/** Which rows count: those that the filter's node and a mask agree on, as consent leaves rows out. */
function masked(fragment: Fragment, mask: RowSet, excluded: boolean): Fragment {
  const segments = fragment.segments.map((share) => {
    const { length } = share.nodes;
    const nodes: SetNode[] = [
      ...share.nodes,
      { kind: 'rows', rows: mask.toArray() },
      { kind: 'not', arg: length },
      { kind: 'and', args: [share.filter, excluded ? length + 1 : length] },
    ];
    return { ...share, nodes, filter: length + 2 };
  });
  return { ...fragment, segments };
}

interface Found {
  readonly count: number;
  readonly sum: bigint;
}

async function verified(fragment: Fragment): Promise<Map<string, Found>> {
  const over = new VerifiedLink(link, { secrets: folder.secrets, table });
  const { groups } = decodeAggregateReply(await over.aggregate(encodeFragment(fragment)));
  const engine = await folder.secrets.engine(sumParameters(48));
  return new Map(
    groups.map(({ key, counts, sums }) => [
      key.join(),
      { count: counts[0]!, sum: engine.decrypt(sums[0]!) },
    ]),
  );
}

describe('a verified sum of rows of which some are left out', () => {
  it.each([
    "SELECT COUNT(*), SUM(fee) FROM t WHERE ward = 'w3'",
    'SELECT COUNT(*), SUM(fee) FROM t',
    'SELECT ward, COUNT(*), SUM(fee) FROM t GROUP BY ward',
  ])(
    'is that of the others, and no other is taken for it: %s',
    async (sql) => {
      await vault.query(sql);
      const fragment = decodeFragment(asked);
      const draw = draws(sql.length);
      for (const share of [1, 40, 900, 5900]) {
        const rows = new Set(Array.from({ length: share }, () => draw(ROWS)));
        const mask = RowSet.of(ROWS, Uint32Array.from(rows).sort());
        const [all, left, out] = [
          await verified(fragment),
          await verified(masked(fragment, mask, true)),
          await verified(masked(fragment, mask, false)),
        ];
        for (const [key, { count, sum }] of all) {
          const [one, other] = [left.get(key), out.get(key)];
          expect((one?.count ?? 0) + (other?.count ?? 0)).toBe(count);
          expect((one?.sum ?? 0n) + (other?.sum ?? 0n)).toBe(sum);
        }
        const gone = [...out.values()].reduce((total, one) => total + one.count, 0);
        if (gone === 0) continue;
        // A store that counts and adds up those who are left out as well.
        obey = (honest) => {
          const segments = honest.segments.map((one, i) => {
            return { ...one, filter: fragment.segments[i]!.filter };
          });
          return { ...honest, segments };
        };
        await expect(verified(masked(fragment, mask, true))).rejects.toMatchObject({
          code: 'ANSWER_FALSIFIED',
        });
        obey = (honest) => honest;
      }
    },
    120_000,
  );
});
