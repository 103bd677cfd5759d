import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditLog, type LogEntry } from '../../../../src/audit/file/audit-log.ts';
import {
  SubjectRoll,
  subjectsForm,
  type SubjectsValue,
} from '../../../../src/client/governance/incident/subject-roll.ts';
import { SealedJson } from '../../../../src/client/governance/sealed-json.ts';
import { ENTRY, type OpenedEntry, scopeOfIncident } from '../../../../src/policy/incident/scope.ts';
import { LogFiles, LogFolders, ORIGIN, SECRETS, verify } from '../../../support/audit-logs.ts';

const folders = new LogFolders();
const place = mkdtempSync(join(tmpdir(), 'opaline-roll-'));
afterAll(() => {
  folders[Symbol.dispose]();
  rmSync(place, { recursive: true, force: true });
});

const KEY = new Uint8Array(32).fill(6);
const path = folders.next();
let log: AuditLog;
beforeAll(async () => {
  log = await AuditLog.create(path, ORIGIN, SECRETS);
});

const file = (name: string): SealedJson<SubjectsValue> =>
  new SealedJson(place, name, KEY, subjectsForm);
const append = (entries: readonly LogEntry[]) => log.append(entries);

/** The names that a set of the log stands for. */
async function namesOf(entry: number): Promise<readonly string[]> {
  const entries: OpenedEntry[] = [];
  await verify(LogFiles.of(path), {
    onEntry: (index, { kind, time }, details) => {
      if (index > entry) return;
      const contents = details.map(
        (one): unknown =>
          one.kind === 'open' && JSON.parse(new TextDecoder().decode(one.detail.content)),
      );
      entries.push({ index, kind, time, contents });
    },
  });
  const said = { principal: 'ana', purpose: 'p', table: 't', epoch: 1, operations: [], fields: [] };
  const intent = { ...said, cells: 1, subjects: { entry, count: 0 } };
  entries.push({ index: entry + 1, kind: ENTRY.intent, time: 0, contents: [intent] });
  const all = { since: null, until: null, principals: [], purposes: [] };
  return scopeOfIncident(entries, all).subjects.map(({ name }) => name);
}

test('more subjects than an entry holds are numbered over several, once', async () => {
  const roll = new SubjectRoll(file('a'), KEY, append);
  const names = Array.from({ length: 250 }, (_, i) => `s${i}`).sort();
  const { entry, count } = await roll.record('t', new Set(names), 1);
  expect(count).toBe(250);
  expect(await namesOf(entry)).toEqual(names);
  const size = log.head.size;
  expect(await roll.record('t', new Set(names), 2)).toEqual({ entry, count });
  // Another process knows the numbers, and not that the set is logged.
  const other = new SubjectRoll(file('a'), KEY, append);
  const some = await other.record('t', new Set(['s7', 's249']), 3);
  expect(log.head.size).toBe(size + 1);
  expect(await namesOf(some.entry)).toEqual(['s249', 's7']);
  const more = await roll.record('t', new Set(['s1', 'new']), 4);
  expect(log.head.size).toBe(size + 3);
  expect(await namesOf(more.entry)).toEqual(['new', 's1']);
});

test('numbers that were logged, and whose writer died, are nobody’s', async () => {
  const dying = new SubjectRoll(file('b'), KEY, async (entries) => {
    await append(entries);
    throw new Error('killed');
  });
  await expect(dying.record('t', new Set(['ann', 'bob']), 1)).rejects.toThrow('killed');
  const roll = new SubjectRoll(file('b'), KEY, append);
  const { entry } = await roll.record('t', new Set(['cid', 'dee', 'eve']), 2);
  expect(await namesOf(entry)).toEqual(['cid', 'dee', 'eve']);
  const both = await roll.record('t', new Set(['ann', 'cid']), 3);
  expect(await namesOf(both.entry)).toEqual(['ann', 'cid']);
  expect(await namesOf(entry)).toEqual(['cid', 'dee', 'eve']);
});

test('the empty set is one too, and a name in it is in no file', async () => {
  const roll = new SubjectRoll(file('c'), KEY, append);
  const none = await roll.record('t', new Set(), 1);
  expect(await namesOf(none.entry)).toEqual([]);
  await roll.record('t', new Set(['ann']), 2);
  const { tags } = await file('c').read();
  expect(tags).toHaveLength(1);
  expect(tags[0]).toMatch(/^[0-9a-f]{32}$/);
});
