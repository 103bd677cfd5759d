import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const FILE = `${ROOT}test/types/query.ts`;
const MARK = /\/\/ @ts-expect-error (\d+): /;

/** The errors of the file as it is, or with its marks made ordinary comments: by line, from 1. */
function errorsOf(text: string): Map<number, number[]> {
  const config = ts.readConfigFile(`${ROOT}tsconfig.json`, (path) => ts.sys.readFile(path)).config;
  const { options } = ts.convertCompilerOptionsFromJson(
    (config as { compilerOptions: object }).compilerOptions,
    ROOT,
  );
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name === FILE
      ? ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true)
      : read(name, ...rest);
  const program = ts.createProgram([FILE], { ...options, noEmit: true }, host);
  const source = program.getSourceFile(FILE)!;
  const errors = new Map<number, number[]>();
  for (const { code, start } of program.getSemanticDiagnostics(source)) {
    const line = source.getLineAndCharacterOfPosition(start!).line + 1;
    errors.set(line, [...(errors.get(line) ?? []), code]);
  }
  return errors;
}

test('each line that is to be refused is, for the reason that it says, and no other is', () => {
  const text = readFileSync(FILE, 'utf8');
  const expected = text.split('\n').flatMap((line, i) => {
    const code = MARK.exec(line)?.[1];
    return code === undefined ? [] : [[i + 2, [Number(code)]] as const];
  });
  expect(expected.length).toBeGreaterThan(40);
  const found = errorsOf(text.replaceAll('@ts-expect-error', 'refused:'));
  expect([...found].sort(([a], [b]) => a - b)).toEqual(expected);
  // And a mark of nothing is an error itself.
  const [first] = text.split('\n').flatMap((line, i) => (MARK.test(line) ? [i] : []));
  const lines = text.split('\n').toSpliced(first! + 1, 0, 'void 0;');
  expect([...errorsOf(lines.join('\n'))].map(([line, codes]) => [line, codes])).toEqual([
    [first! + 1, [2578]],
    [first! + 3, expected[0]![1]],
  ]);
});
