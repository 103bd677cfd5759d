import { z } from 'zod';
import { utf8 } from '../../bytes/codec.ts';
import { equalBytes } from '../../bytes/compare.ts';
import { sha256 } from '../../bytes/hash.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { randomBytes } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { ATTESTATIONS, PRINCIPAL_KINDS } from '../../policy/document.ts';
import type { Attestation } from '../../policy/attestation.ts';
import type { Principal } from '../../policy/principal.ts';
import type { Log } from './consent-ledger.ts';
import type { SealedJson } from './sealed-json.ts';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'a name is of a-z, 0-9, ".", "_" and "-"');
const hex = (bytes: number): z.ZodString =>
  z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
const time = z.int().min(0);

const stored: z.ZodType<StoredPrincipal> = z.strictObject({
  name,
  kind: z.enum(PRINCIPAL_KINDS),
  roles: z.array(name).max(100),
  revoked: z.boolean(),
  created: time,
  expires: time.nullable(),
  token: z.strictObject({ id: hex(8), hash: hex(32) }),
  key: hex(32).nullable(),
  bundle: hex(32).optional(),
});

const attestation: z.ZodType<StoredAttestation> = z.strictObject({
  principal: name,
  kind: z.enum(ATTESTATIONS),
  issued: time,
  expires: time,
  signature: hex(64),
});

/** What principals.opal holds. */
export const principalsForm: z.ZodType<PrincipalsValue> = z.strictObject({
  principals: z.array(stored).max(100_000),
  attestations: z.array(attestation).max(100_000),
});

export interface StoredPrincipal extends Principal {
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly token: {
    readonly id: string;
    /** SHA-256 of the secret: 256 random bits need no slow hash. */
    readonly hash: string;
  };
  /** Ed25519 public key by which it approves; null: it cannot. */
  readonly key: string | null;
}

/** Its signature in hex. */
export interface StoredAttestation extends Omit<Attestation, 'signature'> {
  readonly signature: string;
}

export interface PrincipalsValue {
  readonly principals: readonly StoredPrincipal[];
  readonly attestations: readonly StoredAttestation[];
}

/** A principal as its owner sees it: what can be said without its secret. */
export interface PrincipalInfo extends Principal {
  readonly created: number;
  readonly token: string;
  /** Hex of the public key by which it approves. */
  readonly key: string | null;
}

export interface NewPrincipal extends Pick<
  Principal,
  'name' | 'kind' | 'roles' | 'expires' | 'bundle'
> {
  /** 32 bytes, Ed25519. */
  readonly key?: Uint8Array | undefined;
}

/** Hash that no secret has: what is compared where there is no token of an id. */
const NO_HASH = '0'.repeat(64);

const json = (value: object): Uint8Array => utf8(JSON.stringify(value));

/**
 * Who may ask a vault's gate, with what token. That somebody may is logged before it holds, that they may not once it
 * does: whoever asks is in the log.
 */
export class Principals {
  private readonly file: SealedJson<PrincipalsValue>;
  private readonly log: Log;

  constructor(file: SealedJson<PrincipalsValue>, log: Log) {
    this.file = file;
    this.log = log;
  }

  async list(): Promise<readonly PrincipalInfo[]> {
    return (await this.file.read()).principals.map(infoOf);
  }

  async find(wanted: string): Promise<PrincipalInfo | undefined> {
    const found = (await this.file.read()).principals.find((one) => one.name === wanted);
    return found && infoOf(found);
  }

  /**
   * The principal of a token, revoked or expired ones too; undefined where it is nobody's. In constant time in the
   * token's secret.
   */
  async ofToken(token: string): Promise<PrincipalInfo | undefined> {
    const [, id, secret] = /^opg_([0-9a-f]{16})_([0-9a-f]{64})$/.exec(token) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const found = (await this.file.read()).principals.find((one) => one.token.id === id);
    const hash = fromHex(found?.token.hash ?? NO_HASH, 'a hash');
    const matches = equalBytes(sha256(utf8(secret)), hash);
    return found !== undefined && matches ? infoOf(found) : undefined;
  }

  /** A new principal's token, which is shown once and kept nowhere. @throws USAGE for a name that is taken */
  async add(added: NewPrincipal, now: number): Promise<string> {
    const id = toHex(randomBytes(8));
    const secret = toHex(randomBytes(32));
    const { key, expires, kind, bundle } = added;
    if (bundle !== undefined && kind !== 'tool') throw usage('a tool alone is bound to a bundle');
    const parsed = stored.safeParse({
      name: added.name,
      kind,
      roles: [...added.roles],
      revoked: false,
      created: now,
      expires,
      token: { id, hash: toHex(sha256(utf8(secret))) },
      key: key === undefined ? null : toHex(key),
      ...(bundle === undefined ? {} : { bundle }),
    });
    if (!parsed.success) throw usage(parsed.error.issues[0]!.message);
    await this.file.change(async (value) => {
      // A revoked one's name is not given again: log and policy speak of principals by name.
      if (value.principals.some((one) => one.name === added.name)) {
        throw usage(`there is a principal "${added.name}" already`);
      }
      const { created: _created, token: _token, revoked: _revoked, ...told } = parsed.data;
      const content = json(told);
      await this.log([{ kind: 'principal.add', time: now, details: [{ content }] }]);
      return { ...value, principals: [...value.principals, parsed.data] };
    });
    return `opg_${id}_${secret}`;
  }

  /** From the next step of any request on it is refused. @throws USAGE when there is no such principal */
  async revoke(wanted: string): Promise<void> {
    await this.file.change((value) => {
      if (!value.principals.some((one) => one.name === wanted)) {
        throw usage(`there is no principal "${wanted}"`);
      }
      return {
        ...value,
        principals: value.principals.map((one) =>
          one.name === wanted ? { ...one, revoked: true } : one,
        ),
      };
    });
    const details = [{ content: json({ name: wanted }) }];
    await this.log([{ kind: 'principal.revoke', time: Date.now(), details }]);
  }

  async attestations(): Promise<readonly Attestation[]> {
    return (await this.file.read()).attestations.map((one) => ({
      ...one,
      signature: fromHex(one.signature, 'a signature'),
    }));
  }

  /** Keep an attestation that an officer signed; an earlier one of its kind is dropped. */
  async attest({ signature, ...statement }: Attestation): Promise<void> {
    const { principal, kind } = statement;
    const kept = attestation.parse({ ...statement, signature: toHex(signature) });
    await this.file.change(async (value) => {
      const details = [{ content: json(kept) }];
      await this.log([{ kind: 'principal.attest', time: Date.now(), details }]);
      return {
        ...value,
        attestations: [
          ...value.attestations.filter((one) => one.principal !== principal || one.kind !== kind),
          kept,
        ],
      };
    });
  }
}

function infoOf({
  name,
  kind,
  roles,
  revoked,
  created,
  expires,
  token,
  key,
  bundle,
}: StoredPrincipal): PrincipalInfo {
  return { name, kind, roles, revoked, created, expires, token: token.id, key, bundle };
}

function usage(reason: string): OpalineError {
  return new OpalineError('USAGE', { reason });
}
