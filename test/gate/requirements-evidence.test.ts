import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBundle, encodeBundle } from '../../src/audit/entry-bundle.ts';
import { AuditLog, type LogSecrets } from '../../src/audit/file/audit-log.ts';
import { sealingKeys } from '../../src/audit/subject-keys.ts';
import type { VerifyOptions } from '../../src/audit/verify/verify-log.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../src/bytes/note-key.ts';
import {
  logOrigin,
  logSecrets,
  pinnedHead,
} from '../../src/client/governance/assessment/governance.ts';
import type { OpenFolder } from '../../src/client/local/vault-host.ts';
import { STEPS } from '../../src/gate/governed/steps.ts';
import { clockOf } from '../../src/policy/incident/clock.ts';
import { failedChecks } from '../../src/policy/tool/report.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import { entryOf, LogFiles, problemsOf } from '../support/audit-logs.ts';
import { dividedVault, freePorts, WAGES, wages, wageSum } from '../support/custody.ts';
import { recordLink } from '../support/recording-link.ts';
import { assessable } from './support/assessable.ts';
import {
  ask,
  BILLING,
  governedVault,
  OPEN_GUARD,
  oracle,
  policyOf,
  PURPOSE,
  ROWS,
  SCHEMA,
} from './support/governed.ts';
import { refused } from './support/refused.ts';
import {
  boundTool,
  BUNDLE,
  IN_WARD,
  RULES,
  STAYS,
  tested,
  TOOLS_OFF,
  waitingLink,
} from './support/tools.ts';

const COUNT = 'SELECT COUNT(*) FROM visits';
const DAY = 86_400_000;

describe('risk evaluation with a response plan; assessment at least yearly', () => {
  const NIGHTS = {
    version: 1,
    table: 'stays',
    columns: [{ name: 'nights', type: 'integer', category: 'none' }],
  };
  const stays = { ...BILLING, table: 'stays', fields: ['nights'] };
  const needed = { assessment: 'required' } as const;

  test('denied without one, and from day 366 on; each risk has a plan', async () => {
    await using made = await assessable(needed);
    const { governed } = made;
    let later = 0;
    await using gate = await governed.openGate({ now: () => Date.now() + later });
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'was not assessed');
    const { risks, issued, expires } = await made.assess();
    expect(expires - issued).toBe(365 * DAY);
    expect(risks.every(({ inherent, residual }) => residual.score <= inherent.score)).toBe(true);
    for (const { plan } of risks) {
      expect(['retain', 'reduce', 'stop']).toContain(plan.decision);
    }
    expect((await gate.answer(ask(governed.token, COUNT))).result.rows).toEqual(
      await oracle(COUNT),
    );
    later = 365 * DAY;
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'assessment expired');
  });

  test('denied once purposes or the data map are not those that were assessed', async () => {
    await using made = await assessable(needed);
    const { governed } = made;
    await using gate = await governed.openGate();
    const answered = async (): Promise<void> => {
      const { result } = await gate.answer(ask(governed.token, COUNT));
      expect(result.rows).toEqual([[`${ROWS.length}`]]);
    };
    const denied = (): Promise<void> =>
      refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'not those that were assessed');
    await made.assess();
    await answered();
    // Rows come and go as they like.
    await governed.vault.delete("DELETE FROM visits WHERE patient = 'nobody'");
    await answered();
    const purposes = { quality: PURPOSE, billing: BILLING, stays };
    await governed.sign(policyOf({ ...needed, revision: 2, purposes }));
    await denied();
    await made.assess();
    await answered();
    await governed.vault.ingest(NIGHTS, [{ nights: 3 }]);
    await denied();
    await made.assess();
    await answered();
  });

  test('is not asked for by a policy that does not require it', async () => {
    await using governed = await governedVault();
    await using gate = await governed.openGate();
    await gate.answer(ask(governed.token, COUNT));
  });
});

