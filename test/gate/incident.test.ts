import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuditLog } from '../../src/audit/file/audit-log.ts';
import { utf8 } from '../../src/bytes/codec.ts';
import { randomBytes } from '../../src/bytes/random.ts';
import { logOf, logSecrets } from '../../src/client/governance/assessment/governance.ts';
import type { VaultGovernance } from '../../src/client/governance/governed-vault.ts';
import type { Opening } from '../../src/client/governance/incident/vault-incidents.ts';
import type { Rotation } from '../../src/client/governance/incident/take-measures.ts';
import { backupVault, restoreVault } from '../../src/client/local/backup.ts';
import { openFolder } from '../../src/client/local/vault-folder.ts';
import type { OpenFolder } from '../../src/client/local/vault-host.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { Capability } from '../../src/gate/governed/capability.ts';
import type { Services } from '../../src/gate/governed/ports.ts';
import { STEPS } from '../../src/gate/governed/steps.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { type Closing, formatClosing, signClosing } from '../../src/policy/incident/closing.ts';
import type { Incident } from '../../src/policy/incident/incident.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import type { SearchRequest, StoreLink } from '../../src/store/link.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import { ask, type Governed, governedVault, OPEN_GUARD, oracle, ROWS } from './support/governed.ts';
import { refused } from './support/refused.ts';

const COUNT = 'SELECT COUNT(*) FROM visits';
const COST = 'SELECT ward, SUM(cost) FROM visits GROUP BY ward ORDER BY ward';

const OPENING: Opening = {
  by: 'moss',
  reason: 'a token was found where it should not be',
  principals: [],
  purposes: [],
  freeze: true,
  rotate: false,
};

/** New keys as the command line asks for them. */
const rotationOf = (vault: LocalVault): Rotation => ({
  tables: async () => (await vault.tables()).map(({ table }) => table),
  rotate: async (table) => (await vault.rotate(table))[0]!.epoch,
});

const open = ({ governance, vault }: Governed, changes: Partial<Opening> = {}): Promise<Incident> =>
  governance.incidents.open({ ...OPENING, ...changes }, rotationOf(vault));

/** A closing as an officer, or somebody, signs it. */
function closing(
  { governance, officer }: Governed,
  incident: Incident,
  changes: Partial<Closing> = {},
  signer = officer,
): Uint8Array {
  const statement: Closing = {
    log: governance.log.origin,
    incident: incident.id,
    time: Date.now(),
    measures: 'the token was replaced',
    ...changes,
  };
  const signature = signClosing(statement, signer.name, signer.secret);
  return utf8(formatClosing(statement, [signature]));
}

/** Entries of the log by kind, with what they say. */
async function logged({ governance }: Governed): Promise<readonly (readonly [string, unknown])[]> {
  const log = governance.log['log'];
  await governance.log.append([]);
  const entries: [string, unknown][] = [];
  for (let index = 0; index < log.head.size; index++) {
    const { kind, opened } = await log.read(index);
    const text = new TextDecoder().decode(opened[0]?.content);
    // That of a policy is the policy, which is no JSON.
    entries.push([kind, text.startsWith('{') ? (JSON.parse(text) as unknown) : undefined]);
  }
  return entries;
}

const folderOf = ({ vault }: Governed): OpenFolder =>
  (vault as unknown as { readonly folder: OpenFolder }).folder;

/** The services of a gate that no incident freezes: the guard turned off. */
const unfrozen = (services: Services): Services => ({
  ...services,
  governance: {
    ...services.governance,
    incidents: { frozenBy: () => Promise.resolve(undefined) },
  },
});

/** For tests that leave no incident open. */
let shared: Governed;
beforeAll(async () => {
  shared = await governedVault({ policy: { incidents: { noticeHours: 0 } } });
});
afterAll(() => shared[Symbol.asyncDispose]());

/** Close all that are open. */
async function closeAll(governed: Governed): Promise<void> {
  const { incidents } = governed.governance;
  for (const one of await incidents.records.list()) {
    if (one.closed === null) await incidents.close(closing(governed, one), Date.now());
  }
}

