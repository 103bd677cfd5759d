import { isOpalineError } from '../../errors/opaline-error.ts';

/** What verifying a log found, and in which of its files. */
export interface LogFinding {
  /** Advice: nothing is wrong with what the checkpoint signs. */
  readonly level: 'problem' | 'advice';
  /** A path below the log's folder. */
  readonly where: string;
  readonly text: string;
}

/** More are counted and not told: a log that was overwritten has a finding for each entry. */
const MOST_FINDINGS = 1000;

/** Findings as they are made. */
export class Findings {
  private readonly found: LogFinding[] = [];
  private untold = 0;
  private wrong = 0;

  problem(where: string, text: string): void {
    this.wrong++;
    this.add({ level: 'problem', where, text });
  }

  advice(where: string, text: string): void {
    this.add({ level: 'advice', where, text });
  }

  get problems(): number {
    return this.wrong;
  }

  all(): readonly LogFinding[] {
    if (this.untold === 0) return this.found;
    const level = this.wrong > 0 ? 'problem' : 'advice';
    return [...this.found, { level, where: '', text: `${this.untold} more` }];
  }

  /** What `read` gives; undefined, and a problem told, where the bytes are not what they should be. */
  async attempt<T>(where: string, read: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (isOpalineError(error, 'BYTES_INVALID')) {
        this.problem(error.details.what, error.details.reason);
      } else if (isOpalineError(error, 'VERSION_UNSUPPORTED')) {
        this.problem(where, error.message);
      } else {
        throw error;
      }
      return undefined;
    }
  }

  private add(finding: LogFinding): void {
    if (this.found.length < MOST_FINDINGS) this.found.push(finding);
    else this.untold++;
  }
}
