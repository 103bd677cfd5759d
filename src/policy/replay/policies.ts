import { utf8 } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import { toHex } from '../../bytes/hex.ts';
import { isOpalineError } from '../../errors/opaline-error.ts';
import type { PolicyDocument } from '../document.ts';
import { checkSuccession, documentOf } from '../signed-policy.ts';
import { RACE_MS } from './race.ts';

/** A policy from the entry on that put it in force. */
export interface LoggedPolicy {
  readonly index: number;
  readonly time: number;
  /** 64 hex digits. */
  readonly digest: string;
  readonly document: PolicyDocument;
}

/** The policies of a log, each following the one before it. */
export class PolicyHistory {
  private readonly all: LoggedPolicy[] = [];
  private readonly signed: ReadonlyMap<number, string> | undefined;

  /** @param signed digests by revision, of policies whose signatures were verified; undefined: none are at hand */
  constructor(signed: ReadonlyMap<number, string> | undefined) {
    this.signed = signed;
  }

  /** What is wrong with an entry that puts a policy in force; undefined: nothing. */
  add(index: number, time: number, text: string): string | undefined {
    let document: PolicyDocument;
    try {
      document = documentOf(text);
      checkSuccession(this.all.at(-1)?.document, document);
    } catch (error) {
      if (!isOpalineError(error, 'POLICY_INVALID')) throw error;
      return `a policy that is none, or does not follow the one before: ${error.details.path}: ${error.details.reason}`;
    }
    const digest = toHex(sha256(utf8(text)));
    this.all.push({ index, time, digest, document });
    if (this.signed === undefined) return undefined;
    const known = this.signed.get(document.revision);
    if (known === digest) return undefined;
    return known === undefined
      ? `revision ${document.revision} of the policy, which nobody has with its signatures`
      : `revision ${document.revision} of the policy is not the one that the officers signed`;
  }

  /**
   * In force at an entry that was decided at a time: the last one before, or the one that it may not have replaced by
   * then, where that is the one of the digest.
   */
  at(index: number, decided: number, digest: string): LoggedPolicy | undefined {
    const before = this.all.filter((one) => one.index < index);
    for (let i = before.length - 1; i >= 0; i--) {
      if (before[i]!.digest === digest) return before[i];
      if (before[i]!.time + RACE_MS < decided) break;
    }
    return before.at(-1);
  }

  /** Whether another was in force for certain at a time, by an entry before `index`. */
  isReplaced({ document }: LoggedPolicy, index: number, time: number): boolean {
    return this.all.some(
      (one) =>
        one.document.revision > document.revision && one.index < index && one.time + RACE_MS < time,
    );
  }
}
