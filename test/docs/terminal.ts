import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { freePort } from '../../bench/free-port.ts';

/** A command that goes on in a terminal of its own. */
export interface Terminal {
  /** Ctrl-C; resolves once it ended. */
  end(): Promise<void>;
}

/** Runs a command, and resolves once it says that it is ready. */
export async function openTerminal(
  command: string,
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Terminal> {
  // A group of its own, as a terminal makes one: Ctrl-C reaches the shell and what it runs.
  const child = spawn('sh', ['-euc', command], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('stop with Ctrl-C')) resolve();
    });
    child.once('error', reject);
    void ended.then(() => reject(new Error(`it ended: ${said}`)));
  });
  return {
    end: async () => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGINT');
      await ended;
    },
  };
}

/** The port, or another where it is taken. */
export async function portLike(port: number): Promise<number> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  await new Promise((resolve) => server.close(resolve));
  return free ? port : await freePort();
}
