import type { CheckId } from './checks.ts';
import { LOCAL_STORE } from './checks.ts';
import {
  type DataMap,
  type Exposure,
  EXPOSURES,
  exposureOf,
  isPersonal,
  isSensitive,
  type MappedColumn,
} from './data-map.ts';
import { type Level, raised } from './scale.ts';
import { SENSITIVE_PEOPLE } from './thresholds.ts';

/** Something that lowers a risk, as far as its checks show that it is there. */
export interface Measure {
  readonly id: string;
  readonly text: string;
  /** All of them must have passed; one that was not run shows nothing. */
  readonly checks: readonly [CheckId, ...CheckId[]];
  readonly lowers: 'likelihood' | 'impact';
  readonly by: 1 | 2;
  /** What to do where it is not effective. */
  readonly remedy: string;
}

/** A risk to people whose information is held, before any measure. */
export interface RiskKind {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Where it is asked for to be looked at. */
  readonly references: readonly string[];
  readonly likelihood: (map: DataMap) => Level;
  readonly impact: (map: DataMap) => Level;
  readonly measures: readonly Measure[];
  /** What remains to be decided by people when every measure holds. */
  readonly beyond: string;
}

/** What it would mean to people that all of the data is known: by what is declared of it, and of how many. */
export function impactOf(map: DataMap): Level {
  const columns = allColumns(map);
  const base: Level = columns.some(isSensitive) ? 3 : columns.some(isPersonal) ? 2 : 1;
  return base > 1 && map.subjects.atMost > SENSITIVE_PEOPLE ? raised(base, 1) : base;
}

const allColumns = (map: DataMap): readonly MappedColumn[] =>
  map.tables.flatMap(({ columns }) => columns);
const isRemote = ({ store }: DataMap): boolean => store !== LOCAL_STORE;

/** By the most exposed index, of sensitive columns a level more. */
function inferenceLikelihood(map: DataMap): Level {
  const level: Readonly<Record<Exposure, Level>> = { hidden: 1, padded: 2, queries: 3, rest: 4 };
  const columns = allColumns(map);
  const most = (some: readonly MappedColumn[]): number =>
    Math.max(0, ...some.map((column) => EXPOSURES.indexOf(exposureOf(column))));
  const all = level[EXPOSURES[most(columns)]!];
  const sensitive = most(columns.filter(isSensitive));
  return sensitive > EXPOSURES.indexOf('hidden') ? raised(all, 1) : all;
}

