import type { CertificateContent } from './entry.ts';
import { RACE_MS } from './race.ts';

interface Certified extends CertificateContent {
  /** When it ceased to hold by what was logged: cut off, or another version certified. */
  over: { readonly index: number; readonly time: number } | undefined;
}

/** Which tools were certified when, by a log. */
export class ToolHistory {
  /** In the log's order. */
  private readonly certificates: Certified[] = [];

  /** One version of a tool is certified at a time: an earlier one ceases to be. */
  certify(certificate: CertificateContent, index: number, time: number): void {
    this.end((one) => one.tool === certificate.tool, index, time);
    this.certificates.push({ ...certificate, over: undefined });
  }

  /** Suspended or revoked. */
  cutOff(bundle: string, index: number, time: number): void {
    this.end((one) => one.bundle === bundle, index, time);
  }

  /** Why a bundle was not certified at a time; undefined: it was, or what was logged about then is in no order. */
  against(bundle: string, time: number): string | undefined {
    const own = this.certificates.filter((one) => one.bundle === bundle);
    const current = own.filter(({ expires }) => time < expires);
    if (own.length === 0) return 'its tool was not certified';
    if (current.length === 0) return 'its tool’s certificate had expired';
    if (current.some(({ over }) => over === undefined || time <= over.time + RACE_MS)) {
      return undefined;
    }
    return `its tool was cut off by entry ${current.at(-1)!.over!.index}`;
  }

  private end(isMeant: (one: Certified) => boolean, index: number, time: number): void {
    for (const one of this.certificates) if (isMeant(one)) one.over ??= { index, time };
  }
}