describe('remedial measures immediately', () => {
  type Step =
    | { readonly kind: 'withdraw'; readonly subject: string }
    | { readonly kind: 'ask'; readonly purpose: 'quality' | 'billing' };

  const people = [...new Set(ROWS.map(({ patient }) => patient))];
  const steps: fc.Arbitrary<readonly Step[]> = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('withdraw' as const), subject: fc.constantFrom(...people) }),
      fc.record({
        kind: fc.constant('ask' as const),
        purpose: fc.constantFrom('quality' as const, 'billing' as const),
      }),
    ),
    { minLength: 6, maxLength: 12 },
  );
  const ALL = { since: null, until: null, principals: [], purposes: [] };

  test('an incident stops everything, takes the account and the keys, and knows whom to tell', async () => {
    const once = async (taken: readonly Step[]): Promise<void> => {
      await using governed = await governedVault();
      const { governance, vault, token } = governed;
      await using gate = await governed.openGate({ guard: OPEN_GUARD });
      const live = new Set(people);
      const behind: ReadonlySet<string>[] = [];
      for (const step of taken) {
        if (step.kind === 'withdraw') {
          const { subject } = step;
          live.delete(subject);
          const withdrawal = { subject, purpose: 'quality', notice: null };
          await governance.consent.withdraw(withdrawal, Date.now());
        } else {
          const { purpose } = step;
          await gate.answer(
            ask(token, 'SELECT COUNT(*), ward FROM visits GROUP BY ward', { purpose }),
          );
          behind.push(new Set(purpose === 'quality' ? live : people));
        }
      }
      const opened = Date.now();
      const incident = await governance.incidents.open(
        {
          by: 'officer',
          reason: 'a token was found',
          principals: ['ana'],
          purposes: [],
          freeze: true,
          rotate: true,
        },
        {
          tables: async () => (await vault.tables()).map(({ table }) => table),
          rotate: async (table) => (await vault.rotate(table))[0]!.epoch,
        },
        { now: () => opened },
      );
      await refused(gate.answer(ask(token, COUNT)), 'GATE_UNAUTHORIZED');
      const eve = { name: 'eve', kind: 'staff', roles: ['analyst'], expires: null } as const;
      const other = await governance.principals.add(eve, Date.now());
      await refused(gate.answer(ask(other, COUNT)), 'DENIED', `by incident ${incident.id}`);
      expect(incident.measures.map(({ kind }) => kind)).toEqual(['freeze', 'revoke', 'rotate']);
      const { subjects, releases } = await governance.incidents.scope(ALL);
      const expected = people.filter((one) => behind.some((some) => some.has(one))).sort();
      expect(subjects).toEqual(expected.map((name) => ({ name, exposed: true })));
      expect(releases.map((one) => one.subjects)).toEqual(behind.map(({ size }) => size));
      // 72 hours, as GDPR, article 33(1), has it.
      const { due } = clockOf(incident.opened, incident.noticeHours, Date.now());
      expect(due).toBe(opened + 72 * 3_600_000);
    };
    await fc.assert(fc.asyncProperty(steps, once), { numRuns: 2, endOnFailure: true });
  });
});

describe('qualified third parties and clouds', () => {
  const cloud = {
    name: 'Cloud',
    role: 'runs the store',
    legalBasis: 'contract of 2026-01-01',
    region: 'EU',
    certificate: 'ISO/IEC 27701 no. 1',
  };
  const until = (time: number): string => new Date(time).toISOString();

  test('no row is taken in for one whose qualification has expired', async () => {
    await using made = await assessable({ assessment: 'required' });
    const { vault } = made.governed;
    const columns = SCHEMA.columns.map((column) => ({ ...column, category: 'none' }));
    const append = (): Promise<unknown> =>
      vault.ingest({ ...SCHEMA, columns }, [ROWS[0]!], { append: true });
    await made.assess({ processors: [{ ...cloud, expires: until(Date.now() + DAY) }] });
    await append();
    await made.assess({ processors: [{ ...cloud, expires: until(Date.now() - 1) }] });
    await refused(append(), 'NOT_COLLECTED', 'processor "Cloud" expired');
    expect((await vault.tables())[0]!.rows).toBe(ROWS.length + 1);
  });

  test('no query is answered once the qualification of a processor has expired', async () => {
    await using made = await assessable({ assessment: 'required' });
    const { governed } = made;
    let later = 0;
    await using gate = await governed.openGate({ now: () => Date.now() + later });
    await made.assess({ processors: [{ ...cloud, expires: until(Date.now() + DAY) }] });
    await gate.answer(ask(governed.token, COUNT));
    later = DAY;
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'processor "Cloud" expired');
  });
});

describe('a responsible person and body, sized to the data', () => {
  const organisation = { name: 'Ward', staff: 200, mainBusiness: true };

  test('the assessment says whether an officer and a body are due', async () => {
    await using made = await assessable({});
    for (const [context, due] of [
      [{ organisation, expected: 1_000_000 }, 'no'],
      [{ organisation: { ...organisation, staff: 201 } }, 'yes'],
      [{ organisation, expected: 1_000_001 }, 'yes'],
      [{ organisation: { ...organisation, staff: null } }, 'unknown'],
    ] as const) {
      expect((await made.assess(context)).officerDue).toBe(due);
    }
  });
});

