import type { LogEntry } from '../../../audit/file/audit-log.ts';
import { utf8 } from '../../../bytes/codec.ts';
import { assess, type Assessment, recordOf } from '../../../policy/assessment/assessment.ts';
import {
  type RunCheckId,
  type CheckResult,
  factResults,
  type Facts,
} from '../../../policy/assessment/checks.ts';
import { type Context, NOTHING_STATED } from '../../../policy/assessment/context.ts';
import { dataMap } from '../../../policy/assessment/data-map.ts';
import type { OpenOptions } from '../../api.ts';
import { LOG_PIN } from '../../local/pins.ts';
import { type Check, type Checked, runCheck } from './checks/check.ts';
import { consentLedger, logVerifies } from './checks/governance-checks.ts';
import { indexesDeclared, keysApart, storeTransport, storeWhole } from './checks/store-checks.ts';
import {
  backupRestores,
  parametersSecure,
  vaultOpens,
  vaultPrivate,
} from './checks/vault-checks.ts';
import { describeTable } from './describe-table.ts';
import { openVaultLog, policyInForce } from './governance.ts';
import { type Inside, openInside } from './inside.ts';
import { readAssessment, writeAssessment } from './record-file.ts';
import { scopeOf, storeName } from './scope-of.ts';

export interface AssessOptions {
  /** What is declared; default: as in the assessment before, or nothing. */
  readonly context?: Context | undefined;
  /** A backup's file, to be restored and tried. */
  readonly backup?: string | undefined;
  readonly deep?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** Called with checks done and in all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Every check that is run on a vault and its store. */
const RUN: Readonly<Record<RunCheckId, Check>> = {
  'vault-opens': vaultOpens,
  'vault-private': vaultPrivate,
  'store-whole': storeWhole,
  'keys-apart': keysApart,
  'store-transport': storeTransport,
  'indexes-declared': indexesDeclared,
  'parameters-secure': parametersSecure,
  'log-verifies': logVerifies,
  'backup-restores': backupRestores,
  'consent-ledger': consentLedger,
};

/**
 * Assess a vault: map its data, run every check, and weigh the risks by what the checks showed. Where the vault has an
 * audit log, which comes with a policy, each result is logged, and then the assessment is in force.
 *
 * No row is read but what the check of the store reads of it, encrypted; nothing of a row is in what is returned.
 * @throws what opening the vault, its tables and its policy throws; LOG_ROLLBACK, LOG_FORK, VAULT_LOCKED, ABORTED
 */
export async function assessVault(
  path: string,
  open: OpenOptions,
  options: AssessOptions = {},
): Promise<Assessment> {
  await using inside = await openInside(path, open);
  const { now = Date.now, signal, onProgress } = options;
  const [tables, policy, before] = [
    await inside.tables(),
    await policyInForce(inside.folder),
    await readAssessment(inside.folder),
  ];
  const context = options.context ?? before?.context ?? NOTHING_STATED;
  const described = await Promise.all(tables.map(describeTable));
  const purposes = policy?.purposes ?? {};
  const store = storeName(inside.link.address);
  const map = dataMap(described, store, purposes, context.sensitive);
  const facts: Facts = { map, context, policy, now: now() };
  const checked: Checked = {
    inside,
    tables,
    passphrase: open.passphrase,
    backup: options.backup,
    deep: options.deep ?? false,
    signal,
  };
  const results: CheckResult[] = [];
  const run = Object.entries(RUN) as [RunCheckId, Check][];
  for (const [id, check] of run) {
    results.push(await runCheck(id, check, checked, now));
    onProgress?.(results.length, run.length);
  }
  results.push(...factResults(facts));
  const scope = scopeOf(tables, policy, context.processors, inside.link.address);
  const assessment = assess(facts, results, scope);
  return await recorded(inside, assessment, context);
}

/** Log each check's result and the assessment, in one append, then keep its record. */
async function recorded(
  inside: Inside,
  assessment: Assessment,
  context: Context,
): Promise<Assessment> {
  // An altered log has no place for more: its check has failed, and what is not logged is not in force.
  const broken = assessment.checks.some(
    ({ id, status }) => id === 'log-verifies' && status !== 'passed',
  );
  const log = broken ? undefined : await openVaultLog(inside.folder);
  if (log === undefined) return assessment;
  const { checks, issued, expires, scope, risks } = assessment;
  const entries: LogEntry[] = checks.map(({ id, status, found, time }) => ({
    kind: 'assessment.check',
    time,
    details: [{ content: json({ id, status, found }) }],
  }));
  const residual = risks.map(({ id, inherent, residual, plan }) => ({
    id,
    inherent: inherent.score,
    residual: residual.score,
    decision: plan.decision,
  }));
  const whole = { issued, expires, scope, residual };
  const logged = await log.append([
    ...entries,
    { kind: 'assessment', time: issued, details: [{ content: json(whole) }] },
  ]);
  const { size, root } = log.head;
  await inside.pin({ table: LOG_PIN, epoch: size, digest: root });
  const numbers = logged.map(({ proof }) => proof.index);
  const entry = numbers.at(-1)!;
  await writeAssessment(inside.folder, recordOf(assessment, context, entry));
  return {
    ...assessment,
    checks: checks.map((check, i) => ({ ...check, entry: numbers[i]! })),
    logged: { log: log.key.name, entry },
  };
}

const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));
