import { type RunningGateway, serveGate } from '../../../src/gateway/serve-gate.ts';
import type { GateOptions } from '../../../src/client/governance/governed-vault.ts';
import { type Governed, type GovernedOptions, governedVault } from './governed.ts';

export interface Served extends AsyncDisposable {
  readonly governed: Governed;
  readonly address: string;
}

export interface ServedOptions extends GovernedOptions {
  readonly requestsPerMinute?: number;
  readonly gate?: GateOptions;
}

/** A governed vault with its gate over HTTP. */
export async function served(options: ServedOptions = {}): Promise<Served> {
  const governed = await governedVault(options);
  const gate = await governed.openGate(options.gate);
  const gateway: RunningGateway = await serveGate({
    gate,
    host: '127.0.0.1',
    port: 0,
    version: 'test',
    logLevel: 'silent',
    requestsPerMinute: options.requestsPerMinute ?? 1000,
  });
  return {
    governed,
    address: gateway.address,
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]();
      await gate[Symbol.asyncDispose]();
      await governed[Symbol.asyncDispose]();
    },
  };
}
