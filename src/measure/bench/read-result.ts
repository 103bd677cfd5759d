import { readFile } from 'node:fs/promises';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { BenchResult } from './result.ts';

/**
 * A result from its JSON file, checked as far as reports and comparisons read it.
 * @throws INPUT_NOT_FOUND, INPUT_MALFORMED, VERSION_UNSUPPORTED
 */
export async function readResult(path: string): Promise<BenchResult> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OpalineError('INPUT_NOT_FOUND', { path }, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new OpalineError('INPUT_MALFORMED', { line: 0, reason: 'it is not JSON' }, { cause });
  }
  return parseResult(json);
}

/** @throws INPUT_MALFORMED, VERSION_UNSUPPORTED */
export function parseResult(json: unknown): BenchResult {
  const result = object(json, 'the file');
  if (result['version'] !== 1) {
    const version = typeof result['version'] === 'number' ? result['version'] : 0;
    throw new OpalineError('VERSION_UNSUPPORTED', {
      what: 'the benchmark result',
      version,
      supported: '1',
    });
  }
  object(result['machine'], 'machine');
  object(result['data'], 'data');
  for (const scheme of list(result['schemes'], 'schemes')) {
    const at = object(scheme, 'a scheme');
    for (const key of ['scheme', 'title', 'security', 'family', 'whose']) text(at, key);
  }
  for (const suite of list(result['suites'], 'suites')) checkSuite(object(suite, 'a suite'));
  return json as BenchResult;
}

type Json = Readonly<Record<string, unknown>>;

function checkSuite(suite: Json): void {
  text(suite, 'suite');
  text(suite, 'title');
  for (const one of list(suite['measurements'], 'measurements')) {
    const measurement = object(one, 'a measurement');
    text(measurement, 'workload');
    text(measurement, 'scheme');
    positive(measurement['rows'], 'rows');
    times(measurement['ms']);
    object(measurement['privacy'], 'privacy');
  }
  for (const one of list(suite['growth'], 'growth')) {
    const growth = object(one, 'a growth');
    text(growth, 'workload');
    text(growth, 'scheme');
  }
  for (const one of list(suite['ablations'], 'ablations')) {
    const ablation = object(one, 'an ablation');
    text(ablation, 'what');
    for (const side of ['with', 'without']) times(object(ablation[side], side)['ms']);
  }
}

function object(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(`${what} is no object`);
  }
  return value as Json;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(`"${what}" are no list`);
  return value;
}

function text(from: Json, key: string): void {
  if (typeof from[key] !== 'string') throw malformed(`"${key}" is no text`);
}

function times(value: unknown): void {
  const all = list(value, 'ms');
  if (all.length === 0) throw malformed('"ms" is empty');
  for (const one of all) positive(one, 'ms');
}

function positive(value: unknown, what: string): void {
  if (typeof value !== 'number' || !(value >= 0) || value === Infinity) {
    throw malformed(`"${what}" holds something that is not a number`);
  }
}

function malformed(reason: string): OpalineError<'INPUT_MALFORMED'> {
  return new OpalineError('INPUT_MALFORMED', { line: 0, reason });
}
