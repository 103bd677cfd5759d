/**
 * Milliseconds between an entry and the file that it tells of: a writer logs and then waits for its turn to write, or
 * the other way about, for no longer than this (PATIENCE_MS of client/governance/place.ts, and as much for the disk).
 * What a log shows of two things that happened within it is no order.
 */
export const RACE_MS = 30_000;
