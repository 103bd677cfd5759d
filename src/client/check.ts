import { isOpalineError } from '../errors/opaline-error.ts';
import { fetchPart } from '../gate/fetch-part.ts';
import type { OpenTable } from '../gate/open-table.ts';
import { realParameters } from '../params/presets.ts';
import type { StoreLink } from '../store/link.ts';
import type { Fragment } from '../plan/fragment.ts';
import { encodeFragment } from '../plan/fragment-codec.ts';
import { DELTA_ROWS, type PartEntry, partsOf, type SegmentEntry } from '../table/manifest.ts';
import { isOld } from '../table/rotation.ts';
import type { CheckOptions, Finding } from './api.ts';
import { checkAbort } from './ingest/reading.ts';
import type { OpenFolder } from './local/vault-host.ts';
import { segmentsToCompact, segmentsWithoutProducts } from './write/compact.ts';

/**
 * Whether the store still holds what the manifests name, whether the vault can open it, and what could
 * be tidied. The manifests are verified and no older than the pins: loading them saw to that.
 *
 * With `repair`, parts that no manifest names are removed: the leavings of writers that died. Only for
 * who holds the vault's lock, since a living writer's parts look the same.
 */
export async function checkTables(
  folder: OpenFolder,
  link: StoreLink,
  tables: readonly OpenTable[],
  options: CheckOptions,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [{ level: 'ok', text: 'the key file opens; the pins are intact' }];
  for (const table of tables) {
    findings.push(...(await checkTable(link, table, options)));
    findings.push(...(await abandoned(link, table.id, table, options)));
  }
  const known = new Set(tables.map(({ id }) => id));
  for (const id of folder.wraps.tables()) {
    if (!known.has(id)) findings.push(...(await abandoned(link, id, undefined, options)));
  }
  return findings;
}

async function checkTable(
  link: StoreLink,
  table: OpenTable,
  options: CheckOptions,
): Promise<Finding[]> {
  const name = table.schema.table;
  const problems: Finding[] = [];
  const problem = (text: string): void => {
    problems.push({ level: 'problem', table: name, text });
  };
  if (table.roots === undefined) {
    problem(
      'the vault lacks the key of this table: it comes from a backup made before an erasure or rotation',
    );
  }
  const stored = new Set((await link.parts(table.id)).map(({ id }) => id));
  const parts = [...partsOf(table.manifest)];
  for (const { id } of parts) if (!stored.has(id)) problem(`the store has lost part ${id}`);
  if (options.deep === true && problems.length === 0) {
    for (const text of await damagedParts(link, table, options)) problem(text);
  }
  if (problems.length > 0) return problems;
  const rows = `${table.rows} rows, epoch ${table.manifest.epoch}`;
  const how = options.deep === true ? 'present and undamaged' : 'present';
  return [
    { level: 'ok', table: name, text: `${rows}: all ${parts.length} parts are ${how}` },
    ...(await advice(table)),
  ];
}

async function advice(table: OpenTable): Promise<Finding[]> {
  const { segments, delta } = table.manifest;
  const deleted = segments.reduce((sum, entry) => sum + (entry.deleted?.rows ?? 0), 0);
  const pending = delta.reduce((sum, { rows }) => sum + rows, 0);
  const small = (await segmentsToCompact(table)).length;
  const lacking = (await segmentsWithoutProducts(table)).length;
  const findings: Finding[] = [];
  const advise = (text: string): void => {
    findings.push({ level: 'advice', table: table.schema.table, text });
  };
  const begun = table.pending;
  if (begun !== undefined) {
    const left = segments.filter((entry) => isOld(entry, begun)).length;
    advise(
      `${begun.keys ? 'a rotation of its keys' : 'a change of its indexes'} is unfinished, ` +
        `${left} of ${segments.length} segments are left: run opaline ` +
        (begun.keys ? 'rotate' : 'reindex'),
    );
  }
  if (lacking > 0) {
    advise(
      `${lacking} segments lack products of columns that are stored by now: run opaline compact`,
    );
  }
  if (deleted > 0 || pending > DELTA_ROWS / 2 || small >= 8) {
    advise(
      `${deleted} deleted rows, ${pending} rows of small appends and ${small} segments ` +
        'that could be merged: run opaline compact',
    );
  }
  return findings;
}