describe('technical testing and audit of third-party automated tools; cut off in time', () => {
  test('one that asks too much is caught by its test, and suspended where it asks', async () => {
    await using governed = await governedVault({ policy: { rules: RULES } });
    const [stays, inWard] = BUNDLE.queries;
    const greedy = { ...stays!, sql: stays!.sql.replace('SUM(days)', 'SUM(cost)') };
    const report = await tested(governed, { ...BUNDLE, queries: [greedy, inWard!] });
    expect(failedChecks(report)).toMatchObject([{ id: 'fields', query: 'stays', found: '"cost"' }]);
    const tool = await boundTool(governed, 'bed-planner');
    expect(failedChecks(await tested(governed, tool.bundle))).toEqual([]);
    await tool.certify();
    await using gate = await governed.openGate();
    const { result } = await gate.answer(tool.ask(IN_WARD, 'a'));
    expect(result.rows).toEqual(await oracle("SELECT COUNT(*) FROM visits WHERE ward = 'a'"));
    await refused(gate.answer(tool.ask(greedy.sql, 0)), 'DENIED', 'not one of the tool’s');
    await refused(gate.answer(tool.ask(IN_WARD, 'a')), 'DENIED', 'suspended');
  });

  test('one that is revoked during a long compute is released nothing', async () => {
    const { link, hold } = waitingLink(new EmbeddedLink(new MemoryBackend()));
    await using governed = await governedVault({ link, policy: { rules: RULES } });
    const tool = await boundTool(governed, 'bed-planner');
    await tool.certify();
    for (const steps of [STEPS, { ...STEPS, ...TOOLS_OFF }]) {
      await using gate = await governed.openGate({ steps });
      const { begun, go } = hold();
      const answering = gate.answer(tool.ask(STAYS, 0));
      const ended = Promise.allSettled([answering]);
      await begun;
      await governed.governance.tools.revoke('bed-planner', 'cut off in time');
      go();
      await ended;
      if (steps === STEPS) await refused(answering, 'DENIED', 'revoked');
      // With the guard off it would be.
      else expect((await answering).result.rows).toHaveLength(3);
    }
  });
});

describe('a tamper-evident log', () => {
  /** The files of a gate's log after one answer and after two, and what they are verified by. */
  async function logged(): Promise<{
    readonly before: LogFiles;
    readonly files: LogFiles;
    readonly secrets: LogSecrets;
    readonly options: VerifyOptions;
  }> {
    await using governed = await governedVault();
    await using gate = await governed.openGate();
    const { folder } = governed.vault as unknown as { readonly folder: OpenFolder };
    const path = join(governed.path, 'governance', 'log');
    await gate.answer(ask(governed.token, COUNT));
    const before = LogFiles.of(path);
    await gate.answer(ask(governed.token, COUNT));
    const secrets = logSecrets(folder.secrets);
    const head = await pinnedHead(folder);
    return {
      before,
      files: LogFiles.of(path),
      secrets,
      options: {
        key: noteKeyOfSecret(logOrigin(folder.secrets), NOTE_SIGNATURE, secrets.signing),
        sealing: sealingKeys(secrets.sealing),
        heads: [{ where: 'the pin', head: head! }],
      },
    };
  }

  test('flips, cuts, another order, a rollback and a fork are seen in its files', async () => {
    const { before, files, secrets, options } = await logged();
    const problems = async (log: LogFiles): Promise<number> =>
      (await problemsOf(log, options)).length;
    const size = options.heads![0]!.head.size;
    expect(await problems(files)).toBe(0);
    expect(files.size).toBeGreaterThan(5);
    for (const [path, bytes] of files) {
      if (path.startsWith('writer.lock')) continue;
      const flipped = files.copy();
      flipped.get(path)![bytes.length >> 1]! ^= 1;
      expect(await problems(flipped), `a flip in ${path}`).toBeGreaterThan(0);
      const cut = files.copy().set(path, bytes.slice(0, -1)) as LogFiles;
      expect(await problems(cut), `a cut of ${path}`).toBeGreaterThan(0);
    }
    const bundle = `tile/entries/000.p/${size}`;
    const entries = decodeBundle(files.get(bundle)!, size, bundle);
    const turned = [...entries.slice(0, -2), entries.at(-1)!, entries.at(-2)!];
    const reordered = files.copy().set(bundle, encodeBundle(turned)) as LogFiles;
    expect(await problems(reordered)).toBeGreaterThan(0);
    expect(await problems(before)).toBeGreaterThan(0);
    // Whoever has the log's own key makes another end of it, of the same length.
    const aside = await mkdtemp(join(tmpdir(), 'opaline-fork-'));
    before.store(aside);
    const log = await AuditLog.open(aside, secrets);
    await log.append([entryOf(1), entryOf(2)]);
    expect(log.head.size).toBe(size);
    expect(await problems(LogFiles.of(aside))).toBeGreaterThan(0);
    await rm(aside, { recursive: true });
  });

  test('a log that was rolled back is refused when the vault is opened', async () => {
    await using governed = await governedVault();
    const log = join(governed.path, 'governance', 'log');
    const copy = join(governed.path, 'copy');
    await cp(log, copy, { recursive: true });
    {
      await using gate = await governed.openGate();
      await gate.answer(ask(governed.token, COUNT));
    }
    await rm(log, { recursive: true });
    await cp(copy, log, { recursive: true });
    await expect(governed.vault.governance()).rejects.toMatchObject({ code: 'LOG_ROLLBACK' });
  });
});

