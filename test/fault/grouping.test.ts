import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/bytes/hash.ts';
import { parseManifest } from '../../src/table/manifest.ts';
import type { FetchRequest, StoreLink } from '../../src/store/link.ts';
import { decodeRowsReply, encodeRowsReply } from '../../src/plan/fragment-codec.ts';
import { decodeFetch, encodeFetch } from '../../src/store/protocol.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

/** A store that lies about what the vault groups by itself, and inputs that private groups cannot hold. */
const MANY = 'SELECT g, COUNT(*), SUM(x) FROM t GROUP BY g';

let temp: TempVault;
let link: StoreLink;
/** What becomes of the reply to a fetch. */
let disturb: (request: FetchRequest, reply: readonly Uint8Array[]) => readonly Uint8Array[];
/** What becomes of the reply to a fragment. */
let disturbRows: (reply: Uint8Array) => Uint8Array = (reply) => reply;
beforeAll(async () => {
  const undisturbed: typeof disturb = (_, reply) => reply;
  disturb = undisturbed;
  temp = await tempVault('memory', (inner) => {
    link = new Proxy(inner, {
      get: (target, property, receiver) => {
        const member: unknown = Reflect.get(target, property, receiver);
        if (typeof member !== 'function') return member;
        if (property === 'aggregate') {
          return async (fragment: Uint8Array) => disturbRows(await target.aggregate(fragment));
        }
        if (property !== 'fetch')
          return (...args: unknown[]) => Reflect.apply(member, target, args);
        return async (request: FetchRequest) => disturb(request, await target.fetch(request));
      },
    });
    return link;
  });
  const columns = { g: { type: 'integer' }, x: { type: 'integer', nullable: true } };
  const rows = Array.from({ length: 600 }, (_, i) => ({ g: i % 300, x: i % 4 === 0 ? null : i }));
  await temp.vault.ingest({ version: 1, table: 't', columns }, rows);
});
afterAll(() => temp[Symbol.asyncDispose]());

describe('a column sent to the vault', () => {
  it('is what was uploaded, to the byte', async () => {
    const [table] = await link.tables();
    const manifest = parseManifest((await link.head(table!))!);
    const [segment] = manifest.segments;
    const parts = [...segment!.columns, segment!.index, segment!.records];
    for (const { id, bytes, digest } of parts) {
      const [part] = await link.fetch({ table: table!, part: id, asUploaded: true });
      expect(part!.length).toBe(bytes);
      expect(sha256(part!)).toEqual(digest);
    }
  });

  it('is refused when a bit of it is another, or it is cut short', async () => {
    const { rows } = await temp.vault.query(MANY);
    expect(rows).toHaveLength(300);
    const changes: ((bytes: Uint8Array) => Uint8Array)[] = [
      (bytes) => bytes.with(80, bytes[80]! ^ 1) as Uint8Array,
      (bytes) => bytes.with(bytes.length - 1, bytes.at(-1)! ^ 0x40) as Uint8Array,
      (bytes) => bytes.slice(0, -1),
      () => new Uint8Array(0),
    ];
    for (const change of changes) {
      disturb = ({ asUploaded }, reply) => (asUploaded === true ? reply.map(change) : reply);
      await expect(temp.vault.query(MANY)).rejects.toMatchObject({ code: 'PART_CORRUPT' });
    }
    disturb = ({ asUploaded }, reply) => (asUploaded === true ? [] : reply);
    await expect(temp.vault.query(MANY)).rejects.toMatchObject({ code: 'PART_MISSING' });
    // Sealed sections, of which the row codes are the only ones that are fetched again.
    disturb = ({ rows: of }, reply) =>
      of === undefined ? reply : reply.map((bytes) => bytes.with(40, bytes[40]! ^ 1) as Uint8Array);
    await expect(temp.vault.query(MANY)).rejects.toMatchObject({ code: 'PART_CORRUPT' });
    disturb = (_, reply) => reply;
    expect((await temp.vault.query(MANY)).rows).toEqual(rows);
  });

  it('of which an erased row is listed is refused', async () => {
    const schema = { version: 1, table: 'worn', columns: { g: { type: 'integer' } } };
    const rows = Array.from({ length: 300 }, (_, i) => ({ g: i }));
    const { vault } = temp;
    await vault.ingest(schema, rows);
    await vault.delete('DELETE FROM worn WHERE g = 3', [], { erase: true });
    const sql = 'SELECT g, COUNT(*) FROM worn WHERE g >= 0 GROUP BY g';
    expect((await vault.query(sql)).rows).toHaveLength(299);
    disturbRows = (reply) =>
      encodeRowsReply({
        segments: decodeRowsReply(reply).segments.map(({ segment }) => {
          return { segment, rows: Uint32Array.from({ length: 300 }, (_, row) => row) };
        }),
      });
    await expect(vault.query(sql)).rejects.toMatchObject({ code: 'PART_CORRUPT' });
    disturbRows = (reply) => reply;
  });

  it('is asked for in a request of its own kind', () => {
    const [table, part] = ['ab'.repeat(16), 'cd'.repeat(16)];
    for (const request of [
      { table, part },
      { table, part, asUploaded: true },
      { table, part, rows: Uint32Array.of(1, 2) },
    ]) {
      expect(decodeFetch(encodeFetch(request))).toEqual(request);
    }
    const unknown = encodeFetch({ table, part });
    unknown[unknown.length - 1] = 3;
    expect(() => decodeFetch(unknown)).toThrow(/unknown form/);
  });
});