describe('an incident freezes the gate', () => {
  test('from the next request on, over a restart and a restored backup, until an officer closes it', async () => {
    const link = new EmbeddedLink(new MemoryBackend());
    await using governed = await governedVault({ link });
    const { governance, token } = governed;
    let incident: Incident;
    {
      await using gate = await governed.openGate();
      await gate.answer(ask(token, COUNT));
      incident = await open(governed);
      await refused(gate.answer(ask(token, COUNT)), 'DENIED', `frozen by incident ${incident.id}`);
      // A stranger is told nothing of it.
      const stranger = `opg_${'0'.repeat(16)}_${'0'.repeat(64)}`;
      await refused(gate.answer(ask(stranger, COUNT)), 'GATE_UNAUTHORIZED');
    }
    {
      const mayAsk: typeof STEPS.may = (from, services) => STEPS.may(from, unfrozen(services));
      const settled: typeof STEPS.settled = (from, services) =>
        STEPS.settled(from, unfrozen(services));
      await using gate = await governed.openGate({ steps: { ...STEPS, may: mayAsk, settled } });
      expect((await gate.answer(ask(token, COUNT))).result.rows).toEqual(await oracle(COUNT));
    }
    const again = new LocalVault(await openFolder(governed.path, PASSPHRASE), link, 0);
    {
      const reopened = await again.governance();
      expect(await reopened.incidents.records.frozenBy()).toBe(incident.id);
      await using gate = await reopened.openGate();
      await refused(gate.answer(ask(token, COUNT)), 'DENIED', incident.id);
    }
    const aside = await mkdtemp(join(tmpdir(), 'opaline-restored-'));
    await backupVault(governed.path, join(aside, 'backup'));
    await restoreVault(join(aside, 'vault'), join(aside, 'backup'), PASSPHRASE);
    const folder = await openFolder(join(aside, 'vault'), PASSPHRASE);
    const restored = await new LocalVault(folder, link, 0).governance();
    expect(await restored.incidents.records.list()).toEqual([incident]);
    await rm(aside, { recursive: true });

    const close = (note: Uint8Array): Promise<Incident> =>
      governance.incidents.close(note, Date.now());
    const stranger = { name: 'officer', secret: randomBytes(32) };
    for (const note of [
      closing(governed, incident, {}, stranger),
      closing(governed, incident, { log: 'opaline/vault/other' }),
      closing(governed, incident, { time: incident.opened - 1 }),
      closing(governed, incident, { time: Date.now() + 60_000 }),
    ]) {
      await expect(close(note)).rejects.toMatchObject({ code: 'POLICY_INVALID' });
    }
    await refused(close(closing(governed, incident, { incident: '0'.repeat(16) })), 'USAGE');
    const note = closing(governed, incident);
    expect((await close(note)).closed).toMatchObject({ officers: ['officer'] });
    await refused(close(note), 'USAGE', 'is closed');
    await using gate = await governed.openGate();
    await gate.answer(ask(token, COUNT));
    const kinds = (await logged(governed)).map(([kind]) => kind);
    const own = kinds.filter((kind) => kind.startsWith('incident.'));
    expect(own).toEqual(['incident.open', 'incident.measure', 'incident.close']);
    await again.close();
  });

  test('of a request that is worked on nothing is released; without the check it is', async () => {
    const governed = shared;
    const { token } = governed;
    let released = 0;
    const during = (off: boolean): Partial<typeof STEPS> => ({
      computed: async (intended, services) => {
        const computed = await STEPS.computed(intended, services);
        await open(governed, { reason: `while it is computed, ${off}` });
        return computed;
      },
      settled: async (computed, services) => {
        const settled = await STEPS.settled(computed, off ? unfrozen(services) : services);
        released++;
        return settled;
      },
    });
    {
      await using gate = await governed.openGate({ steps: { ...STEPS, ...during(false) } });
      await refused(gate.answer(ask(token, COUNT)), 'DENIED', 'frozen by incident');
      expect(released).toBe(0);
    }
    const [kind, said] = (await logged(governed)).findLast(([one]) => one === 'release.outcome')!;
    expect([kind, said]).toMatchObject(['release.outcome', { released: false, step: 'settled' }]);
    await closeAll(governed);
    await using gate = await governed.openGate({ steps: { ...STEPS, ...during(true) } });
    expect((await gate.answer(ask(token, COUNT))).result.rows).toEqual(await oracle(COUNT));
    expect(released).toBe(1);
    await closeAll(governed);
  });

  test('one that is opened while an answer is judged is seen too', async () => {
    const governed = shared;
    await using gate = await governed.openGate({
      guard: {
        review: ({ plan }) =>
          Promise.resolve({
            plan,
            settle: async ({ result }) => {
              await open(governed);
              return result;
            },
          }),
      },
    });
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'frozen by incident');
    await closeAll(governed);
  });

  test('unless it is opened without a freeze', async () => {
    await open(shared, { freeze: false });
    await using gate = await shared.openGate();
    await gate.answer(ask(shared.token, COUNT));
    await closeAll(shared);
  });
});

