import type { PolicyDocument } from '../document.ts';
import type { Context } from './context.ts';
import { type DataMap, EXPOSURES, exposureOf, isPersonal, isSensitive } from './data-map.ts';
import { officerDue, thresholds } from './thresholds.ts';

/** What a check is told by: the vault and its store, what schema and policy say, or what somebody declared. */
export type Basis = 'run' | 'derived' | 'declared';

/** Of checks that take the open vault and its store. */
export type RunCheckId =
  | 'vault-opens'
  | 'vault-private'
  | 'store-whole'
  | 'keys-apart'
  | 'store-transport'
  | 'indexes-declared'
  | 'parameters-secure'
  | 'log-verifies'
  | 'backup-restores'
  | 'consent-ledger';

/** Of checks of what schema, policy and declarations say. */
export type FactCheckId =
  | 'columns-classified'
  | 'sensitive-hidden'
  | 'purposes-fit'
  | 'fields-needed'
  | 'consent-applicable'
  | 'cohort-floor'
  | 'processors-qualified'
  | 'officer-appointed';

export type CheckId = RunCheckId | FactCheckId;

export const CHECKS: Readonly<Record<CheckId, readonly [Basis, string]>> = {
  'vault-opens': ['run', 'The key file opens, the pins are authentic, and every table has its key'],
  'vault-private': ['run', 'Nobody but their owner may read the vault’s files'],
  'store-whole': [
    'run',
    'The store holds all that the signed manifests name, at the pinned epochs',
  ],
  'keys-apart': ['run', 'No file of the vault, and no backup of one, lies in the store'],
  'store-transport': [
    'run',
    'What goes to the store goes through TLS, or does not leave the machine',
  ],
  'indexes-declared': [
    'run',
    'Each segment has the indexes that its schema declares, and no other',
  ],
  'parameters-secure': [
    'run',
    'The parameters in use reach 128-bit security (HE standard, classical)',
  ],
  'log-verifies': [
    'run',
    'The audit log is whole and continues the head that the vault has pinned',
  ],
  'backup-restores': ['run', 'A backup restores, and opens every table as it is now'],
  'consent-ledger': ['run', 'The ledger of consents opens and is authentic'],
  'columns-classified': ['derived', 'Every column’s category is stated'],
  'sensitive-hidden': [
    'derived',
    'No sensitive column has an index that shows order or equality at rest',
  ],
  'purposes-fit': ['derived', 'Every purpose’s table and fields exist'],
  'fields-needed': ['derived', 'Every column that was collected is needed by a purpose'],
  'consent-applicable': [
    'derived',
    'Purposes that need consent are of tables that say whose each row is',
  ],
  'cohort-floor': ['derived', 'Released figures are of 10 people or more'],
  'processors-qualified': [
    'declared',
    'Processors have a legal basis, a certificate, and are not past their time',
  ],
  'officer-appointed': [
    'declared',
    'Somebody answers for personal information; where due, a body too',
  ],
};

/** not-run: it could not be, which is no pass. */
export type Outcome = { readonly status: 'passed' | 'failed' | 'not-run'; readonly found: string };

export interface CheckResult {
  readonly id: CheckId;
  readonly title: string;
  readonly basis: Basis;
  readonly status: Outcome['status'];
  /** In a sentence; no value of any row, no secret. */
  readonly found: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Number of its entry in the audit log; null: not logged. */
  readonly entry: number | null;
}

export function checkResult(id: CheckId, outcome: Outcome, time: number): CheckResult {
  const [basis, title] = CHECKS[id];
  return { id, title, basis, status: outcome.status, found: outcome.found, time, entry: null };
}

export const passed = (found: string): Outcome => ({ status: 'passed', found });
export const failed = (found: string): Outcome => ({ status: 'failed', found });
export const notRun = (found: string): Outcome => ({ status: 'not-run', found });

/** Passed unless something is in the list, which is then told. */
export function unless(wrong: readonly string[], otherwise: string): Outcome {
  if (wrong.length === 0) return passed(otherwise);
  const told = wrong.slice(0, MOST_TOLD);
  const more = wrong.length - told.length;
  return failed(`${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`);
}

const MOST_TOLD = 10;

