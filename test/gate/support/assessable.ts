import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assessVault } from '../../../src/client/governance/assessment/assess-vault.ts';
import { createStore, openStore } from '../../../src/client/store-address.ts';
import type { Assessment } from '../../../src/policy/assessment/assessment.ts';
import type { Context } from '../../../src/policy/assessment/context.ts';
import type { PolicyDocument } from '../../../src/policy/document.ts';
import { CONTEXT } from '../../support/assessed.ts';
import { PASSPHRASE } from '../../support/vaults.ts';
import { type Governed, governedVault, SCHEMA } from './governed.ts';

export interface Assessable extends AsyncDisposable {
  readonly governed: Governed;
  /** Assess it, as `opaline assess` does beside a running gate. */
  assess(context?: Partial<Context>): Promise<Assessment>;
}

/** A governed vault over a store on the disk, whose columns are declared not to be of people. */
export async function assessable(policy: Partial<PolicyDocument>): Promise<Assessable> {
  const root = await mkdtemp(join(tmpdir(), 'opaline-assessable-'));
  const store = join(root, 'store');
  await createStore(store, '');
  const columns = SCHEMA.columns.map((column) => ({ ...column, category: 'none' }));
  const link = await openStore(store, '', 0);
  const governed = await governedVault({ link, policy, schema: { ...SCHEMA, columns } });
  return {
    governed,
    assess: (context = {}) =>
      assessVault(
        governed.path,
        { passphrase: PASSPHRASE, store, threads: 0 },
        { context: { ...CONTEXT, ...context } },
      ),
    [Symbol.asyncDispose]: async () => {
      await governed[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
}
