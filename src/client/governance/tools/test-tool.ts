import { utf8 } from '../../../bytes/codec.ts';
import { sha256 } from '../../../bytes/hash.ts';
import { toHex } from '../../../bytes/hex.ts';
import { isOpalineError, OpalineError } from '../../../errors/opaline-error.ts';
import type { Steps } from '../../../gate/governed/cases.ts';
import type { PolicyInForce } from '../../../gate/governed/ports.ts';
import { fieldsOf, operationsOf } from '../../../gate/governed/request-facts.ts';
import type { Parameter } from '../../../plan/parameter.ts';
import type { Plan } from '../../../plan/physical.ts';
import { planQuery } from '../../../plan/plan-query.ts';
import { canonical } from '../../../policy/assessment/scope.ts';
import { decide } from '../../../policy/decide.ts';
import type { Principal } from '../../../policy/principal.ts';
import { bundleHash, type ToolBundle, type ToolQuery } from '../../../policy/tool/bundle.ts';
import { mostCellsOf } from '../../../policy/tool/output.ts';
import type { ToolCheck, ToolCheckId, ToolReport } from '../../../policy/tool/report.ts';
import { reasonText } from '../../../policy/verdict.ts';
import { parseSchema, schemaToJson } from '../../../table/schema-json.ts';
import type { Schema } from '../../../table/schema.ts';
import type { Value } from '../../../table/value.ts';
import { ingestRows } from '../../changes/ingest.ts';
import { gateTables } from '../gate-tables.ts';
import { allowedCases, refusedCases } from './parameter-cases.ts';
import { isSameAnswer, plainAnswer, valuesOf } from './plain-answer.ts';
import { syntheticRows } from './synthetic-rows.ts';
import { TRIAL_TOKEN, type TrialGate, trialGate } from './trial-gate.ts';
import { trialVault } from './trial-vault.ts';
import { wantedValues } from './wanted-values.ts';

const ROWS = 240;
const SUBJECTS = 60;

export interface ToolTest {
  readonly bundle: ToolBundle;
  readonly policy: PolicyInForce;
  /** Of the bundle's table. */
  readonly schema: Schema;
  /** As rules of the policy would meet it. */
  readonly principal: Principal;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with queries done and in all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Others than the product's are for tests that show what each is for. */
  readonly steps?: Steps | undefined;
}

/**
 * Try every query of a bundle before it is certified: on rows made for it, which are nobody's, in a vault in memory,
 * through all of the gate's steps, under the policy in force.
 * @throws ABORTED, and what ingesting the rows throws; what is wrong with the tool is in the report
 */
export async function testTool(test: ToolTest): Promise<ToolReport> {
  const { bundle, policy, signal } = test;
  const schema = trialSchema(test.schema);
  const queries = await Promise.all(bundle.queries.map((query) => planned(query, schema)));
  const plans = queries.flatMap(({ cases }) => cases.map(({ plan }) => plan));
  const rows = syntheticRows(schema, {
    rows: ROWS,
    subjects: SUBJECTS,
    seed: bundleHash(bundle),
    wanted: wantedValues(plans, schema),
  });
  const values = await valuesOf(schema, rows);
  const { subject } = schema;
  await using vault = await trialVault();
  await ingestRows(vault.host, schemaToJson(schema), rows, signal === undefined ? {} : { signal });
  const trial = trialGate({
    bundle,
    policy,
    tables: gateTables(vault.host),
    principal: test.principal,
    subjects: subject === undefined ? [] : [...new Set(rows.map((row) => String(row[subject])))],
    now: test.now,
    steps: test.steps,
  });
  const checks = [
    againstPurpose(test, schema),
    againstLimits(test),
    await strangers(trial, bundle),
  ];
  for (const [i, one] of queries.entries()) {
    if (signal?.aborted === true) throw new OpalineError('ABORTED', {});
    checks.push(...(await checkQuery(test, one, trial, schema, values)));
    test.onProgress?.(i + 1, queries.length);
  }
  return {
    version: 1,
    tool: bundle.name,
    release: bundle.release,
    bundle: bundleHash(bundle),
    policy: toHex(policy.digest),
    schema: toHex(sha256(utf8(canonical(schemaToJson(test.schema))))),
    rows: rows.length,
    checks,
  };
}

