import { fromBase64 } from '../../bytes/base64.ts';
import { isProof, parseProof } from '../../audit/tlog-proof.ts';
import { utf8 } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { type Format, resultText } from '../output/result-text.ts';
import { print } from '../output/print.ts';
import { notice } from '../report.ts';
import { gateAt } from './gate-address.ts';

export interface GateQuery {
  readonly address: string;
  readonly sql: string;
  readonly purpose: string | undefined;
  readonly parameters: readonly string[];
  readonly format: Format;
}

/** Ask a gate over HTTP, with the token of OPALINE_TOKEN, and print what it answers. */
export async function queryGate(query: GateQuery, signal: AbortSignal): Promise<void> {
  const { address, sql, purpose, parameters, format } = query;
  if (purpose === undefined) {
    throw new OpalineError('USAGE', { reason: 'a gate wants --purpose' });
  }
  const gate = gateAt(address);
  const started = performance.now();
  const { askGate } = await import('../../gateway/ask-gate.ts');
  const body = { purpose, sql, parameters: [...parameters] };
  const { columns, rows, errors, entry, proof } = await askGate(gate, body, signal);
  if (format === 'json') {
    const shown = { columns, rows, ...(errors && { errors }), entry, proof };
    await print(`${JSON.stringify(shown)}\n`);
    return;
  }
  const stats = {
    ms: performance.now() - started,
    rowsMatched: rows.length,
    bytesUp: 0,
    bytesDown: 0,
    rounds: 1,
    bound: null,
    error: null,
  };
  await print(await resultText({ columns, rows, leakage: [], stats }, format));
  const bytes = utf8(proof);
  if (!isProof(bytes)) return;
  fromBase64(entry, 'the gate’s answer');
  notice(
    `Released as entry ${parseProof(bytes).index} of the gate’s log; --format json has its proof.`,
  );
}
