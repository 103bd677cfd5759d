import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aesGcmDownload } from '../../../../../src/measure/bench/schemes/aes-gcm-download.ts';
import { duckdb } from '../../../../../src/measure/bench/schemes/duckdb.ts';
import { plainJs } from '../../../../../src/measure/bench/schemes/plain-js.ts';
import { sqlite } from '../../../../../src/measure/bench/schemes/sqlite.ts';
import { labTable, QUESTIONS } from './fixture.ts';
import { describeScheme, every } from './support.ts';

for (const scheme of [plainJs, sqlite, duckdb]) {
  describeScheme({ scheme, answers: every(), remote: false }, (prepared) => {
    test('reads everything at rest', () => {
      expect(prepared().atRest?.('origin')).toBe('all');
    });
  });
}

describeScheme({ scheme: aesGcmDownload, answers: every(), remote: true }, (prepared) => {
  test('shows the same of every question', async () => {
    const seen = await Promise.all(
      [QUESTIONS.sum, QUESTIONS.key, QUESTIONS.keyword].map(
        async (question) => (await prepared().answer(question)!).transcript,
      ),
    );
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    expect(prepared().atRest?.('origin')).toBeUndefined();
  });
});

test('a sealed chunk that was altered, or put in another’s place, is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-scheme-'));
  try {
    const table = labTable(10_000);
    const { signal } = new AbortController();
    await using prepared = await aesGcmDownload.prepare(table, { folder, signal });
    const files = (await readdir(folder)).sort();
    expect(files).toHaveLength(3);
    const [first, second] = await Promise.all(files.map((name) => readFile(join(folder, name))));
    await writeFile(join(folder, files[0]!), second!);
    await expect(prepared.answer(QUESTIONS.sum)).rejects.toMatchObject({ code: 'BYTES_INVALID' });
    const altered = Uint8Array.from(first!);
    altered[100]! ^= 1;
    await writeFile(join(folder, files[0]!), altered);
    await expect(prepared.answer(QUESTIONS.sum)).rejects.toMatchObject({ code: 'BYTES_INVALID' });
    await writeFile(join(folder, files[0]!), first!);
    expect((await prepared.answer(QUESTIONS.sum)!).values).toHaveLength(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
