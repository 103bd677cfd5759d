import { open, readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type FrameType, FRAME_BYTES } from '../../../../bytes/framing.ts';
import { OpalineError } from '../../../../errors/opaline-error.ts';
import { type Outcome, passed, unless } from '../../../../policy/assessment/checks.ts';
import { partsOf } from '../../../../table/manifest.ts';
import { furtherIndexes } from '../../../../table/search-index.ts';
import { scoredColumns } from '../../../../table/schema.ts';
import type { OpenTable } from '../../../../gate/open-table.ts';
import { checkTables } from '../../../check.ts';
import type { Check, Checked } from './check.ts';

const isRemote = (address: string): boolean => /^https?:\/\//i.test(address);

/** What doctor finds; advice is no problem. */
export const storeWhole: Check = async ({ inside, tables, deep, signal }) => {
  const options = { deep, ...(signal === undefined ? {} : { signal }) };
  const findings = await checkTables(inside.folder, inside.link, tables, options);
  const wrong = findings
    .filter(({ level }) => level === 'problem')
    .map(({ table, text }) => (table === undefined ? text : `${table}: ${text}`));
  return unless(
    wrong,
    `${tables.length} tables, their parts ${deep ? 'present and undamaged' : 'present'}`,
  );
};

/** Files of a vault, by the tags in their frames (bytes/framing.ts). */
const OF_VAULTS: readonly FrameType[] = ['VALT', 'WRAP', 'HEAD', 'BKUP', 'GOVN', 'RLSE', 'LDGR'];
const MAGIC = 'OPAL';

/**
 * Of a folder: neither lies in the other, and no file of the store begins as a vault's do. Of a store on another
 * machine: what it says that it keeps for the vault is what signed manifests name; its other files are out of reach.
 */
export const keysApart: Check = async (checked) => {
  const { inside, signal } = checked;
  const { address } = inside.link;
  if (isRemote(address)) return await onlyNamedParts(checked);
  const vault = await realpath(inside.folder.path);
  const store = await realpath(address);
  if (isWithin(vault, store)) return unless(['the vault lies in the store’s folder'], '');
  if (isWithin(store, vault)) return unless(['the store’s folder lies in the vault'], '');
  const found: string[] = [];
  let files = 0;
  for (const entry of await readdir(store, { recursive: true, withFileTypes: true })) {
    if (signal?.aborted === true) throw new OpalineError('ABORTED', {});
    if (!entry.isFile()) continue;
    files++;
    const path = join(entry.parentPath, entry.name);
    const type = await typeOf(path);
    if (OF_VAULTS.some((one) => one === type)) found.push(`${relative(store, path)} is of a vault`);
  }
  return unless(found, `none of ${files} files is of a vault`);
};

async function onlyNamedParts({ inside, tables }: Checked): Promise<Outcome> {
  const strange: string[] = [];
  let parts = 0;
  for (const { id, schema, manifest } of tables) {
    const named = new Set([...partsOf(manifest)].map((part) => part.id));
    const stored = await inside.link.parts(id);
    parts += stored.length;
    const others = stored.filter((part) => !named.has(part.id)).length;
    if (others > 0) strange.push(`${schema.table}: ${others} parts that no manifest names`);
  }
  return unless(
    strange,
    `all ${parts} parts are named by signed manifests; other files of that machine cannot be looked at from here`,
  );
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

/** The four letters in a frame of ours; '' for another file. */
async function typeOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(FRAME_BYTES), 0, FRAME_BYTES, 0);
    if (bytesRead < FRAME_BYTES) return '';
    const text = String.fromCharCode(...buffer.subarray(0, 8));
    return text.startsWith(MAGIC) ? text.slice(MAGIC.length) : '';
  } finally {
    await file.close();
  }
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

export const storeTransport: Check = async ({ inside }) => {
  const { address } = inside.link;
  if (!isRemote(address)) return passed('the store is a folder of this machine');
  const { protocol, hostname, origin } = new URL(address);
  if (protocol === 'https:') return passed(`${origin} is asked through TLS`);
  if (LOOPBACK.test(hostname)) return passed(`${origin} is this machine`);
  return unless([`${origin} is asked in clear`], '');
};

/**
 * What of indexes the signed and sealed metadata of every segment says is there, against what the schema declares: an
 * index that nobody declared would show what the data map does not say.
 */
export const indexesDeclared: Check = async ({ tables }) => {
  const wrong: string[] = [];
  let segments = 0;
  for (const table of tables) {
    segments += table.manifest.segments.length;
    for (const text of await undeclared(table)) wrong.push(`${table.schema.table}: ${text}`);
  }
  return unless([...new Set(wrong)], `${segments} segments of ${tables.length} tables`);
};

async function undeclared(table: OpenTable): Promise<string[]> {
  const { columns } = table.schema;
  const declared = columns.flatMap((column, i) =>
    furtherIndexes(column).map(({ index }) => `${i}/${index}`),
  );
  const scored = scoredColumns(table.schema);
  const found: string[] = [];
  for (const segment of table.manifest.segments) {
    const { rungs = [], reals = [], columns: metas } = await table.meta(segment);
    if (rungs.length !== segment.rungs.length) found.push('a segment has indexes of no column');
    const present = rungs.map(({ column, index }) => `${column}/${index}`);
    for (const one of difference(present, declared)) found.push(`${name(one)} is not declared`);
    for (const one of difference(declared, present)) found.push(`${name(one)} is missing`);
    for (const [i, { equality, range, parts }] of metas.entries()) {
      const lists = columns[i]!.search.some(({ index }) => index === 'sse');
      if (!lists && (equality || range || parts)) {
        found.push(`${columns[i]!.name} has lists (sse) that are not declared`);
      }
    }
    for (const { column } of reals) {
      if (!scored.includes(column)) found.push(`${columns[column]!.name} can be scored by`);
    }
  }
  return found;

  function name(one: string): string {
    const [column = '', index = ''] = one.split('/');
    return `the index ${index} of ${columns[Number(column)]?.name ?? 'no column'}`;
  }
}

const difference = (some: readonly string[], others: readonly string[]): string[] =>
  some.filter((one) => !others.includes(one));
