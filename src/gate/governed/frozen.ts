import { OpalineError } from '../../errors/opaline-error.ts';
import type { Governance } from './ports.ts';

/**
 * Nothing is allowed, and nothing is released, while an incident freezes the gate.
 * @throws DENIED, naming the incident
 */
export async function requireUnfrozen({ incidents }: Pick<Governance, 'incidents'>): Promise<void> {
  const id = await incidents.frozenBy();
  if (id !== undefined) throw new OpalineError('DENIED', { reason: `frozen by incident ${id}` });
}
