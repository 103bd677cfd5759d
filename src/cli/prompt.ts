import { OpalineError } from '../errors/opaline-error.ts';

/**
 * Reads one line from the terminal for each question, without showing it; questions go to stderr.
 * Throws ABORTED on Ctrl-C, on Ctrl-D on an empty line, and when the signal says so.
 */
export function promptSecrets(
  questions: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { stdin, stderr } = process;
  const answers: string[] = [];
  // Echo goes off before the question is shown and stays off between two of them.
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stderr.write(questions[0] ?? '');
  return new Promise((resolve, reject) => {
    let typed = '';
    const done = (settle: () => void): void => {
      stdin.off('data', onData);
      signal.removeEventListener('abort', abort);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      settle();
    };
    const abort = (): void => done(() => reject(new OpalineError('ABORTED', {})));
    const onData = (chunk: string): void => {
      for (const c of chunk) {
        if (c === '\u0003' || (c === '\u0004' && typed === '')) return abort();
        if (c === '\r' || c === '\n') {
          answers.push(typed);
          typed = '';
          if (answers.length >= questions.length) return done(() => resolve(answers));
          stderr.write(`\n${questions[answers.length]}`);
        } else if (c === '\u007f' || c === '\b') typed = [...typed].slice(0, -1).join('');
        else if (c === '\u0015') typed = '';
        else if (c >= ' ') typed += c;
      }
    };
    signal.addEventListener('abort', abort);
    stdin.on('data', onData);
    stdin.resume();
  });
}
