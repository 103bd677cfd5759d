import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sealCheaply } from '../../support/seal-cheaply.ts';
import { opaline, type Run } from './run.ts';

const PASSPHRASE = 'a long enough passphrase';

const folder = mkdtempSync(join(tmpdir(), 'opaline-score-rows-'));
const vault = join(folder, 'vault');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cli = (...args: string[]): Promise<Run> =>
  opaline(args, { env: { OPALINE_PASSPHRASE: PASSPHRASE } });

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const schema = {
  version: 1,
  table: 'visits',
  key: 'patient',
  columns: {
    patient: { type: 'text' },
    age: { type: 'integer', score: true },
    fee: { type: 'decimal', scale: 2, score: true },
  },
};
const model = file('model.json', '{"weights":{"age":0.05,"fee":-0.01},"intercept":-1}');
const score = (...more: string[]): Promise<Run> =>
  cli('score', vault, 'visits', '--model', model, ...more);

beforeAll(async () => {
  const csv = file(
    'visits.csv',
    'patient,age,fee\nGarlick,50,8.50\nOgg,80,80\nWeatherwax,75,120\n',
  );
  const json = file('visits.json', JSON.stringify(schema));
  expect(await cli('init', vault, '--store', join(folder, 'store'))).toMatchObject({ code: 0 });
  await sealCheaply(vault, PASSPHRASE);
  expect(await cli('ingest', vault, csv, '--schema', json)).toMatchObject({ code: 0 });
});

test('score --rows prints a score for each row, by key', async () => {
  const { code, stdout, stderr } = await score('--rows', '--format', 'csv');
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/owner/) });
  const [head, ...lines] = stdout.trim().split('\r\n');
  expect(head).toBe('patient,score');
  const found = new Map(lines.map((line) => line.split(',') as [string, string]));
  const expected = { Garlick: 1.415, Ogg: 2.2, Weatherwax: 1.55 };
  for (const [patient, value] of Object.entries(expected)) {
    expect(Math.abs(Number(found.get(patient)) - value)).toBeLessThan(1e-7);
  }
  const top = await score('--rows', '--top', '1', '--select', 'age', '--format', 'csv');
  const [names, best] = top.stdout.split('\r\n');
  expect([names, best?.slice(0, 6)]).toEqual(['age,score', '80,2.2']);
});

test('score --rows --explain says what it takes, and asks nothing', async () => {
  const { code, stdout } = await score('--rows', '--explain');
  expect(code).toBe(0);
  expect(stdout).toMatch(/each row by age, fee, by the store \(CKKS, n 8192/);
  expect(stdout).toMatch(/score \(ckks\)/);
  expect(stdout).toMatch(/27 bytes for each/);
  const json = await score('--rows', '--explain', '--format', 'json');
  expect(JSON.parse(json.stdout)).toMatchObject({ verdict: 'answerable', cost: { segments: 1 } });
});

test('options of one kind of score are refused for the other', async () => {
  expect((await score('--top', '3')).stderr).toMatch(/USAGE: --top .* add --rows/);
  expect((await score('--rows', '--group-by', 'patient')).stderr).toMatch(/USAGE: single rows/);
  const store = await score('--rows', '--sigmoid', 'store');
  expect(store.stderr).toMatch(/MODEL_INVALID/);
});
