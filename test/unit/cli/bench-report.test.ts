import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inventedResult } from '../../support/bench-result.ts';

const MAIN = fileURLToPath(new URL('../../../bench/report/main.ts', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'opaline-report-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** One workload, so that there is little to draw. */
function small(): string {
  const result = inventedResult(9);
  const [suite] = result.suites;
  const measurements = suite!.measurements.filter(({ workload }) => workload === 'keyword');
  return JSON.stringify({
    ...result,
    suites: [{ ...suite, measurements, growth: [], ablations: [] }],
  });
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

function report(...argv: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...argv], (error, out, errors) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, errors });
    });
  });
}

test('writes what it says, and a copy of the result', async () => {
  const json = small();
  writeFileSync(join(folder, 'run.json'), json);
  const out = join(folder, 'made', 'here');
  const ended = await report(join(folder, 'run.json'), '--out', out);
  expect(ended).toMatchObject({ code: 0, errors: '' });
  const said = ended.out.trim().split('\n');
  expect(said.toSorted()).toEqual(
    readdirSync(out)
      .map((name) => `${out}/${name}`)
      .toSorted(),
  );
  expect(said).toContain(`${out}/report.html`);
  expect(said).toContain(`${out}/frontier-dark.png`);
  expect(readFileSync(join(out, 'result.json'), 'utf8')).toBe(json);
});

test.each<[string, string, string]>([
  ['a result that is none', '{"version":1}', 'BYTES_INVALID'],
  ['another version', '{"version":7}', 'VERSION_UNSUPPORTED'],
])('%s: nothing is written', async (name, json, code) => {
  const out = join(folder, name);
  writeFileSync(join(folder, 'bad.json'), json);
  const ended = await report(join(folder, 'bad.json'), '--out', out);
  expect(ended).toMatchObject({ code: 1, out: '' });
  expect(ended.errors).toMatch(new RegExp(`^opaline: ${code}: [^\n]+\n$`));
  expect(readdirSync(folder)).not.toContain(name);
});

test('a file that is not there, and a folder that cannot be made', async () => {
  const missing = await report(join(folder, 'none.json'), '--out', folder);
  expect(missing.errors).toMatch(/^opaline: INPUT_NOT_FOUND: /);
  writeFileSync(join(folder, 'run.json'), small());
  const blocked = await report(join(folder, 'run.json'), '--out', join(folder, 'run.json', 'x'));
  expect(blocked.errors).toMatch(/^opaline: OUTPUT_FAILED: /);
});
