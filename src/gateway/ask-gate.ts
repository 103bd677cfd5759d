import { OpalineError } from '../errors/opaline-error.ts';
import { systemCode } from '../errors/system-code.ts';
import { fromWire } from '../errors/wire.ts';
import {
  ANSWER_LIMIT,
  type AnswerBody,
  answerBody,
  GATE_PATHS,
  GATE_STATUS,
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
  let text: string;
  try {
    const response = await fetch(new URL(GATE_PATHS.query, address), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(query),
      redirect: 'error',
      signal,
    });
    ({ status } = response);
    text = await readText(response);
  } catch (error) {
    if (error instanceof OpalineError) throw error;
    if (signal.aborted) throw new OpalineError('ABORTED', {});
    const cause = error instanceof Error ? error.cause : undefined;
    const reason = cause === undefined ? 'it does not answer' : systemCode(cause);
    throw new OpalineError('GATE_UNREACHABLE', { gate: new URL(address).origin, reason });
  }
  const body = parseJson(text);
  if (status !== 200) throw refusal(body, address);
  const answer = answerBody.safeParse(body);
  if (answer.success) return answer.data;
  throw new OpalineError('BYTES_INVALID', { what: 'the gate’s answer', reason: 'not of its form' });
}

/** A gate says why it refuses in codes of its own; any other is no gate. */
function refusal(body: unknown, address: string): OpalineError {
  const error = fromWire(body);
  if (Object.hasOwn(GATE_STATUS, error.code)) return error;
  const gate = new URL(address).origin;
  return new OpalineError('GATE_UNREACHABLE', {
    gate,
    reason: 'it does not answer as a gate does',
  });
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > ANSWER_LIMIT) {
      throw new OpalineError('REQUEST_TOO_LARGE', {
        what: 'the gate’s answer',
        size: bytes,
        limit: ANSWER_LIMIT,
      });
    }
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