describe('divided key authority', () => {
  test('every two of three custodians answer, and no one of them', async () => {
    await using divided = await dividedVault(2, await freePorts(3));
    const rows = wages(6000);
    await divided.vault.ingest(WAGES, rows);
    const sum = async (where: string): Promise<string> => {
      const answer = await divided.vault.query(`SELECT SUM(wage) FROM wages WHERE ${where}`);
      return String(answer.rows[0]![0]);
    };
    for (const [pair, city] of [
      [[1, 2], 'Turku'],
      [[1, 3], 'Oulu'],
      [[2, 3], 'Vaasa'],
    ] as const) {
      await using running = new AsyncDisposableStack();
      running.use(await divided.start(pair[0]));
      await refused(sum(`city <> '${city}'`), 'CUSTODIAN_UNREACHABLE');
      running.use(await divided.start(pair[1]));
      expect(await sum(`city = '${city}'`)).toBe(String(wageSum(rows, city)));
    }
  });
});

describe('no cross-validation of personal data from several sources', () => {
  const stays = { ...BILLING, table: 'stays' };
  const purposes = { quality: PURPOSE, billing: BILLING, stays };

  test('one subject’s tokens in two tables have nothing in common', async () => {
    const { link, seen } = recordLink(new EmbeddedLink(new MemoryBackend()));
    const fields = ['ward', 'cost', 'patient', 'days', 'note'];
    const policy = { purposes: { ...purposes, stays: { ...stays, fields } } };
    await using governed = await governedVault({ link, policy });
    await governed.vault.ingest({ ...SCHEMA, table: 'stays' }, ROWS);
    await using gate = await governed.openGate({ guard: OPEN_GUARD });
    /** What the store is asked for a subject's rows, and the labels by which it finds them. */
    const asked = async (purpose: 'billing' | 'stays') => {
      seen.length = 0;
      const table = purpose === 'billing' ? 'visits' : 'stays';
      const sql = `SELECT SUM(cost) FROM ${table} WHERE patient = 'p1'`;
      await gate.answer(ask(governed.token, sql, { purpose }));
      const requests = seen.filter(({ name }) => name.includes('request'));
      const labels = requests.filter(({ name }) => name.includes('labels'));
      return {
        labels: labels.map(({ bytes }) => toHex(bytes)),
        all: requests.map(({ bytes }) => toHex(bytes)).join(' '),
      };
    };
    const first = await asked('billing');
    const again = await asked('billing');
    const other = await asked('stays');
    expect(first.labels.length).toBeGreaterThan(0);
    expect(again.labels).toEqual(first.labels);
    expect(other.labels.length).toBe(first.labels.length);
    for (const label of first.labels) expect(other.all).not.toContain(label);
    for (const label of other.labels) expect(first.all).not.toContain(label);
  });

  test('a query of one purpose reads no table of another', async () => {
    const fields = ['ward', 'cost', 'patient', 'days', 'note'];
    const policy = { purposes: { ...purposes, stays: { ...stays, fields } } };
    await using governed = await governedVault({ policy });
    await governed.vault.ingest({ ...SCHEMA, table: 'stays' }, ROWS);
    await using gate = await governed.openGate();
    const answer = (sql: string): Promise<unknown> =>
      gate.answer(ask(governed.token, sql, { purpose: 'billing' }));
    await refused(answer('SELECT COUNT(*) FROM stays'), 'UNKNOWN_TABLE');
    for (const sql of [
      'SELECT SUM(visits.cost) FROM visits JOIN stays ON visits.patient = stays.patient',
      'SELECT SUM(cost) FROM visits WHERE patient IN (SELECT patient FROM stays)',
      'SELECT COUNT(*) FROM visits UNION SELECT COUNT(*) FROM stays',
    ]) {
      const code = expect.stringMatching(/^SQL_/) as string;
      await expect(answer(sql), sql).rejects.toMatchObject({ code });
    }
  });
});
