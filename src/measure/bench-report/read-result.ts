import { OpalineError } from '../../errors/opaline-error.ts';
import { checkedResult } from '../bench/result-schema.ts';
import type { BenchResult } from '../bench/result.ts';

/** Characters of a result's JSON. */
const LONGEST = 64 * 2 ** 20;

/**
 * A result from the text of its file, checked whole (bench/result-schema.ts), and every scheme that it
 * names to have its statement. Throws BYTES_INVALID with the place that
 * is wrong, VERSION_UNSUPPORTED, REQUEST_TOO_LARGE.
 */
export function readResult(json: string): BenchResult {
  if (json.length > LONGEST) {
    throw new OpalineError('REQUEST_TOO_LARGE', {
      what: 'the benchmark result',
      size: json.length,
      limit: LONGEST,
    });
  }
  const result = checkedResult(parsed(json), invalid);
  checkSchemes(result);
  return result;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw invalid('not JSON');
  }
}

/** The report says of every scheme what it hides. */
function checkSchemes({ schemes, suites }: BenchResult): void {
  const known = new Set(schemes.map(({ scheme }) => scheme));
  if (known.size !== schemes.length) throw invalid('schemes: two have one name');
  for (const { suite, measurements, growth } of suites) {
    for (const { scheme } of [...measurements, ...growth]) {
      if (!known.has(scheme)) throw invalid(`${suite} measures a scheme that has no statement`);
    }
  }
}

function invalid(reason: string): OpalineError {
  return new OpalineError('BYTES_INVALID', { what: 'the benchmark result', reason });
}
