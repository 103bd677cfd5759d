import { utf8 } from '../../bytes/codec.ts';
import type { ErrorCode } from '../../errors/codes.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import { toWire } from '../../errors/wire.ts';
import { isFalsified } from '../verified/falsified.ts';
import type { Answered, Ask, Identified, Intended, Step, Steps } from './cases.ts';
import type { Services } from './ports.ts';
import { isRaced } from './settled.ts';
import { STEPS } from './steps.ts';

/** A table may be rewritten, and consent withdrawn, while a request is worked on: it begins anew, so often. */
const ATTEMPTS = 4;

/**
 * The one way to an answer in a vault with a policy: nine steps, each of which must resolve for the next to begin.
 * An error, a step that takes too long and one that returns nothing are denials. Requests of one principal wait
 * for each other up to the end of step 6, so that none is allowed by a quota that another is about to use.
 */
export class GovernedGate {
  private readonly services: Services;
  private readonly steps: Steps;
  private readonly turns = new Map<string, Promise<unknown>>();

  /** @param steps others than the product's are for tests that show what each is for */
  constructor(services: Services, steps: Steps = STEPS) {
    this.services = services;
    this.steps = steps;
  }

  /**
   * Answer a request, or refuse it. What it is refused for is in the log once it is known who asked.
   * @throws GATE_UNAUTHORIZED, DENIED, APPROVAL_NEEDED, what planning throws, ABORTED
   */
  async answer(ask: Ask): Promise<Answered> {
    const { steps } = this;
    const identified = await this.take('who', steps.who, ask).catch((error: unknown) => {
      throw outward(error, undefined);
    });
    for (let attempt = 1; ; attempt++) {
      let intended: Intended | undefined;
      try {
        intended = await this.inTurn(identified.principal.name, () => this.permit(identified));
        const computed = await this.take('computed', steps.computed, intended, true);
        const settled = await this.take('settled', steps.settled, computed, true);
        return await this.take('recorded', steps.recorded, settled);
      } catch (error) {
        const again = isRaced(causeOf(error)) && attempt < ATTEMPTS;
        const froze = isStoreFalse(error);
        if (froze) await this.services.tables.freeze();
        await this.logRefusal(identified, intended, error, { again, froze });
        if (!again) throw outward(error, intended);
        // One that cannot be taken back is counted twice.
        await intended?.use.cancel().catch(() => undefined);
      }
    }
  }

  /** Steps 2 to 6. */
  private async permit(identified: Identified): Promise<Intended> {
    const { steps } = this;
    const permitted = await this.take('may', steps.may, identified);
    const masked = await this.take('whose', steps.whose, permitted, true);
    const safe = await this.take('safe', steps.safe, masked, true);
    const approved = await this.take('approved', steps.approved, safe);
    return await this.take('intended', steps.intended, approved);
  }

  /** One step, closed: it resolves with what it made out, within its time, or the request is denied. */
  private async take<From, To extends object>(
    name: keyof Steps,
    step: Step<From, To>,
    from: From,
    long = false,
  ): Promise<To> {
    const { within } = this.services;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new OpalineError('DENIED', { reason: 'it takes too long' })),
      long ? within.execution : within.step,
    );
    try {
      const made: To | undefined = await Promise.race([step(from, this.services), late.promise]);
      if (made === undefined) throw new OpalineError('INTERNAL', { reason: `step ${name}` });
      return made;
    } catch (error) {
      throw new StepFailure(name, error);
    } finally {
      clearTimeout(timer);
    }
  }

  private async inTurn<T>(principal: string, run: () => Promise<T>): Promise<T> {
    const before = this.turns.get(principal) ?? Promise.resolve();
    const turn = before.then(run);
    const settled = turn.catch(() => undefined);
    this.turns.set(principal, settled);
    try {
      return await turn;
    } finally {
      if (this.turns.get(principal) === settled) this.turns.delete(principal);
    }
  }

  /** Who was refused, for what: a refusal that cannot be logged stays a refusal. */
  private async logRefusal(
    { principal, ask }: Identified,
    intended: Intended | undefined,
    error: unknown,
    what: { readonly again: boolean; readonly froze: boolean },
  ): Promise<void> {
    const { governance } = this.services;
    const step = error instanceof StepFailure ? error.step : 'unknown';
    const cause = causeOf(error);
    const { code } = toWire(cause);
    const content = {
      principal: principal.name,
      purpose: ask.purpose,
      step,
      code,
      // Reasons are the policy's words, or ours; what other errors say may be of data.
      reason: isOpalineError(cause, 'DENIED') ? cause.details.reason : null,
      intent: intended?.intent.proof.index ?? null,
      ...what,
    };
    const kind = intended === undefined ? 'release.denied' : 'release.outcome';
    const entry = {
      kind,
      time: governance.now(),
      details: [{ content: utf8(JSON.stringify({ released: false, ...content })) }],
    };
    await governance.log([entry]).catch(() => undefined);
  }
}

/** What a step failed of, with the step's name for the log. */
class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly step: keyof Steps;

  constructor(step: keyof Steps, cause: unknown) {
    super(step, { cause });
    this.step = step;
  }
}

const causeOf = (error: unknown): unknown => (error instanceof StepFailure ? error.cause : error);

/** Steps that read what the store holds, to judge by it or to compute on it. */
const OF_STORE: ReadonlySet<keyof Steps> = new Set(['may', 'whose', 'safe', 'computed']);

/** Whether the store answered with what is not so: nothing is released after it until the owner has looked. */
function isStoreFalse(error: unknown): boolean {
  if (!(error instanceof StepFailure) || !OF_STORE.has(error.step)) return false;
  // Bytes of a malformed request are not the store's.
  const isAsked = error.step === 'may' && isOpalineError(error.cause, 'BYTES_INVALID');
  return !isAsked && isFalsified(error.cause);
}

/** Refusals that tell whoever asks of their own request and of the policy, and of nothing else. */
const TOLD: ReadonlySet<ErrorCode> = new Set([
  'GATE_UNAUTHORIZED',
  'DENIED',
  'APPROVAL_NEEDED',
  'ABORTED',
  'SQL_SYNTAX',
  'SQL_UNSUPPORTED',
  'NOT_YET_AVAILABLE',
  'UNKNOWN_TABLE',
  'UNKNOWN_COLUMN',
  'TYPE_MISMATCH',
  'PARAMETER_MISSING',
  'PARAMETER_UNUSED',
  'MATCH_INVALID',
  'CAPABILITY_MISSING',
] satisfies ErrorCode[]);

/** Told once work has begun: what else fails then may depend on the data. */
const TOLD_OF_WORK: ReadonlySet<ErrorCode> = new Set([
  'GATE_UNAUTHORIZED',
  'DENIED',
  'ABORTED',
  'CAPABILITY_MISSING',
] satisfies ErrorCode[]);

/** A failure as whoever asked is told of it. */
function outward(error: unknown, intended: Intended | undefined): OpalineError {
  const cause = causeOf(error);
  const told = intended === undefined ? TOLD : TOLD_OF_WORK;
  if (cause instanceof OpalineError && told.has(cause.code)) return cause;
  return new OpalineError('DENIED', { reason: 'the gate could not answer' }, { cause });
}
