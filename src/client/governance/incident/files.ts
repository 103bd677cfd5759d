import type { VaultSecrets } from '../../../keys/secret.ts';
import { incidentsForm, type IncidentsValue } from '../../../policy/incident/incident.ts';
import { SealedJson } from '../sealed-json.ts';
import { subjectsForm, type SubjectsValue } from './subject-roll.ts';

/** What a governance has once it is needed, beside what it has from its beginning (governance-files.ts). */
export interface IncidentFiles {
  readonly incidents: SealedJson<IncidentsValue>;
  readonly subjects: SealedJson<SubjectsValue>;
}

export function incidentFiles(place: string, secrets: VaultSecrets): IncidentFiles {
  const key = (name: string): Uint8Array => secrets.localKey(`governance/${name}`);
  return {
    incidents: new SealedJson(place, 'incidents.opal', key('incidents'), incidentsForm),
    subjects: new SealedJson(place, 'subjects.opal', key('subjects'), subjectsForm),
  };
}
