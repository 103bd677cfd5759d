import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const OPALINE = fileURLToPath(new URL('../../src/cli/bin.mjs', import.meta.url));

/** A store in a process of its own: `opaline serve FOLDER` on a free port of this machine. */
export interface Store extends AsyncDisposable {
  readonly address: string;
}

export async function startStore(folder: string): Promise<Store> {
  const child = spawn(process.execPath, [OPALINE, 'serve', folder, '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  let said = '';
  const address = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = / at (http:\S+); stop with/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error(`the store ended: ${said}`)));
  });
  return {
    address,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}