describe('private groups', () => {
  const schema = {
    version: 1,
    table: 'few',
    columns: { g: { type: 'integer', nullable: true }, x: { type: 'integer' } },
    groupBy: { g: 'oblivious' },
  };
  const rows = (from: number, to: number): object[] =>
    Array.from({ length: to - from }, (_, i) => ({ g: from + i, x: i }));
  const refused = { code: 'SCHEMA_INVALID', details: { path: 'groupBy.g' } };

  it('are at most 64 and NULL, whatever is appended, so that all can be merged', async () => {
    const { vault } = temp;
    const many = vault.ingest(schema, rows(0, 65));
    await expect(many).rejects.toMatchObject(refused);
    await vault.ingest(schema, [...rows(0, 50), { g: null, x: 1 }]);
    await vault.ingest(schema, rows(40, 60), { append: true });
    await expect(vault.ingest(schema, rows(58, 65), { append: true })).rejects.toMatchObject(
      refused,
    );
    await vault.ingest(schema, rows(58, 64), { append: true });
    await vault.compact('few');
    const { rows: groups } = await vault.query('SELECT g, COUNT(*) FROM few GROUP BY g');
    expect(groups).toHaveLength(65);
  });

  it('are refused rather than shown: another product, two private columns', async () => {
    const { vault } = temp;
    const two = { ...schema, table: 'two', groupBy: { g: 'oblivious', x: 'oblivious' } };
    await vault.ingest(two, rows(0, 5));
    const missing = { code: 'CAPABILITY_MISSING' };
    const both = vault.query('SELECT COUNT(*) FROM two GROUP BY g, x');
    await expect(both).rejects.toMatchObject(missing);
    const variance = vault.query('SELECT g, VAR_POP(x) FROM few GROUP BY g');
    await expect(variance).rejects.toMatchObject(missing);
    await expect(variance).rejects.toThrow('"groupBy": {"g":{"oblivious":[["x","x"]]}}');
    await expect(vault.explain('SELECT g, VAR_POP(x) FROM few GROUP BY g')).rejects.toMatchObject(
      missing,
    );
  });

  it('of a table are not appended to with another grouping or layout', async () => {
    const mismatch = { code: 'SCHEMA_MISMATCH' };
    for (const other of [{ groupBy: {} }, { layout: { clustered: 'x' } }]) {
      const append = temp.vault.ingest({ ...schema, ...other }, rows(0, 2), { append: true });
      await expect(append).rejects.toMatchObject(mismatch);
    }
  });
});
