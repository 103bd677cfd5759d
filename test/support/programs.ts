import { spawn } from 'node:child_process';
import { SOURCE } from '../unit/cli/run.ts';

/** A command that goes on until it is ended: serve, worker. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Resolves to the match once stderr has it; rejects when the program ends first. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends it with a signal; resolves to its exit code, null after SIGKILL. */
  end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** A script in a process of its own; the command line from source, unless another is named. */
export function startProgram(args: readonly string[], script: string = SOURCE): Program {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return await ended;
  };
  return {
    pid: child.pid!,
    stdout: () => stdout,
    stderr: () => stderr,
    says: async (pattern) => {
      for (;;) {
        const match = pattern.exec(stderr);
        if (match !== null) return match;
        const more = new Promise((resolve) => child.stderr.once('data', resolve));
        const left = await Promise.race([more.then(() => true), ended.then(() => false)]);
        if (!left) throw new Error(`it ended without saying ${String(pattern)}: ${stderr}`);
      }
    },
    end,
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL');
    },
  };
}

export interface Served extends Program {
  readonly address: string;
}

/** `opaline serve`, once it listens. */
export async function startServe(
  store: string,
  options: readonly string[] = ['--port', '0', '--threads', '0'],
): Promise<Served> {
  const program = startProgram(['serve', store, ...options]);
  const [, address] = await program.says(/ at (http:\S+); stop/);
  return { ...program, address: address! };
}
