import type { LogEntry } from '../../../audit/file/audit-log.ts';
import { utf8 } from '../../../bytes/codec.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import type { Incident, MeasureKind } from '../../../policy/incident/incident.ts';
import type { Log } from '../consent-ledger.ts';
import type { Principals } from '../principals.ts';
import type { Incidents } from './incidents.ts';

/** What replaces the keys of a vault's tables (Vault.rotate). */
export interface Rotation {
  tables(): Promise<readonly string[]>;
  /** @returns the table's epoch then; where it was begun before, it is gone on with */
  rotate(table: string): Promise<number>;
}

/** What measures are taken with. */
export interface MeasureHost {
  readonly incidents: Incidents;
  readonly principals: Principals;
  readonly log: Log;
  readonly rotation: Rotation;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Take the measures of an open incident that are not taken yet, each on the record before the next: that it is open,
 * that the gate is frozen, principals revoked, and new keys for every table, so that what was handed out by the old
 * ones opens and finds nothing. Stopped or refused on the way, it is to be called again; the gate stays frozen.
 * @throws what logging and rotating throw, ABORTED
 */
export async function takeMeasures(incident: Incident, host: MeasureHost): Promise<Incident> {
  const { incidents, principals, rotation, now, signal } = host;
  const { id } = incident;
  let at = incident;
  const isTaken = (kind: MeasureKind, what: string): boolean =>
    at.measures.some((one) => one.kind === kind && one.what === what);
  const take = async (kind: MeasureKind, what: string, more: object = {}): Promise<void> => {
    const time = now();
    const content = { incident: id, measure: kind, what, ...more };
    const entry = await logOne(host.log, 'incident.measure', time, content);
    at = await incidents.taken(id, { kind, what, time, entry });
  };
  if (at.entry === null) {
    const { measures: _measures, closed: _closed, entry: _entry, ...content } = at;
    at = await incidents.logged(id, await logOne(host.log, 'incident.open', at.opened, content));
  }
  if (at.freeze && !isTaken('freeze', '')) await take('freeze', '');
  for (const principal of at.principals) {
    if (isTaken('revoke', principal)) continue;
    await principals.revoke(principal);
    await take('revoke', principal);
  }
  if (at.rotation !== 'wanted') return at;
  for (const table of await rotation.tables()) {
    if (signal?.aborted === true) throw new OpalineError('ABORTED', {});
    if (isTaken('rotate', table)) continue;
    await take('rotate', table, { epoch: await rotation.rotate(table) });
  }
  return await incidents.rotated(id);
}

/** The number of the entry. */
export async function logOne(
  log: Log,
  kind: LogEntry['kind'],
  time: number,
  content: object,
): Promise<number> {
  const [logged] = await log([
    { kind, time, details: [{ content: utf8(JSON.stringify(content)) }] },
  ]);
  return logged!.proof.index;
}