/** Whole parts against their signed digests; ciphertext columns by having the store sum them. */
async function damagedParts(
  link: StoreLink,
  table: OpenTable,
  { signal, onProgress }: CheckOptions,
): Promise<string[]> {
  const call = signal === undefined ? {} : { signal };
  const checks: (() => Promise<unknown>)[] = [];
  const whole = (part: PartEntry): void => {
    checks.push(() => fetchPart(link, table.id, part, call));
  };
  for (const entry of table.manifest.segments) {
    [entry.index, entry.records, entry.metadata].forEach(whole);
    if (entry.deleted !== undefined) whole(entry.deleted.part);
    for (const { parts, state } of entry.rungs) [...parts, state].forEach(whole);
    for (let first = 0; first < entry.columns.length; first += COLUMNS_AT_ONCE) {
      checks.push(async () =>
        link.aggregate(encodeFragment(await columnSums(table, entry, first)), call),
      );
    }
    checks.push(async () => {
      const scores = await columnScores(table, entry);
      if (scores !== undefined) await link.aggregate(encodeFragment(scores), call);
    });
  }
  for (const { records } of table.manifest.delta) whole(records);
  // By part: an index is met twice, for itself and by the sums over its segment.
  const damaged = new Map<unknown, string>();
  for (const [i, check] of checks.entries()) {
    checkAbort(signal);
    try {
      await check();
    } catch (error) {
      if (!isOpalineError(error, 'PART_CORRUPT') && !isOpalineError(error, 'PART_MISSING')) {
        throw error;
      }
      const { part } = error.details;
      if (!damaged.has(part)) damaged.set(part, error.message);
    }
    onProgress?.(i + 1, checks.length);
  }
  return [...damaged.values()];
}

/** Ciphertext columns that one check sums: private groups may have thousands. */
const COLUMNS_AT_ONCE = 256;

/**
 * Makes the store load ciphertext columns of a segment from `first` on: the answer is not looked at.
 * Throws what opening its metadata does.
 */
async function columnSums(table: OpenTable, entry: SegmentEntry, first: number): Promise<Fragment> {
  const { factors, reals = [] } = await table.meta(entry);
  const scored = new Set(reals.map((real) => real.first));
  const numbers = Array.from(entry.columns.keys()).slice(first, first + COLUMNS_AT_ONCE);
  const columns = numbers.filter((column) => !scored.has(column));
  const linear = table.schema.custody === undefined ? 'sum' : 'divided';
  const multiplied = new Set(
    factors.flatMap((factor) => Array.from({ length: factor.limbs }, (_, i) => factor.first + i)),
  );
  return {
    version: 1,
    table: table.id,
    epoch: table.manifest.epoch,
    work: {
      kind: 'aggregate',
      counts: 0,
      tallies: 0,
      maxGroups: 1,
      outputs: columns.map((column) => ({
        kind: multiplied.has(column) ? 'product' : linear,
        limbs: 1,
      })),
    },
    segments: [
      {
        segment: entry.id,
        nodes: [{ kind: 'all' }],
        filter: 0,
        groups: [],
        counts: [],
        sums: columns.map((column, output) => {
          const times = multiplied.has(column) ? { times: column } : {};
          return { output, column, ...times, over: -1 };
        }),
        tallies: [],
        members: [],
      },
    ],
  };
}

/** Makes it load those that rows are scored by, for one row's sake. Undefined: there are none. */
async function columnScores(table: OpenTable, entry: SegmentEntry): Promise<Fragment | undefined> {
  const { reals = [] } = await table.meta(entry);
  const row = (await table.deletedRows(entry)).not().toArray()[0];
  if (reals.length === 0 || row === undefined) return undefined;
  const { dataPrimes } = realParameters();
  return {
    version: 1,
    table: table.id,
    epoch: table.manifest.epoch,
    work: { kind: 'scores', degree: 1, limbs: 1 },
    segments: [
      {
        segment: entry.id,
        nodes: [{ kind: 'rows', rows: Uint32Array.of(row) }],
        filter: 0,
        groups: [],
        counts: [],
        sums: [],
        tallies: [],
        members: [],
        scores: {
          columns: reals.map((real) => real.first),
          constants: new Uint32Array(reals.length * dataPrimes.length).fill(1),
        },
      },
    ],
  };
}

/** Parts under a table's id that its manifest does not name. */
async function abandoned(
  link: StoreLink,
  id: string,
  table: OpenTable | undefined,
  options: CheckOptions,
): Promise<Finding[]> {
  const named = new Set(table && [...partsOf(table.manifest)].map((part) => part.id));
  const left = (await link.parts(id)).filter((part) => !named.has(part.id));
  if (left.length === 0) {
    // The store also forgets what it had not finished writing.
    if (options.repair === true) await link.remove(id, []);
    return [];
  }
  const bytes = left.reduce((sum, part) => sum + part.bytes, 0);
  const place = table === undefined ? {} : { table: table.schema.table };
  const what = `${left.length} parts (${bytes} bytes) of writes that did not finish`;
  if (options.repair !== true) {
    const text = `the store keeps ${what}: run opaline doctor --repair`;
    return [{ level: 'advice', ...place, text }];
  }
  await link.remove(
    id,
    left.map((part) => part.id),
  );
  return [{ level: 'ok', ...place, text: `removed ${what}` }];
}
