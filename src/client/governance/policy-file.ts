import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { utf8 } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import { type NoteKey, parseKey } from '../../bytes/note-key.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import type { PolicyInForce } from '../../gate/governed/ports.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { checkSuccession, openPolicy, policyText } from '../../policy/signed-policy.ts';
import { writeAtomic } from '../local/atomic-file.ts';
import { policyFile } from './file-names.ts';
import type { SealedJson } from './sealed-json.ts';

/** What officers.opal holds: verifier keys of those who all sign a policy, and the revision in force. */
export interface OfficersValue {
  readonly officers: readonly string[];
  readonly revision: number;
  /** There has been an incident: incidents.opal is there, or lost. */
  readonly incidents?: true | undefined;
}

export const officersForm: z.ZodType<OfficersValue> = z.strictObject({
  officers: z.array(z.string().max(1000)).min(1).max(16),
  revision: z.int().min(0),
  incidents: z.literal(true).optional(),
});

/** The signed policy of a vault. The revision that was installed last is sealed: an older file is refused. */
export class PolicyFile {
  private readonly place: string;
  private readonly officers: SealedJson<OfficersValue>;
  private known: { readonly version: string; readonly policy: PolicyInForce } | undefined;

  constructor(place: string, officers: SealedJson<OfficersValue>) {
    this.place = place;
    this.officers = officers;
  }

  async keys(): Promise<readonly NoteKey[]> {
    return (await this.officers.read()).officers.map(parseKey);
  }

  /** The policy in force, or undefined where none was installed yet. @throws POLICY_INVALID */
  async find(): Promise<PolicyInForce | undefined> {
    const { revision } = await this.officers.read();
    if (revision === 0) return undefined;
    const path = join(this.place, policyFile(revision));
    const { ino, mtimeNs, size } = await stat(path, { bigint: true }).catch(unreadable);
    const version = `${revision}/${ino}/${mtimeNs}/${size}`;
    if (this.known?.version === version) return this.known.policy;
    const keys = await this.keys();
    const document = openPolicy(new Uint8Array(await readFile(path).catch(unreadable)), keys);
    if (document.revision !== revision) {
      throw new OpalineError('POLICY_INVALID', {
        path: 'revision',
        reason: `${document.revision}, and ${revision} is in force`,
      });
    }
    const digest = sha256(utf8(policyText(document)));
    const policy = { document, digest, officers: keys.map(({ publicKey }) => publicKey) };
    this.known = { version, policy };
    return policy;
  }

  /** @throws POLICY_INVALID where there is none */
  async read(): Promise<PolicyInForce> {
    const policy = await this.find();
    if (policy !== undefined) return policy;
    throw new OpalineError('POLICY_INVALID', { path: 'document', reason: 'none is signed yet' });
  }

  /**
   * Put a signed policy in force, in place of the one that it follows.
   * @param log runs once it is known to be valid, before it is in force
   * @throws POLICY_INVALID
   */
  async install(
    note: Uint8Array,
    log: (document: PolicyDocument) => Promise<unknown>,
  ): Promise<PolicyDocument> {
    const document = openPolicy(note, await this.keys());
    checkSuccession((await this.find())?.document, document);
    await log(document);
    await this.officers.change(async (value) => {
      if (value.revision !== document.revision - 1) {
        throw new OpalineError('POLICY_INVALID', {
          path: 'revision',
          reason: 'another was signed',
        });
      }
      await writeAtomic(join(this.place, policyFile(document.revision)), note);
      return { ...value, revision: document.revision };
    });
    return document;
  }
}

function unreadable(error: unknown): never {
  throw new OpalineError('POLICY_INVALID', { path: 'document', reason: systemCode(error) });
}
