/**
 * Hours after a breach became known within which the authority is told of it, where a policy says nothing else: the 72
 * of GDPR, article 33(1), which wants it "without undue delay and, where feasible, not later".
 */
export const GDPR_HOURS = 72;

/**
 * Hours of a law that gives none: remedial measures are taken, and authority and people told, immediately (Personal
 * Information Protection Law of the People's Republic of China, article 57).
 */
export const IMMEDIATELY = 0;

/** A year: no law gives longer. */
export const MOST_HOURS: number = 365 * 24;

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** How long is left to give notice. */
export interface Clock {
  /** After the incident was opened; 0: immediately. */
  readonly hours: number;
  /** Milliseconds since 1970. */
  readonly due: number;
  /** Milliseconds; below 0: it is over. */
  readonly left: number;
}

/** The clock of an incident that was opened at a time, in milliseconds since 1970. */
export function clockOf(opened: number, hours: number, now: number): Clock {
  const due = opened + hours * HOUR_MS;
  return { hours, due, left: due - now };
}

/** A clock in words, for example "due 2026-01-04T00:00:00.000Z, 71 h 30 min left". */
export function clockText({ hours, due, left }: Clock): string {
  const instant = new Date(due).toISOString();
  if (hours === IMMEDIATELY) return `due immediately, since ${instant}`;
  return left < 0
    ? `due ${instant}, overdue by ${spanText(-left)}`
    : `due ${instant}, ${spanText(left)} left`;
}

/** Whole minutes, rounded down. */
function spanText(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