export const RISKS: readonly RiskKind[] = [
  {
    id: 'store-reads',
    title: 'Whoever holds the store reads it',
    text: 'An operator, an intruder or a thief of the store’s disks reads people’s values out of it.',
    references: ['GB/T 35273 6.3', 'GDPR art. 32', 'ISO/IEC 27701 6.7.1'],
    likelihood: (map) => (isRemote(map) ? 4 : 3),
    impact: impactOf,
    measures: [
      {
        id: 'encrypted',
        text: 'The store holds ciphertexts alone, under parameters of 128 bits or more, and no key.',
        checks: ['parameters-secure', 'keys-apart'],
        lowers: 'likelihood',
        by: 2,
        remedy:
          'remove keys and backups from the store, and parts that no manifest names (opaline doctor --repair); rotate what lay there (opaline rotate)',
      },
    ],
    beyond: 'none: what indexes show is a risk of its own',
  },
  {
    id: 'inference',
    title: 'Values are inferred from what indexes show',
    text: 'Whoever watches the store infers values from which rows answer, how many, and in which order.',
    references: ['GB/T 35273 6.2', 'GDPR art. 32', 'ISO/IEC 27701 7.4.4'],
    likelihood: inferenceLikelihood,
    impact: impactOf,
    measures: [
      {
        id: 'leakage-declared',
        text: 'Every index is one that the schema declares, so its leakage is the one in the data map.',
        checks: ['indexes-declared'],
        lowers: 'likelihood',
        by: 1,
        remedy: 'finish the change of indexes (opaline reindex), then look at opaline attack',
      },
      {
        id: 'sensitive-hidden',
        text: 'Sensitive columns, all stated, have no index that shows order or equality at rest.',
        checks: ['sensitive-hidden', 'columns-classified'],
        lowers: 'likelihood',
        by: 1,
        remedy:
          'state each column’s "category"; search sensitive columns by "pir", "oblivious" or "sse-padded" (opaline reindex)',
      },
    ],
    beyond: 'measure it with opaline attack; search less by columns of few values',
  },
  {
    id: 'keys-taken',
    title: 'The vault’s keys are taken',
    text: 'Somebody copies the vault’s folder or a backup, and guesses or learns the passphrase.',
    references: ['GB/T 35273 7.1', 'GDPR art. 32', 'ISO/IEC 27701 6.7.1'],
    likelihood: () => 3,
    impact: impactOf,
    measures: [
      {
        id: 'keys-private',
        text: 'The vault’s files are sealed, readable by their owner alone, and nowhere in the store.',
        checks: ['vault-opens', 'vault-private', 'keys-apart'],
        lowers: 'likelihood',
        by: 2,
        remedy: 'take others’ permissions away (chmod -R go= VAULT); change the passphrase',
      },
    ],
    beyond: 'divide the keys among custodians',
  },
  {
    id: 'keys-lost',
    title: 'The vault’s keys are lost',
    text: 'People’s data can no longer be read, corrected, handed out or shown to be erased.',
    references: ['GB/T 35273 8.1', 'GDPR art. 32(1)(c)', 'ISO/IEC 27701 6.9.3'],
    likelihood: () => 3,
    impact: (map) => (impactOf(map) > 1 ? 2 : 1),
    measures: [
      {
        id: 'backup',
        text: 'A backup of the keys restores and opens every table as it is now.',
        checks: ['backup-restores'],
        lowers: 'likelihood',
        by: 2,
        remedy:
          'make a backup (opaline backup) after each new table, erasure and rotation; pass --backup',
      },
    ],
    beyond: 'keep the backup on another site',
  },
  {
    id: 'store-alters',
    title: 'The store alters, drops or rolls back data',
    text: 'Decisions about people rest on data that was changed, or on a state that was erased.',
    references: ['GDPR art. 5(1)(f)', 'ISO/IEC 27701 7.4.3'],
    likelihood: (map) => (isRemote(map) ? 3 : 2),
    impact: impactOf,
    measures: [
      {
        id: 'manifests-pinned',
        text: 'Signed manifests name every part by digest; epochs are pinned in the vault.',
        checks: ['store-whole', 'vault-opens'],
        lowers: 'likelihood',
        by: 1,
        remedy: 'find what is lost or old (opaline doctor --deep) and restore the store',
      },
    ],
    beyond: 'verify sums before they are released to others',
  },
  {
    id: 'interception',
    title: 'Somebody listens between vault and store',
    text: 'Access patterns and the store’s token are seen on the way.',
    references: ['GB/T 35273 6.3', 'GDPR art. 32', 'ISO/IEC 27701 6.10.2'],
    likelihood: (map) => (isRemote(map) ? 3 : 1),
    impact: (map) => (impactOf(map) > 1 ? 2 : 1),
    measures: [
      {
        id: 'transport',
        text: 'The way to the store is TLS, or inside the machine.',
        checks: ['store-transport'],
        lowers: 'likelihood',
        by: 2,
        remedy: 'put the store behind HTTPS and use its https:// address',
      },
    ],
    beyond: 'none',
  },
  {
    id: 'beyond-purpose',
    title: 'Data is used beyond its purpose or without consent',
    text: 'Somebody asks for what no stated purpose needs, or of people who did not agree.',
    references: ['GB/T 35273 7.3', 'GDPR art. 5(1)(b), 6', 'ISO/IEC 27701 7.2.1–7.2.4'],
    likelihood: () => 3,
    impact: impactOf,
    measures: [
      {
        id: 'purposes',
        text: 'A signed policy names purposes with their necessary fields, and fits the tables.',
        checks: ['purposes-fit'],
        lowers: 'likelihood',
        by: 1,
        remedy: 'begin or correct the policy (opaline policy)',
      },
      {
        id: 'consent',
        text: 'Consent is kept in a ledger, and can be applied to rows: their subject is known.',
        checks: ['consent-applicable', 'consent-ledger'],
        lowers: 'likelihood',
        by: 1,
        remedy: 'declare "subject" in the schema of every table that is used by consent',
      },
    ],
    beyond: 'look at who asked for what (opaline audit report)',
  },
  {
    id: 'over-collection',
    title: 'More is collected than purposes need',
    text: 'Columns are kept that nothing needs, or whose kind nobody has stated.',
    references: ['GB/T 35273 5.2', 'GDPR art. 5(1)(c)', 'ISO/IEC 27701 7.4.1'],
    likelihood: () => 3,
    impact: impactOf,
    measures: [
      {
        id: 'necessity',
        text: 'Every column that was collected is needed by a purpose, and its category is stated.',
        checks: ['fields-needed', 'columns-classified'],
        lowers: 'likelihood',
        by: 2,
        remedy: 'leave out columns that no purpose needs; state each column’s "category"',
      },
    ],
    beyond: 'erase what has served its purpose (opaline delete --erase)',
  },
  {
    id: 're-identification',
    title: 'A person is told apart in released figures',
    text: 'An answer, or the difference of several, is about one person or a few.',
    references: ['GB/T 35273 6.2', 'GDPR art. 25', 'ISO/IEC 27701 7.4.4'],
    likelihood: () => 3,
    impact: impactOf,
    measures: [
      {
        id: 'cohort',
        text: 'The policy’s floor on the people behind a figure is 10 or more.',
        checks: ['cohort-floor'],
        lowers: 'likelihood',
        by: 1,
        remedy: 'begin a policy with a cohort of 10 or more (opaline policy)',
      },
    ],
    beyond: 'release with differential privacy where figures are published',
  },
  {
    id: 'processor',
    title: 'A processor is not qualified',
    text: 'Who runs the store or works on the data has no legal basis, or no shown competence.',
    references: ['GB/T 35273 9.1', 'GDPR art. 28, 44–49', 'ISO/IEC 27701 7.2.6'],
    likelihood: (map) => (isRemote(map) ? 3 : 2),
    impact: impactOf,
    measures: [
      {
        id: 'qualified',
        text: 'Every processor’s legal basis, region, certificate and expiry are recorded and current.',
        checks: ['processors-qualified'],
        lowers: 'likelihood',
        by: 1,
        remedy:
          'record the processors (--context), renew or replace those that are past their time',
      },
    ],
    beyond: 'audit the processor',
  },
  {
    id: 'untraceable',
    title: 'Misuse leaves no trace',
    text: 'What was released, to whom and on whose consent cannot be shown afterwards.',
    references: ['GB/T 35273 11.7', 'GDPR art. 5(2), 30', 'ISO/IEC 27701 7.2.8'],
    likelihood: () => 3,
    impact: (map) => (impactOf(map) > 1 ? 2 : 1),
    measures: [
      {
        id: 'log',
        text: 'A tamper-evident log verifies, and its newest head is pinned in the vault.',
        checks: ['log-verifies'],
        lowers: 'likelihood',
        by: 2,
        remedy:
          'begin a policy, which begins the log; restore an altered log and find who altered it',
      },
    ],
    beyond: 'have witnesses cosign its checkpoints',
  },
  {
    id: 'nobody-answers',
    title: 'Nobody answers for personal information',
    text: 'Requests, incidents and this plan have no person who must act on them.',
    references: ['GB/T 35273 11.1', 'GDPR art. 37–39', 'ISO/IEC 27701 6.3.1'],
    likelihood: () => 3,
    impact: (map) => (impactOf(map) > 1 ? 2 : 1),
    measures: [
      {
        id: 'officer',
        text: 'An officer is named and, where the thresholds ask for it, a body.',
        checks: ['officer-appointed'],
        lowers: 'likelihood',
        by: 2,
        remedy: 'name an officer and, where due, a body (--context)',
      },
    ],
    beyond: 'none',
  },
];