/** A link that keeps what is searched for. */
function searched(inner: StoreLink): { link: StoreLink; requests: SearchRequest[] } {
  const requests: SearchRequest[] = [];
  const link = new Proxy(inner, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (property === 'search') requests.push(args[0] as SearchRequest);
        return Reflect.apply(member, target, args);
      };
    },
  });
  return { link, requests };
}

describe('measures of an incident', () => {
  test('the principal is revoked, and what was made by the old keys finds and does nothing', async () => {
    const inner = new EmbeddedLink(new MemoryBackend());
    const { link, requests } = searched(inner);
    await using governed = await governedVault({ link });
    const { vault, token } = governed;
    const sql = "SELECT COUNT(*) FROM visits WHERE ward = 'a'";
    await using gate = await governed.openGate();
    await gate.answer(ask(token, sql));
    const old = requests.filter(({ labels }) => labels.length > 0);
    expect(old.length).toBeGreaterThan(0);
    const found = async (index: string, { table, labels }: SearchRequest): Promise<number> =>
      (await inner.search({ table, index, labels })).filter((one) => one !== undefined).length;
    for (const request of old) expect(await found(request.index, request)).toBeGreaterThan(0);
    const tableNow = async () => (await vault['load']())[0]!;
    const before = await tableNow();
    const schemas = new Map([[before.schema.table, before.schema]]);
    const plan = await planQuery(sql, [], { schemas });
    const capability = new Capability(plan, before);

    const incident = await open(governed, { principals: ['ana'], rotate: true });
    expect(incident).toMatchObject({
      rotation: 'done',
      measures: [
        { kind: 'freeze', what: '' },
        { kind: 'revoke', what: 'ana' },
        { kind: 'rotate', what: 'visits' },
      ],
    });
    await refused(gate.answer(ask(token, sql)), 'GATE_UNAUTHORIZED');
    const after = await tableNow();
    expect(after.manifest.epoch).toBeGreaterThan(before.manifest.epoch);
    expect(() => capability.spend(plan, after)).toThrow('not what was logged');
    const indexes = after.manifest.segments.map(({ index }) => index.id);
    for (const request of old) {
      expect(indexes).not.toContain(request.index);
      for (const index of indexes) expect(await found(index, request)).toBe(0);
    }
    const entries = (await logged(governed)).filter(([kind]) => kind.startsWith('incident.'));
    const { id } = incident;
    expect(entries).toMatchObject([
      ['incident.open', { id, by: 'moss', principals: ['ana'], freeze: true }],
      ['incident.measure', { incident: id, measure: 'freeze' }],
      ['incident.measure', { incident: id, measure: 'revoke', what: 'ana' }],
      ['incident.measure', { incident: id, measure: 'rotate', epoch: after.manifest.epoch }],
    ]);
    const other = await governed.governance.principals.add(
      { name: 'eve', kind: 'staff', roles: ['analyst'], expires: null },
      Date.now(),
    );
    await governed.governance.incidents.close(closing(governed, incident), Date.now());
    requests.length = 0;
    expect((await gate.answer(ask(other, sql))).result.rows).toEqual(await oracle(sql));
    const labels = new Set(old.flatMap((one) => one.labels.map(String)));
    expect(requests.flatMap((one) => one.labels).some((one) => labels.has(String(one)))).toBe(
      false,
    );
  });

  test('stopped on the way it stays open and frozen, and the same words go on', async () => {
    const { governance, vault } = shared;
    const eve = { name: 'eve', kind: 'staff', roles: ['analyst'], expires: null } as const;
    await governance.principals.add(eve, Date.now());
    const rotation = rotationOf(vault);
    const wanted = { ...OPENING, principals: ['eve'], rotate: true };
    const measured = async (): Promise<number> =>
      (await logged(shared)).filter(([kind]) => kind === 'incident.measure').length;
    const before = await measured();
    const broken = { ...rotation, rotate: () => Promise.reject(new Error('the store is gone')) };
    let told: Incident | undefined;
    const opening = governance.incidents.open(wanted, broken, { onOpen: (one) => (told = one) });
    await expect(opening).rejects.toThrow('the store is gone');
    const { id } = told!;
    const one = await governance.incidents.records.find(id);
    expect(one.rotation).toBe('wanted');
    expect(await governance.incidents.records.frozenBy()).toBe(id);
    const early = governance.incidents.close(closing(shared, one), Date.now());
    await refused(early, 'USAGE', 'that keys are replaced');
    expect(await governance.incidents.open(wanted, rotation)).toMatchObject({
      id,
      rotation: 'done',
    });
    expect(await measured()).toBe(before + 3);
    // Done: the same words are another incident.
    expect((await governance.incidents.open(wanted, rotation)).id).not.toBe(id);
    await closeAll(shared);
  });

  test('of a principal that is none, or a text that is none, nothing is begun', async () => {
    const { records } = shared.governance.incidents;
    const before = await records.list();
    await refused(open(shared, { principals: ['nobody'] }), 'USAGE', 'no principal "nobody"');
    await refused(open(shared, { reason: '' }), 'USAGE', 'reason');
    expect(await records.list()).toEqual(before);
  });
});

