import type { VaultHost } from './vault-host.ts';
import { isGoverned } from '../governance/place.ts';
import { isVaultLocked, lockVault } from './vault-lock.ts';

/** The host of a vault in a folder. What few uses of a vault need is loaded when it is needed. */
export function nodeHost(folder: string): VaultHost {
  return {
    lock: () => lockVault(folder),
    isLocked: () => isVaultLocked(folder),
    speeds: async (engine) => (await import('./speeds-file.ts')).machineSpeeds(folder, engine),
    sealPool: async (secrets, threads) => {
      const { ringSecrets } = await import('../seal/pool.ts');
      const { threadSealPool } = await import('../seal/pool.node.ts');
      return threadSealPool(await ringSecrets(secrets), threads);
    },
    governance: {
      exists: () => isGoverned(folder),
      create: async (secrets, officers) => {
        const { createGovernance } = await import('../governance/governance-files.ts');
        await createGovernance(folder, secrets, officers);
      },
      open: async (inside) => {
        const { VaultGovernance } = await import('../governance/governed-vault.ts');
        return await VaultGovernance.open(inside);
      },
    },
    openSource: async (file, format) =>
      (await import('../ingest/file.ts')).openSource(file, format),
    releases: async () => (await import('./release-place.ts')).releasePlace(folder),
  };
}
