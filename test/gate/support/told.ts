import { isOpalineError } from '../../../src/errors/opaline-error.ts';
import { askGate } from '../../../src/gateway/ask-gate.ts';
import type { Served } from './served.ts';

const never = new AbortController().signal;

/** The rows that somebody with an address and a token is answered. @throws what the gate refuses with */
export async function rowsOf(
  { address, governed }: Served,
  sql: string,
  options: { readonly purpose?: string; readonly token?: string } = {},
): Promise<readonly (readonly unknown[])[]> {
  const { purpose = 'quality', token = governed.token } = options;
  return (await askGate({ address, token }, { purpose, sql, parameters: [] }, never)).rows;
}

/** What they are told: rows, or why they are refused. */
export async function told(to: Served, sql: string, token?: string): Promise<unknown> {
  try {
    return await rowsOf(to, sql, token === undefined ? {} : { token });
  } catch (error) {
    if (isOpalineError(error, 'APPROVAL_NEEDED')) return error.details;
    if (isOpalineError(error, 'DENIED')) return error.details.reason;
    throw error;
  }
}
