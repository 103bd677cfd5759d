import { OpalineError } from '../../errors/opaline-error.ts';

/** Whether an argument is a gate's address and no folder. */
export const isGateAddress = (argument: string): boolean => /^https?:\/\//i.test(argument);

/** A gate's address, with the token of OPALINE_TOKEN. @throws USAGE */
export function gateAt(address: string): { readonly address: string; readonly token: string } {
  const token = process.env['OPALINE_TOKEN'];
  if (token === undefined || token === '') throw usage('set OPALINE_TOKEN to your token');
  if (!URL.canParse(address)) throw usage('not an address');
  return { address, token };
}

function usage(reason: string): OpalineError {
  return new OpalineError('USAGE', { reason });
}