const ALL = { since: null, until: null, principals: [], purposes: [] };

describe('the scope of an incident, from the log', () => {
  const withdraw = ({ consent }: VaultGovernance, subject: string): Promise<unknown> =>
    consent.withdraw({ subject, purpose: 'quality', notice: null }, Date.now());

  test('has the releases, and exactly whose rows counted in them', async () => {
    await using governed = await governedVault();
    const { governance, vault, token } = governed;
    const people = [...new Set(ROWS.map(({ patient }) => patient))].sort();
    const other = await governance.principals.add(
      { name: 'bot', kind: 'service', roles: ['analyst'], expires: null },
      Date.now(),
    );
    await using gate = await governed.openGate({ guard: OPEN_GUARD });
    for (const subject of ['p1', 'p2']) await withdraw(governance, subject);
    await gate.answer(ask(token, COUNT));
    await withdraw(governance, 'p3');
    await vault.delete("DELETE FROM visits WHERE patient = 'p4'");
    await gate.answer(ask(token, COUNT));
    // Of no consent: whoever is in the table.
    await gate.answer(ask(other, COST, { purpose: 'billing' }));
    const without = (...gone: string[]) =>
      people.filter((one) => !gone.includes(one)).map((name) => ({ name, exposed: true }));
    const quality = await governance.incidents.scope({ ...ALL, purposes: ['quality'] });
    expect(quality.subjects).toEqual(without('p1', 'p2'));
    expect(quality.releases).toMatchObject([
      { principal: 'ana', table: 'visits', outcome: 'released', cells: 1, subjects: 28 },
      { principal: 'ana', table: 'visits', outcome: 'released', cells: 1, subjects: 26 },
    ]);
    const [, second] = quality.releases;
    const later = await governance.incidents.scope({ ...ALL, since: second!.time });
    expect(later.subjects).toEqual(without('p4'));
    const bot = await governance.incidents.scope({ ...ALL, principals: ['bot'] });
    expect(bot).toMatchObject({ subjects: without('p4'), unrecorded: 0 });
    expect(bot.tables).toEqual([{ table: 'visits', columns: ['cost', 'ward'] }]);

    // A set that is on the record is not logged again, and a subject who is shredded is a number.
    const size = governance.log['log'].head.size;
    await gate.answer(ask(token, COUNT));
    expect(governance.log['log'].head.size).toBe(size + 2);
    const { secrets } = folderOf(governed);
    const log = await AuditLog.open(logOf(governed.path), logSecrets(secrets));
    expect(await log.shred('p5')).toBeGreaterThan(0);
    const shredded = await governance.incidents.scope({ ...ALL, purposes: ['quality'] });
    expect(shredded.subjects).toEqual(without('p1', 'p2', 'p5'));
    expect(shredded.forgotten).toEqual({ all: 1, exposed: 1 });

    // Numbers that are lost are given anew, and what was logged before says the same.
    await rm(join(governed.path, 'governance', 'subjects.opal'));
    await withdraw(governance, 'p6');
    await gate.answer(ask(token, COUNT));
    const { subjects, releases } = await governance.incidents.scope({
      ...ALL,
      purposes: ['quality'],
    });
    expect(releases.map((one) => one.subjects)).toEqual([28, 26, 26, 25]);
    // It was shredded in the log, and is in the table all the same.
    expect(subjects).toEqual(without('p1', 'p2'));
  });

  test('a notice has categories, figures and the officer, and a deadline of the policy', async () => {
    const { governance } = shared;
    {
      await using gate = await shared.openGate();
      await gate.answer(ask(shared.token, COST, { purpose: 'billing' }));
    }
    const incident = await open(shared, { purposes: ['billing'] });
    expect(incident.noticeHours).toBe(0);
    const { incidents } = governance;
    const scope = await incidents.scope(incidents.filterOf(incident));
    const facts = await incidents.notice(incident, scope, Date.now());
    expect(facts).toMatchObject({
      controller: governance.log.origin,
      columns: [
        { table: 'visits', column: 'cost', category: null, class: 'unstated' },
        { table: 'visits', column: 'ward', category: null, class: 'unstated' },
      ],
      contact: 'The officer who answers for the policy: officer.',
    });
    expect(scope.subjects).toHaveLength(30);
    const flagged = await open(shared, { reason: 'another', noticeHours: 24 });
    expect(flagged.noticeHours).toBe(24);
    await closeAll(shared);
  });
});

describe('what is lost', () => {
  test('with the file of incidents no freeze is', async () => {
    await open(shared);
    const file = join(shared.path, 'governance', 'incidents.opal');
    const kept = await readFile(file);
    await rm(file);
    await using gate = await shared.openGate();
    await refused(gate.answer(ask(shared.token, COUNT)), 'DENIED', 'could not answer');
    const listed = shared.governance.incidents.records.list();
    await expect(listed).rejects.toMatchObject({ code: 'VAULT_CORRUPT' });
    await writeFile(file, kept);
    await refused(gate.answer(ask(shared.token, COUNT)), 'DENIED', 'frozen by incident');
    await closeAll(shared);
  });

  test('of a log that was rolled back no scope is told', async () => {
    await using gate = await shared.openGate();
    const log = logOf(shared.path);
    const copy = join(shared.path, 'copy');
    await cp(log, copy, { recursive: true });
    await gate.answer(ask(shared.token, COUNT));
    await rm(log, { recursive: true });
    await cp(copy, log, { recursive: true });
    const scope = shared.governance.incidents.scope(ALL);
    await refused(scope, 'LOG_INVALID', 'rolled back');
  });
});
