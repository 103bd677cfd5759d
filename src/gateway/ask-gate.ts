import { OpalineError } from '../errors/opaline-error.ts';
import { readCapped } from '../store/backends/http/read-capped.ts';
import { callFailed, parseJson, refusalOf } from './gate-reply.ts';
import {
  ANSWER_LIMIT,
  type AnswerBody,
  answerBody,
  GATE_PATHS,
  type QueryBody,
} from './protocol.ts';

export interface GateAddress {
  /** http(s)://host:port */
  readonly address: string;
  readonly token: string;
}

/**
 * Ask a gate over HTTP. What it answers with is validated like everything from outside.
 * @throws GATE_UNREACHABLE, what the gate refuses with, BYTES_INVALID, ABORTED
 */
export async function askGate(
  { address, token }: GateAddress,
  query: QueryBody,
  signal: AbortSignal,
): Promise<AnswerBody> {
  let status: number;
  let body: Uint8Array;
  try {
    const response = await fetch(new URL(GATE_PATHS.query, address), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(query),
      redirect: 'error',
      signal,
    });
    ({ status } = response);
    body = await readCapped(response, ANSWER_LIMIT, 'the gate’s answer');
  } catch (error) {
    throw callFailed(error, address, signal);
  }
  if (status !== 200) throw refusalOf(body, address);
  const answer = answerBody.safeParse(parseJson(body));
  if (answer.success) return answer.data;
  throw new OpalineError('BYTES_INVALID', { what: 'the gate’s answer', reason: 'not of its form' });
}
