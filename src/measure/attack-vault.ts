import { openVaultThrough } from '../client/open-vault.ts';
import type { OpenOptions, Vault } from '../client/api.ts';
import { decodeFragment } from '../plan/fragment-codec.ts';
import type { StoreLink } from '../store/link.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { Column, Schema } from '../table/schema.ts';
import type { Rung } from '../table/search-index.ts';
import { answering } from '../table/search-answers.ts';
import { Asker } from './asking.ts';
import { attackClasses, classQueries } from './attack-classes.ts';
import { attackRanges, byValue, RANGE_DOMAIN, rangeQueries, runsOf } from './attack-ranges.ts';
import { attackSpace, type Protocol, spaceQueries, type SpaceReport } from './attack-space.ts';
import { CONTESTS, type KeywordAttack } from './keyword-attacks.ts';
import {
  askedOf,
  chosenTable,
  columnKeywords,
  type Keyword,
  type KeywordSpace,
  spacesOf,
} from './keyword-space.ts';
import { type AttackName, DOCUMENT_ATTACKS, LADDER } from './ladder.ts';
import { type RecordedCall, RecordingLink } from './recording-link.ts';
import type { AttackReport } from './report.ts';
import { StoreView } from './store-view.ts';

export interface AttackOptions extends Protocol {
  /** May be left out where the vault has one table. */
  readonly table?: string | undefined;
  /** Default: all that are searched. */
  readonly column?: string | undefined;
  /** Only columns whose equality, or MATCH, this rung answers. */
  readonly index?: Rung | undefined;
  /** Default: those that measure the rung (ladder.ts). */
  readonly attack?: AttackName | undefined;
  readonly signal?: AbortSignal;
  /** Queries asked, and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** An index with what is to be asked of it. */
interface Target {
  readonly column: Column | null;
  readonly rung: Rung;
  readonly space: KeywordSpace;
  readonly attacks: readonly AttackName[];
}

/**
 * Attacks the indexes of the owner's own table as they are built: asks queries drawn from the columns' own values, or the
 * words of their documents, through a link that records, and gives the published attack that measures each column's rung what the store saw, with the
 * knowledge that is stated beside. The owner's plaintext says what was right.
 * @throws UNKNOWN_TABLE, UNKNOWN_COLUMN, USAGE, and what opening a vault throws
 */
export async function attackVault(
  path: string,
  open: OpenOptions,
  options: AttackOptions,
): Promise<readonly AttackReport[]> {
  let link: RecordingLink | undefined;
  let inner: StoreLink | undefined;
  await using vault = await openVaultThrough(path, open, (store) => {
    inner = store;
    return (link = new RecordingLink(store));
  });
  return await attackTable(vault, link!, inner!, options);
}

/**
 * The same on an opened vault.
 * @param link that the vault's calls pass through
 * @param store the link below it, by which the attacker reads files
 */
export async function attackTable(
  vault: Vault,
  link: RecordingLink,
  store: StoreLink,
  options: AttackOptions,
): Promise<readonly AttackReport[]> {
  const { table, schema } = await chosenTable(vault, options.table);
  const targets = await targetsOf(vault, schema, options);
  if (targets.length === 0) {
    throw new OpalineError('USAGE', {
      reason: 'no column has an index that these attacks measure',
    });
  }
  const total = targets.reduce((sum, target) => sum + queriesOf(target, options), 0);
  let done = 0;
  const asker = new Asker(
    vault,
    link,
    // The queries for the columns' values named the table, as they do to the store.
    await StoreView.of(store, tableOf(link.take())),
    table,
    options.signal,
    () => options.onProgress?.(++done, total),
  );
  const reports: AttackReport[] = [];
  for (const target of targets) {
    const { column, rung, space } = target;
    for (const report of await attackTarget(asker, target, options)) {
      const ranges = report.attack === 'range';
      const keywords = ranges
        ? Math.min(RANGE_DOMAIN, space.keywords.length)
        : space.keywords.length;
      reports.push({
        table,
        column: column?.name ?? null,
        index: rung,
        space: ranges ? null : space.name,
        keywords,
        ...report,
      });
    }
  }
  return reports;
}

function tableOf(calls: readonly RecordedCall[]): string {
  const [call] = calls;
  if (call === undefined) throw new OpalineError('USAGE', { reason: 'the table has no rows' });
  return call.kind === 'aggregate' ? decodeFragment(call.fragment).table : call.request.table;
}

/** The query spaces of each searched column, then, of columns whose rung shows shared rows, that of all together. */
async function targetsOf(
  vault: Vault,
  schema: Schema,
  options: AttackOptions,
): Promise<readonly Target[]> {
  const { signal, attack } = options;
  const targets: Target[] = [];
  const together = new Map<Rung, Keyword[][]>();
  for (const column of chosenColumns(schema, options)) {
    const rung = answering(column, askedOf(column))?.index;
    if (rung === undefined || (options.index !== undefined && options.index !== rung)) continue;
    const keywords = await columnKeywords(vault, schema.table, column, signal);
    if (sharedBy(column, rung, attack).length > 0) {
      together.set(rung, [...(together.get(rung) ?? []), [...keywords]]);
    }
    for (const space of spacesOf(keywords)) {
      const attacks = attacksOn(column, rung, attack);
      const possible = attacks.filter((one) => isPossible(one, column, space));
      if (possible.length > 0) targets.push({ column, rung, space, attacks: possible });
    }
  }
  for (const [rung, columns] of together) {
    if (columns.length < 2) continue;
    const keywords = columns.flat().toSorted((a, b) => b.rows - a.rows);
    const attacks = only(LADDER[rung].together, attack);
    for (const space of spacesOf(keywords)) targets.push({ column: null, rung, space, attacks });
  }
  return targets;
}

const only = (attacks: readonly AttackName[], attack: AttackName | undefined): AttackName[] =>
  attacks.filter((one) => attack === undefined || one === attack);

/** The attacks on one column. One that is asked for by name is run on any index. */
function attacksOn(
  column: Column,
  rung: Rung,
  attack: AttackName | undefined,
): readonly AttackName[] {
  const { attacks, together, documents } = LADDER[rung];
  if (askedOf(column) === 'match') {
    return attack === undefined ? documents : only(DOCUMENT_ATTACKS, attack);
  }
  if (attack === undefined) return attacks;
  return together.includes(attack) ? only(attacks, attack) : [attack];
}

/** The attacks on one column and others together. Words of documents share rows within their column. */
function sharedBy(
  column: Column,
  rung: Rung,
  attack: AttackName | undefined,
): readonly AttackName[] {
  return askedOf(column) === 'match' ? [] : only(LADDER[rung].together, attack);
}

/** @throws UNKNOWN_COLUMN */
function chosenColumns({ table, columns }: Schema, { column }: AttackOptions): readonly Column[] {
  if (column === undefined) return columns;
  const found = columns.filter(({ name }) => name === column);
  if (found.length > 0) return found;
  const known = columns.map(({ name }) => name);
  throw new OpalineError('UNKNOWN_COLUMN', { column, table, known });
}

/** Fewer values than this leave ranges nothing to tell apart. */
const LEAST_DOMAIN = 4;

function isPossible(attack: AttackName, column: Column, { name, keywords }: KeywordSpace): boolean {
  if (keywords.length === 0) return false;
  switch (attack) {
    case 'range': {
      const ordered = column.type !== 'text' && column.type !== 'boolean';
      const whole = name !== 'rare' && keywords.length >= LEAST_DOMAIN;
      return ordered && whole && answering(column, 'range') !== undefined;
    }
    case 'distinguisher':
      return keywords.length >= 2;
    default:
      return true;
  }
}

const isKeywordAttack = (attack: AttackName): attack is KeywordAttack => attack in CONTESTS;

function queriesOf({ space, attacks }: Target, protocol: Protocol): number {
  const keyword = attacks.filter(isKeywordAttack);
  return (
    (keyword.length > 0 ? spaceQueries(space, keyword, protocol) : 0) +
    (attacks.includes('range') ? rangeQueries(space.keywords.length, protocol) : 0) +
    (attacks.includes('distinguisher') ? classQueries(protocol) : 0)
  );
}

async function attackTarget(
  asker: Asker,
  { column, rung, space, attacks }: Target,
  protocol: Protocol,
): Promise<readonly SpaceReport[]> {
  const shown = LADDER[rung];
  const keyword = attacks.filter(isKeywordAttack);
  const reports: SpaceReport[] = [];
  if (keyword.length > 0) {
    reports.push(...(await attackSpace(asker, space, shown, keyword, protocol)));
  }
  if (attacks.includes('range') && column !== null) {
    const values = space.keywords.map(({ value }) => value).toSorted(byValue);
    reports.push(await attackRanges(asker, column.name, runsOf(values), protocol));
  }
  if (attacks.includes('distinguisher')) {
    reports.push(await attackClasses(asker, space, shown.volume, protocol));
  }
  return reports;
}
