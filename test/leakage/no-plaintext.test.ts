import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFolder } from '../../src/client/local/vault-folder.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { HttpLink } from '../../src/store/backends/http/link.ts';
import { createFileStore } from '../../src/store/backends/file.ts';
import {
  filesOf,
  findCanaries,
  numberCanary,
  textCanary,
  type Haystack,
} from '../support/canaries.ts';
import { startCluster } from '../support/cluster.ts';
import { startProxy } from '../support/proxy.ts';
import { recordLink } from '../support/recording-link.ts';
import { describeWithRedis, dumpRedis } from '../support/redis.ts';
import { startService } from '../support/service.ts';
import { opaline, type Run } from '../unit/cli/run.ts';

const canaries = {
  table: textCanary('table name', `canary_tbl_${Date.now()}`),
  column: textCanary('column name', `canary_col_${Date.now()}`),
  passphrase: textCanary('passphrase'),
  text: textCanary('text cell'),
  document: textCanary('document cell', `canary document ${'long words '.repeat(12)}`),
  absent: textCanary('search term that no row has'),
  keyword: textCanary('keyword of MATCH', `keyword${Date.now()}`),
  integer: numberCanary('integer cell'),
  decimal: numberCanary('decimal cell'),
  real: numberCanary('real cell'),
  bound: numberCanary('bound of a range'),
};
const all = Object.values(canaries);

const column = canaries.column.text;
const schema = {
  version: 1,
  table: canaries.table.text,
  columns: {
    id: { type: 'integer' },
    [column]: { type: 'text', nullable: true, search: { index: 'sse', prefix: 16, ngram: 3 } },
    body: { type: 'document', nullable: true },
    big: { type: 'integer' },
    price: { type: 'decimal', scale: 3 },
    weight: { type: 'real' },
  },
};
const rows = Array.from({ length: 3000 }, (_, i) => ({
  id: i,
  [column]: i % 3 === 0 ? canaries.text.text : `other ${i % 50}`,
  body: canaries.document.text,
  big: i % 5 === 0 ? canaries.integer.value : BigInt(i),
  price: i % 5 === 1 ? `${canaries.decimal.value}.125` : `${i}.5`,
  weight: i % 5 === 2 ? Number(canaries.real.value) : i / 3,
}));

/** By parts of values: prefixes, texts in the middle, keywords. */
async function askParts(vault: LocalVault): Promise<void> {
  const t = `"${canaries.table.text}"`;
  const c = `"${column}"`;
  const { text, absent, keyword } = canaries;
  const count = async (where: string, value: string): Promise<unknown> =>
    (await vault.query(`SELECT COUNT(*) FROM ${t} WHERE ${where}`, [value])).rows[0]![0];
  expect(await count(`${c} LIKE $1`, `${text.text.slice(0, 12)}%`)).toBe('1034');
  expect(await count(`${c} NOT LIKE $1`, `%${text.text.slice(3)}%`)).toBe('2066');
  expect(await count(`${c} LIKE $1`, `%${absent.text}%`)).toBe('0');
  expect(await count('MATCH(body, $1)', `canary AND NOT ${keyword.text}`)).toBe('3100');
  await vault.explain(`SELECT COUNT(*) FROM ${t} WHERE MATCH(body, '${keyword.text} words')`);
}

