import { ringSecrets } from '../seal/pool.ts';
import type { VaultHost } from './vault-host.ts';
import { custodyOf } from '../custody/vault-custody.ts';
import { isVaultLocked, lockVault } from './vault-lock.ts';

/** The host of a vault in a folder. What few uses of a vault need is loaded when it is needed. */
export function nodeHost(folder: string): VaultHost {
  return {
    lock: () => lockVault(folder),
    isLocked: () => isVaultLocked(folder),
    speeds: async (engine) => (await import('./speeds-file.ts')).machineSpeeds(folder, engine),
    sealPool: async (secrets, threads) => {
      const { threadSealPool } = await import('../seal/pool.node.ts');
      const divided = (await custodyOf(folder, secrets))?.publicKey;
      return threadSealPool({ ...ringSecrets(secrets), ...(divided && { divided }) }, threads);
    },
    custody: (secrets) => custodyOf(folder, secrets),
    custodians: async (secrets) =>
      (await import('../custody/open-custody.ts')).openCustody(folder, secrets),
    openSource: async (file, format) =>
      (await import('../ingest/file.ts')).openSource(file, format),
  };
}
