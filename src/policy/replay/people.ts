import { fromHex } from '../../bytes/hex.ts';
import type { Attestation } from '../attestation.ts';
import type { LoggedAttestation, LoggedPrincipal } from './entry.ts';
import { RACE_MS } from './race.ts';

interface Attested {
  readonly time: number;
  readonly attestation: Attestation;
}

/** Who may ask and approve, by a log. */
export class People {
  private readonly added = new Map<string, LoggedPrincipal>();
  private readonly revoked = new Map<string, number>();
  private readonly attested: Attested[] = [];

  /** False: there was one of the name already. */
  add(principal: LoggedPrincipal): boolean {
    if (this.added.has(principal.name)) return false;
    this.added.set(principal.name, principal);
    return true;
  }

  /** A revocation is logged once it holds. */
  revoke(name: string, time: number): void {
    if (!this.revoked.has(name)) this.revoked.set(name, time);
  }

  attest(time: number, { signature, ...statement }: LoggedAttestation): void {
    const attestation = { ...statement, signature: fromHex(signature, 'a signature') };
    this.attested.push({ time, attestation });
  }

  find(name: string): LoggedPrincipal | undefined {
    return this.added.get(name);
  }

  /** Whether somebody was revoked, or over, before a time. */
  isOver({ name, expires }: LoggedPrincipal, time: number): boolean {
    const revoked = this.revoked.get(name);
    return (revoked !== undefined && revoked < time) || (expires !== null && expires <= time);
  }

  /** Of each person and kind the last, and one that it had not replaced for certain at a time. */
  attestations(time: number): readonly Attestation[] {
    return this.attested
      .filter(({ attestation }, i) => {
        const next = this.attested.find(
          ({ attestation: { principal, kind } }, j) =>
            j > i && principal === attestation.principal && kind === attestation.kind,
        );
        return next === undefined || next.time + RACE_MS >= time;
      })
      .map(({ attestation }) => attestation);
  }
}