/** Extremes, quantiles, histograms, distinct values and leading groups, whose answers hold canaries. */
async function askOrder(vault: LocalVault): Promise<void> {
  const t = `"${canaries.table.text}"`;
  const c = `"${column}"`;
  const { integer, text, bound } = canaries;
  const { rows: extremes } = await vault.query(
    `SELECT MIN(${c}), MAX(big), MAX(price), MAX(weight), MEDIAN(id) FROM ${t}
     WHERE big <> ${bound.value} AND id < 2500`,
  );
  expect(extremes[0]!.slice(0, 2)).toEqual([text.text, String(integer.value)]);
  const { rows: groups } = await vault.query(
    `SELECT ${c}, SUM(big), MAX(big), MEDIAN(weight), COUNT(DISTINCT price), HISTOGRAM(big, 3)
     FROM ${t} GROUP BY ${c} HAVING MAX(id) >= 0 ORDER BY COUNT(*) DESC LIMIT 2`,
  );
  expect(groups[0]![0]).toBe(text.text);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'opaline-canary-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('no plaintext reaches the store', () => {
  it('neither in files and their names, nor across the link, nor in errors', async () => {
    const opened = await createFolder(join(folder, 'vault'), 'store', canaries.passphrase.text);
    const { link, seen } = recordLink(
      new EmbeddedLink(await createFileStore(join(folder, 'store'))),
    );
    await using vault = new LocalVault(opened, link, 0);
    await vault.ingest(schema, rows);
    await vault.ingest(schema, rows.slice(0, 100), { append: true });
    const t = `"${canaries.table.text}"`;
    const c = `"${column}"`;
    const n = await vault.query(
      `SELECT ${c}, COUNT(*), SUM(big), AVG(price) FROM ${t} WHERE big > 5 GROUP BY ${c}`,
    );
    expect(n.rows.length).toBeGreaterThan(10);
    await askOrder(vault);
    await askParts(vault);
    const { integer, text, absent, bound } = canaries;
    const found = await vault.query(`SELECT * FROM ${t} WHERE ${c} = $1 AND big = $2`, [
      text.text,
      integer.value,
    ]);
    expect(found.rows.length).toBeGreaterThan(0);
    expect(
      (await vault.query(`SELECT COUNT(*) FROM ${t} WHERE ${c} = $1`, [absent.text])).rows,
    ).toEqual([['0']]);
    await vault.query(`SELECT COUNT(*) FROM ${t} WHERE big < ${bound.value} AND weight > 1.5`);
    await vault.explain(`SELECT SUM(big) FROM ${t} WHERE big < ${bound.value}`);

    const errors: Haystack[] = [];
    const fail = async (name: string, run: Promise<unknown>): Promise<void> => {
      const error = await run.then(
        () => expect.unreachable(name),
        (e: unknown) => e as Error & { details: unknown; hint: string },
      );
      const content = `${error.message} ${error.hint} ${JSON.stringify(error.details)}`;
      errors.push({ name, bytes: Buffer.from(content) });
    };
    await fail('syntax', vault.query(`SELECT 'x${text.text}`));
    await fail('type', vault.query(`SELECT COUNT(*) FROM ${t} WHERE big = '${text.text}'`));
    await fail(
      'operator',
      vault.query(`SELECT COUNT(*) FROM ${t} WHERE ${c} ILIKE '%${text.text}%'`),
    );
    await fail(
      'expression',
      vault.query(`SELECT COUNT(*) FROM ${t} WHERE MATCH(body, '${canaries.keyword.text} AND (')`),
    );
    await fail(
      'cell',
      vault.ingest({ ...schema, table: 'other' }, [{ ...rows[0], big: text.text }]),
    );
    await fail(
      'range',
      vault.ingest(
        {
          ...schema,
          table: 'other',
          columns: { ...schema.columns, big: { type: 'integer', range: ['0', '5'] } },
        },
        [rows[0]!],
      ),
    );

    const values = all.filter((canary) => canary !== canaries.table && canary !== canaries.column);
    expect(seen.length).toBeGreaterThan(50);
    expect(findCanaries(filesOf(folder), all)).toEqual([]);
    expect(findCanaries(seen, all)).toEqual([]);
    // Errors go to the owner: they may name the table and column, and no value.
    expect(findCanaries(errors, values)).toEqual([]);
  });

  it('nor in what the command line prints beside the answer', async () => {
    const csv = join(folder, 'people.csv');
    writeFileSync(csv, `id,name\n1,${canaries.text.text}\n2,bob\n`);
    const env = { OPALINE_PASSPHRASE: canaries.passphrase.text };
    const vault = join(folder, 'cli-vault');
    const found = 'SELECT COUNT(*) FROM people WHERE name = $1';
    const commands = [
      ['init', vault, '--store', join(folder, 'cli-store')],
      ['ingest', vault, csv],
      ['tables', vault],
      ['query', vault, found, '--param', canaries.text.text],
      ['explain', vault, found, '--param', canaries.text.text],
      ['query', vault, `SELECT SUM(name) FROM people WHERE name = '${canaries.text.text}'`],
    ];
    const outputs: Run[] = [];
    for (const command of commands) outputs.push(await opaline(command, { env }));
    expect(outputs.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 1]);
    const printed = outputs.map(({ stdout, stderr }, i) => ({
      name: `command ${i}`,
      bytes: Buffer.from(stdout + stderr),
    }));
    expect(findCanaries(printed, [canaries.text, canaries.passphrase])).toEqual([]);
    expect(findCanaries(filesOf(join(folder, 'cli-store')), all)).toEqual([]);
    expect(findCanaries(filesOf(join(folder, 'cli-vault')), all)).toEqual([]);
  }, 60_000);

  it('and the same search finds every canary in a plaintext store', () => {
    const store = join(folder, 'plain');
    const database = new DatabaseSync(`${store}.sqlite`);
    const { table, text, document, integer, decimal, real } = canaries;
    database.exec(
      `CREATE TABLE ${table.text} (${column} TEXT, body TEXT, big INTEGER, price TEXT, weight REAL)`,
    );
    database
      .prepare(`INSERT INTO ${table.text} VALUES (?, ?, ?, ?, ?)`)
      .run(text.text, document.text, integer.value, String(decimal.value), Number(real.value));
    database.close();
    const dump = Buffer.from(
      all
        .flatMap(({ forms }) => forms.map(({ bytes }) => bytes))
        .reduce((a, b) => Buffer.concat([a, b])),
    );
    const haystacks = filesOf(folder).filter(({ name }) => name.startsWith('plain'));
    const found = findCanaries(haystacks, all).join('\n');
    for (const canary of [table, text, document, integer, decimal, real]) {
      expect(found).toContain(canary.what);
    }
    for (const bytes of [
      gzipSync(dump),
      zstdCompressSync(dump),
      Buffer.concat([Buffer.from('header'), gzipSync(dump)]),
    ]) {
      const inside = findCanaries([{ name: 'dump', bytes }], all);
      expect(new Set(inside.map((line) => line.split(' as ')[0]))).toEqual(
        new Set(all.map(({ what }) => what)),
      );
    }
  });
});