/** What the checks that need no vault are decided by. */
export interface Facts {
  readonly map: DataMap;
  readonly context: Context;
  /** The policy in force; undefined: none. */
  readonly policy: PolicyDocument | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const NO_POLICY = notRun('the vault has no policy');

/** The checks of what schema, policy and declarations say. */
export const FACT_CHECKS: Readonly<Record<FactCheckId, (facts: Facts) => Outcome>> = {
  'columns-classified': ({ map }) =>
    unless(
      columnsOf(map).flatMap(({ name, column }) => (column.class === 'unstated' ? [name] : [])),
      'all columns are',
    ),
  'sensitive-hidden': ({ map }) => {
    const sensitive = columnsOf(map).filter(({ column }) => isSensitive(column));
    if (sensitive.length === 0) return passed('no column is stated to be sensitive');
    const shown = sensitive.filter(({ column }) => exposureOf(column) === EXPOSURES.at(-1));
    return unless(
      shown.map(
        ({ name, column }) => `${name} (${column.indexes.map(({ index }) => index).join(', ')})`,
      ),
      `none of ${sensitive.length} sensitive columns has`,
    );
  },
  'purposes-fit': ({ map, policy }) => {
    if (policy === undefined) return NO_POLICY;
    const wrong = Object.entries(policy.purposes).flatMap(([purpose, { table, fields }]) => {
      const found = map.tables.find((one) => one.table === table);
      if (found === undefined) return [`${purpose}: no table ${table}`];
      const names = new Set(found.columns.map(({ name }) => name));
      return fields.filter((one) => !names.has(one)).map((one) => `${purpose}: no column ${one}`);
    });
    return unless(wrong, `${Object.keys(policy.purposes).length} purposes fit`);
  },
  'fields-needed': ({ map, policy }) => {
    if (policy === undefined) return NO_POLICY;
    const unneeded = map.tables.flatMap((table) =>
      table.columns
        .filter(({ name, derived, purposes, ...column }) => {
          return (
            derived.length === 0 &&
            purposes.length === 0 &&
            name !== table.subject &&
            isPersonal(column)
          );
        })
        .map(({ name }) => `${table.table}.${name}`),
    );
    return unless(unneeded, 'every column is');
  },
  'consent-applicable': ({ map, policy }) => {
    if (policy === undefined) return NO_POLICY;
    const wrong = Object.entries(policy.purposes).flatMap(([purpose, { table, consent }]) => {
      if (consent === null) return [];
      const found = map.tables.find((one) => one.table === table);
      return found?.subject === null ? [`${purpose}: ${table} has no subject`] : [];
    });
    const asking = Object.values(policy.purposes).filter(({ consent }) => consent !== null);
    return unless(wrong, `of ${asking.length} purposes that need consent`);
  },
  'cohort-floor': ({ policy }) => {
    if (policy === undefined) return NO_POLICY;
    const found = `the floor is ${policy.cohort}`;
    return policy.cohort >= LEAST_COHORT ? passed(found) : failed(found);
  },
  'processors-qualified': ({ map, context, now }) => {
    if (context.processors.length === 0) {
      return map.store === LOCAL_STORE
        ? passed('none is declared, and the store is a local folder')
        : failed('none is declared, and the store is on another machine');
    }
    const findings = context.processors.flatMap(({ name, certificate, expires }) => {
      if (certificate === null) return [`${name}: no certificate`];
      return Date.parse(expires) > now ? [] : [`${name}: expired on ${expires}`];
    });
    return unless(findings, `${context.processors.length} are`);
  },
  'officer-appointed': ({ map, context }) => {
    const due = officerDue(thresholds(map, context));
    const missing = [
      ...(context.officer === null ? ['no officer is named'] : []),
      ...(due === 'yes' && context.department === null
        ? ['a body for the protection of personal information is due and none is named']
        : []),
    ];
    return unless(
      missing,
      due === 'unknown' ? 'named; whether a body is due is not known' : 'named',
    );
  },
};

/** `DataMap.store` of a store that is a folder of this machine. */
export const LOCAL_STORE = 'local folder';

/** Fewest people of a released figure, as gates have it by default. */
export const LEAST_COHORT = 10;

/** Of facts alone, in the order of `CHECKS`. */
export function factResults(facts: Facts): readonly CheckResult[] {
  return Object.entries(FACT_CHECKS).map(([id, check]) =>
    checkResult(id as FactCheckId, check(facts), facts.now),
  );
}

function columnsOf(map: DataMap): {
  readonly name: string;
  readonly column: DataMap['tables'][number]['columns'][number];
}[] {
  return map.tables.flatMap(({ table, columns }) =>
    columns.map((column) => ({ name: `${table}.${column.name}`, column })),
  );
}
