import { utf8 } from '../../bytes/codec.ts';
import { toHex } from '../../bytes/hex.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { Capability, jsonOf, workDigest } from './capability.ts';
import type { Approved, Intended, Step } from './cases.ts';

/**
 * Step 6, intent logged: the use is counted, and what is to be computed, for whom and on what grounds is in the
 * log, on the disk and checkpointed, before any of it is done. Only then there is a right to do it.
 * @throws what counting and logging throw
 */
export const intended: Step<Approved, Intended> = async (approved, { governance }) => {
  const { ask, principal, policy, counted, consent, reviewed, approval } = approved;
  const { operations, fields, cells, decided } = approved;
  const use = await governance.reserveUse(principal.name, ask.purpose, cells);
  const content = {
    principal: principal.name,
    purpose: ask.purpose,
    table: counted.schema.table,
    decided,
    epoch: counted.manifest.epoch,
    operations,
    fields,
    sql: ask.sql,
    parameters: ask.parameters,
    policy: { revision: policy.document.revision, digest: toHex(policy.digest) },
    ...(approved.query && { tool: { bundle: principal.bundle, query: approved.query.name } }),
    consent: {
      digest: toHex(consent.digest),
      subjects: consent.live?.size ?? null,
      time: consent.time,
    },
    subjects: consent.recorded ?? null,
    approvers: approved.approvers,
    approval,
    reserved: reviewed.reserved,
    work: toHex(workDigest(reviewed.plan, counted)),
    cells,
  };
  const [intent] = await governance.log([
    {
      kind: 'release.intent',
      time: governance.now(),
      details: [{ content: utf8(jsonOf(content)) }],
    },
  ]);
  if (intent === undefined) throw new OpalineError('DENIED', { reason: 'nothing was logged' });
  return { ...approved, intent, use, capability: new Capability(reviewed.plan, counted) };
};