describeWithRedis('nor in what crosses HTTP, nor in the queue of a cluster', () => {
  it('during and after queries', async () => {
    await using cluster = await startCluster(2);
    // The queue, again and again while queries run.
    const redis = cluster.redis.connect();
    const held: Haystack[] = [];
    // And every command, as text: jobs may come and go between two looks.
    const commands: string[] = [];
    using _monitor = await cluster.redis.monitor((args) => {
      const isScript = /^(eval|script)$/i.test(args[0] ?? '');
      // Of a script that is sent whole, what it is given.
      commands.push((isScript ? args.slice(2) : args).join(' '));
    });
    const seenInQueue = new Set<string>();
    const look = async (): Promise<void> => {
      for (const found of await dumpRedis(redis)) {
        const key = `${found.name} ${Buffer.from(found.bytes).toString('base64')}`;
        if (seenInQueue.has(key)) continue;
        seenInQueue.add(key);
        held.push(found);
      }
    };
    await using service = await startService({
      folder: cluster.folder,
      link: await cluster.link(),
    });
    const storeToken = await service.tokens.add('owner', ['read', 'write'], null);
    await using proxy = await startProxy(() => service.address);
    const opened = await createFolder(
      join(folder, 'remote-vault'),
      proxy.address,
      canaries.passphrase.text,
      storeToken,
    );
    await using vault = new LocalVault(opened, new HttpLink(proxy.address, storeToken), 0);
    await vault.ingest(schema, rows);
    await vault.ingest(schema, [...rows, ...rows].slice(0, 4500), { append: true });

    const t = `"${canaries.table.text}"`;
    const c = `"${column}"`;
    const { integer, text, absent, bound } = canaries;
    const over = new AbortController();
    const watching = (async () => {
      while (!over.signal.aborted) await look();
    })();
    const grouped = await vault.query(
      `SELECT ${c}, COUNT(*), SUM(big) FROM ${t} WHERE big > 5 GROUP BY ${c}`,
    );
    expect(grouped.rows.length).toBeGreaterThan(10);
    await askOrder(vault);
    const found = await vault.query(`SELECT * FROM ${t} WHERE ${c} = $1 AND big = $2`, [
      text.text,
      integer.value,
    ]);
    expect(found.rows.length).toBeGreaterThan(0);
    await vault.query(`SELECT COUNT(*) FROM ${t} WHERE ${c} = $1`, [absent.text]);
    await vault.query(`SELECT COUNT(*) FROM ${t} WHERE big < ${bound.value}`);
    over.abort();
    await watching;
    await look();

    const crossed = proxy.seen.flatMap(
      ({ method, path, request, response, headers }): Haystack[] => [
        { name: `${method} ${path}`, bytes: Buffer.from(`${path}\n${headers}`) },
        { name: `${method} ${path} request`, bytes: request },
        { name: `${method} ${path} response`, bytes: response },
      ],
    );
    expect(crossed.length).toBeGreaterThan(60);
    expect(findCanaries(crossed, all)).toEqual([]);
    expect(findCanaries(filesOf(cluster.folder), all)).toEqual([]);

    // What the queue held: jobs were seen in it, and they name blobs, nothing more.
    held.push({ name: 'commands', bytes: Buffer.from(commands.join('\n')) });
    const queue = Buffer.concat(held.map(({ bytes }) => Buffer.from(bytes)));
    expect(commands.join('\n')).toMatch(/"kind\\?":\\?"leaf/);
    expect(findCanaries(held, all)).toEqual([]);
    const [, , secret = ''] = storeToken.split('_');
    expect(
      findCanaries(held, [textCanary('token', storeToken), textCanary('secret', secret)]),
    ).toEqual([]);
    expect(findCanaries(filesOf(cluster.folder), [textCanary('secret', secret)])).toEqual([]);
    // No frame of ours, and nothing as large as the smallest ciphertext.
    expect(queue.includes('OPAL')).toBe(false);
    const single = [...held.slice(0, -1).map(({ bytes }) => bytes), ...commands];
    expect(Math.max(...single.map(({ length }) => length))).toBeLessThan(4096);
    const left = (await dumpRedis(redis)).filter(({ bytes }) =>
      Buffer.from(bytes).includes('"version":1'),
    );
    expect(left.map(({ name }) => name)).toEqual([]);
  }, 120_000);
});