/** Sums under the trial's own key: those who hold shares of the vault's are not asked. */
function trialSchema(schema: Schema): Schema {
  const { custody: _, ...json } = schemaToJson(schema) as Record<string, unknown>;
  return parseSchema({ ...json, verified: true });
}

interface PlannedQuery {
  readonly query: ToolQuery;
  readonly cases: readonly { readonly parameters: readonly Parameter[]; readonly plan: Plan }[];
  /** Why some case cannot be planned. */
  readonly refused: string | undefined;
}

async function planned(query: ToolQuery, schema: Schema): Promise<PlannedQuery> {
  const cases: { parameters: readonly Parameter[]; plan: Plan }[] = [];
  const catalog = { schemas: new Map([[schema.table, schema]]) };
  for (const parameters of allowedCases(query.parameters)) {
    try {
      cases.push({ parameters, plan: await planQuery(query.sql, parameters, catalog) });
    } catch (error) {
      return { query, cases, refused: refusal(error) };
    }
  }
  return { query, cases, refused: undefined };
}

/** Of plans and synthetic rows: nothing in it is anybody's. */
function refusal(error: unknown): string {
  if (isOpalineError(error, 'ABORTED')) throw error;
  return isOpalineError(error) ? `${error.code}: ${error.message}` : 'it broke off';
}

function againstPurpose({ bundle, policy }: ToolTest, schema: Schema): ToolCheck {
  const { purposes } = policy.document;
  const purpose = Object.hasOwn(purposes, bundle.purpose) ? purposes[bundle.purpose] : undefined;
  if (purpose === undefined) return check('purpose', null, [`no purpose "${bundle.purpose}"`]);
  const { table } = purpose;
  const wrong = table === bundle.table && table === schema.table ? [] : [`it is of "${table}"`];
  return check('purpose', null, wrong, `"${bundle.purpose}", of "${table}"`);
}

function againstLimits({ bundle, policy }: ToolTest): ToolCheck {
  const { cells } = bundle.limits;
  const derived = policy.document.purposes[bundle.purpose]?.derived ?? cells;
  const most = Math.min(cells.limit, derived.limit);
  const wrong = bundle.queries
    .filter(({ output }) => mostCellsOf(output) > most)
    .map(({ name, output }) => `"${name}" may answer ${mostCellsOf(output)} cells, of ${most}`);
  return check('limits', null, wrong, `at most ${most} cells a call`);
}

/** Another query than the tool's, near as it may be. */
async function strangers(
  { gate, wasSuspended }: TrialGate,
  bundle: ToolBundle,
): Promise<ToolCheck> {
  const [{ sql, parameters }] = bundle.queries as readonly [ToolQuery];
  const [good] = allowedCases(parameters);
  const ask = { token: TRIAL_TOKEN, purpose: bundle.purpose, parameters: good! };
  const all = [
    { ...ask, sql: `${sql} ` },
    { ...ask, sql: `SELECT COUNT(*) FROM ${bundle.table}` },
    { ...ask, sql, purpose: `${bundle.purpose}-` },
  ].filter(
    (one) => !bundle.queries.some((own) => own.sql === one.sql && one.purpose === bundle.purpose),
  );
  let passed = 0;
  for (const one of all) if (!(await isRefused(gate, one)) || !wasSuspended()) passed++;
  const wrong = passed === 0 ? [] : [`${passed} of ${all.length} were not`];
  return check('strangers', null, wrong, `${all.length} were`);
}

async function isRefused(
  gate: TrialGate['gate'],
  ask: Parameters<TrialGate['gate']['answer']>[0],
): Promise<boolean> {
  try {
    await gate.answer(ask);
    return false;
  } catch (error) {
    if (isOpalineError(error, 'ABORTED')) throw error;
    // What is refused for another reason than that it is not the tool's got further than it should.
    return isOpalineError(error, 'DENIED');
  }
}

