import { OpalineError } from '../../errors/opaline-error.ts';
import type { Speeds } from '../../gate/grouping/speeds.ts';
import { ringSecrets } from '../seal/pool.ts';
import { workerSealPool } from '../seal/pool.web.ts';
import { measureSpeeds } from './measure-speeds.ts';
import type { VaultHost } from './vault-host.ts';
import { isTaken, takeLock } from './web-lock.ts';

/** Of this page or worker; nothing but time is lost where it is measured again. */
let measured: Promise<Speeds> | undefined;

/** The host of a vault in a browser: Web Locks for its lock, workers for its threads. */
export function webHost(vault: string): VaultHost {
  const name = `opaline/vault/${vault}`;
  return {
    lock: async () => {
      const lock = await takeLock(name);
      // Which page holds it, a browser does not tell.
      if (lock === undefined) throw new OpalineError('VAULT_LOCKED', { path: vault, process: 0 });
      return lock;
    },
    isLocked: () => isTaken(name),
    speeds: (engine) => (measured ??= engine().then(measureSpeeds)),
    sealPool: async (secrets, threads) => workerSealPool(await ringSecrets(secrets), threads),
    openSource: () => {
      const reason = 'a page has files that it was given, and none by name';
      return Promise.reject(new OpalineError('USAGE', { reason }));
    },
  };
}
