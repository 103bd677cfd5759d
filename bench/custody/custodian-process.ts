import { spawn } from 'node:child_process';
import { OPALINE } from '../child.ts';

/** A custodian that answers, in a process of its own. */
export interface CustodianProcess extends AsyncDisposable {
  /** Milliseconds of each answer that it gave, from a request's first byte to the answer's last, as it logs them. */
  answered(): readonly number[];
}

export interface CustodianAt {
  /** Paths of the share's file and of one with its passphrase. */
  readonly share: string;
  readonly passphrase: string;
  readonly port: number;
  readonly store: string;
  readonly cache: string;
}

/** `opaline custodian serve`, once it answers. @throws Error when it ends before */
export async function startCustodian(at: CustodianAt): Promise<CustodianProcess> {
  const { share, passphrase, port, store, cache } = at;
  const serve = ['custodian', 'serve', share, '--store', store, '--port', String(port)];
  const options = ['--passphrase-file', passphrase, '--cache', cache, '--log-level', 'info'];
  const child = spawn(process.execPath, [OPALINE, ...serve, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const answers = new Promise<void>((resolve) => {
    child.stderr.on('data', () => {
      if (/answers at http/.test(said)) resolve();
    });
  });
  const gone = ended.then(() => {
    throw new Error(`a custodian ended: ${said}`);
  });
  await Promise.race([answers, gone]);
  return {
    answered: () => said.split('\n').flatMap(answerOf),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The time of an answer out of a line of its log; none for other lines. */
function answerOf(line: string): number[] {
  if (!line.startsWith('{')) return [];
  const { route, status, ms } = JSON.parse(line) as Record<string, unknown>;
  return route === '/v1/partials' && status === 200 && typeof ms === 'number' ? [ms] : [];
}