async function checkQuery(
  test: ToolTest,
  { query, cases, refused }: PlannedQuery,
  trial: TrialGate,
  schema: Schema,
  values: readonly Value[][],
): Promise<readonly ToolCheck[]> {
  const { bundle, policy } = test;
  const purpose = policy.document.purposes[bundle.purpose];
  const fields = [...new Set(cases.flatMap(({ plan }) => fieldsOf(plan)))].sort();
  const beyond = fields.filter((field) => purpose?.fields.includes(field) !== true);
  const plans = check(
    'plans',
    query.name,
    refused === undefined ? [] : [refused],
    `with ${cases.length} sets of parameters`,
  );
  const operations = [...new Set(cases.flatMap(({ plan }) => operationsOf(plan)))];
  const found = [
    plans,
    check(
      'fields',
      query.name,
      beyond.map((field) => `"${field}"`),
      fields.join(', '),
    ),
    check(
      'rules',
      query.name,
      againstRules(test, query, operations, fields),
      operations.join(', '),
    ),
  ];
  // What may not be asked at all is not asked.
  if (found.some(({ status }) => status === 'failed')) return found;
  const wrong = new Set<string>();
  for (const { parameters, plan } of cases) {
    const problem = await answered(test, query, parameters, trial, () =>
      plainAnswer(plan, schema, values),
    );
    if (problem !== undefined) wrong.add(problem);
  }
  const bad = refusedCases(query.parameters);
  let passed = 0;
  for (const parameters of bad) {
    const ask = { token: TRIAL_TOKEN, purpose: bundle.purpose, sql: query.sql, parameters };
    if (!(await isRefused(trial.gate, ask)) || !trial.wasSuspended()) passed++;
  }
  return [
    ...found,
    check('answers', query.name, [...wrong], `${cases.length} times`),
    check(
      'refusals',
      query.name,
      passed === 0 ? [] : [`${passed} of ${bad.length} were not`],
      `${bad.length} were`,
    ),
  ];
}

function againstRules(
  { bundle, policy, principal, now }: ToolTest,
  { output }: ToolQuery,
  operations: readonly ReturnType<typeof operationsOf>[number][],
  fields: readonly string[],
): readonly string[] {
  const request = {
    principal,
    purpose: bundle.purpose,
    table: bundle.table,
    fields,
    cells: mostCellsOf(output),
  };
  const assessment = { current: true, until: now + 1 } as const;
  const facts = { now, queries: [], cells: [], attestations: [], officers: [], assessment };
  const reasons = operations.flatMap((operation) => {
    const verdict = decide(policy.document, { ...request, operation }, facts);
    return verdict.allowed ? [] : verdict.reasons;
  });
  // Fields and cells have checks of their own.
  const own = reasons.filter(({ kind }) => kind !== 'not-necessary' && kind !== 'derived');
  return [...new Set(own.map(reasonText))];
}

/** What is wrong with an answer of the gate; undefined: nothing. */
async function answered(
  { bundle }: ToolTest,
  { sql }: ToolQuery,
  parameters: readonly Parameter[],
  { gate }: TrialGate,
  plain: () => ReturnType<typeof plainAnswer>,
): Promise<string | undefined> {
  const ask = { token: TRIAL_TOKEN, purpose: bundle.purpose, sql, parameters };
  try {
    const { result } = await gate.answer(ask);
    return isSameAnswer(result, plain()) ? undefined : 'another answer than in clear';
  } catch (error) {
    return refusal(error);
  }
}

function check(
  id: ToolCheckId,
  query: string | null,
  wrong: readonly string[],
  otherwise = '',
): ToolCheck {
  return wrong.length === 0
    ? { id, query, status: 'passed', found: otherwise }
    : { id, query, status: 'failed', found: wrong.join('; ') };
}
