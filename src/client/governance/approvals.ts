import { z } from 'zod';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { randomId } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { ApprovalRequest, ApprovalState } from '../../gate/governed/ports.ts';
import { jsonOf } from '../../gate/governed/capability.ts';
import { isCurrent } from '../../gate/governed/who.ts';
import { approve, APPROVER_ROLE, checkApprovals } from '../../policy/approval.ts';
import { type ApprovedRequest, requestHash } from '../../policy/request-hash.ts';
import type { PrincipalInfo, Principals } from './principals.ts';
import type { SealedJson } from './sealed-json.ts';

const hex = (bytes: number): z.ZodString =>
  z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));

const request: z.ZodType<StoredRequest> = z.strictObject({
  nonce: hex(16),
  principal: z.string().max(63),
  purpose: z.string().max(63),
  sql: z.string().max(100_000),
  parameters: z.string().max(1_000_000),
  policy: hex(32),
  asked: z.int().min(0),
  used: z.boolean(),
  approvals: z.array(z.strictObject({ approver: z.string().max(63), signature: hex(64) })).max(64),
});

/** A request that waits, or that was used. */
export interface StoredRequest extends ApprovedRequest {
  /** Milliseconds since 1970. */
  readonly asked: number;
  readonly used: boolean;
  readonly approvals: readonly { readonly approver: string; readonly signature: string }[];
}

export interface ApprovalsValue {
  readonly requests: readonly StoredRequest[];
}

/** What approvals.opal holds. */
export const approvalsForm: z.ZodType<ApprovalsValue> = z.strictObject({
  requests: z.array(request).max(10_000),
});

/** A request that nobody used is forgotten after this long. */
const KEPT_MS = 30 * 86_400_000;
/** Requests of one principal that wait. */
const MOST_WAITING = 100;

/** Requests that wait for people's approval, and the signatures that they have. */
export class Approvals {
  private readonly file: SealedJson<ApprovalsValue>;
  private readonly principals: Principals;

  constructor(file: SealedJson<ApprovalsValue>, principals: Principals) {
    this.file = file;
    this.principals = principals;
  }

  /** A request's state; one that was not asked before waits from now on. @throws DENIED for too many that wait */
  async state(asked: ApprovalRequest, now: number): Promise<ApprovalState> {
    const isOf = (one: StoredRequest): boolean =>
      !one.used &&
      one.principal === asked.principal &&
      one.purpose === asked.purpose &&
      one.sql === asked.sql &&
      one.parameters === jsonOf(asked.parameters) &&
      one.policy === toHex(asked.policy);
    const found = (await this.waiting(now)).find(isOf) ?? (await this.add(asked, now));
    const hash = requestHash(found);
    const valid = await this.validApprovers(found, hash, now);
    const signatures = valid.map(({ name, key }) => ({
      approver: name,
      key: key ?? '',
      signature: found.approvals.find(({ approver }) => approver === name)!.signature,
    }));
    const evidence = { nonce: found.nonce, signatures };
    return { request: hash, approvers: valid.map(({ name }) => name), evidence };
  }

  /** One answer leaves by it. @throws DENIED where one did */
  async use(hash: string): Promise<void> {
    await this.file.change(({ requests }) => ({
      requests: requests.map((one) => {
        if (requestHash(one) !== hash) return one;
        if (one.used) throw new OpalineError('DENIED', { reason: 'the approval was used' });
        return { ...one, used: true };
      }),
    }));
  }

  async waiting(now: number): Promise<readonly StoredRequest[]> {
    const { requests } = await this.file.read();
    return requests.filter(({ used, asked }) => !used && now < asked + KEPT_MS);
  }

  /**
   * Approve a request.
   * @throws USAGE for one that does not wait, for an approver who may not approve it, or another's secret
   */
  async approve(hash: string, approver: string, secret: Uint8Array, now: number): Promise<void> {
    const person = await this.principals.find(approver);
    if (person === undefined || !mayApprove(person, now)) {
      throw usage(
        `"${approver}" may not approve: staff with the role "${APPROVER_ROLE}" and a key may`,
      );
    }
    const signature = toHex(approve(fromHex(hash, 'a request'), secret));
    if (!signed(hash, person, signature)) {
      throw usage(`the key is not that of "${approver}"`);
    }
    await this.file.change(({ requests }) => {
      const waits = requests.find((one) => !one.used && requestHash(one) === hash);
      if (waits === undefined) throw usage('no request of that hash waits for approval');
      if (waits.principal === approver) throw usage('nobody approves their own request');
      const others = waits.approvals.filter((one) => one.approver !== approver);
      const next = { ...waits, approvals: [...others, { approver, signature }] };
      return { requests: requests.map((one) => (one === waits ? next : one)) };
    });
  }

  private async add(asked: ApprovalRequest, now: number): Promise<StoredRequest> {
    const { principal, purpose, sql } = asked;
    const parsed = request.safeParse({
      nonce: randomId(),
      principal,
      purpose,
      sql,
      parameters: jsonOf(asked.parameters),
      policy: toHex(asked.policy),
      asked: now,
      used: false,
      approvals: [],
    });
    if (!parsed.success) throw new OpalineError('DENIED', { reason: 'too long to be approved' });
    await this.file.change(({ requests }) => {
      const kept = requests.filter((one) => now < one.asked + KEPT_MS);
      const own = kept.filter((one) => !one.used && one.principal === principal);
      if (own.length >= MOST_WAITING) {
        throw new OpalineError('DENIED', { reason: 'too many of its requests wait for approval' });
      }
      return { requests: [...kept, parsed.data] };
    });
    return parsed.data;
  }

  /** Distinct people, by name and by key, other than who asked. */
  private async validApprovers(
    { principal, approvals }: StoredRequest,
    hash: string,
    now: number,
  ): Promise<readonly PrincipalInfo[]> {
    const valid: PrincipalInfo[] = [];
    for (const { approver, signature } of approvals) {
      const person = await this.principals.find(approver);
      if (person === undefined || approver === principal || !mayApprove(person, now)) continue;
      if (valid.some(({ name, key }) => name === approver || key === person.key)) continue;
      if (signed(hash, person, signature)) {
        valid.push(person);
      }
    }
    return valid;
  }
}

function mayApprove(person: PrincipalInfo, now: number): boolean {
  const { kind, roles, key } = person;
  return (
    kind === 'staff' && roles.includes(APPROVER_ROLE) && key !== null && isCurrent(person, now)
  );
}

/** Whether a person's key signed a request. */
function signed(hash: string, { key }: PrincipalInfo, signature: string): boolean {
  const publicKey = fromHex(key ?? '', 'a key');
  const approval = { publicKey, signature: fromHex(signature, 'a signature') };
  const rule = { needed: 1, approvers: [publicKey] };
  return checkApprovals(fromHex(hash, 'a request'), [approval], rule, []).approved;
}

function usage(reason: string): OpalineError {
  return new OpalineError('USAGE', { reason });
}
