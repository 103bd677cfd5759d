import { utf8, Writer } from '../../../bytes/codec.ts';
import { type AssessmentRecord, readRecord } from '../../../policy/assessment/record.ts';
import { readSealedFile, writeSealedFile } from '../../local/sealed-file.ts';
import type { OpenFolder } from '../../local/vault-host.ts';
import { governanceFile, isThere, jsonOf } from './governance.ts';
import { join } from 'node:path';
import { governanceOf } from './governance.ts';

const NAME = 'assessment';

type Place = Pick<OpenFolder, 'path' | 'secrets'>;

/**
 * The record of a vault's newest assessment; undefined where there is none.
 * @throws VAULT_CORRUPT where the file was altered, or is not of its form
 */
export async function readAssessment({
  path,
  secrets,
}: Place): Promise<AssessmentRecord | undefined> {
  if (!(await isThere(join(governanceOf(path), `${NAME}.opal`)))) return undefined;
  return await readSealedFile(governanceFile(path, secrets, NAME), (reader) => {
    return readRecord(jsonOf(reader)) ?? reader.fail('its content is not of its form');
  });
}

/** Replace it, durably. */
export async function writeAssessment(
  { path, secrets }: Place,
  record: AssessmentRecord,
): Promise<void> {
  const content = new Writer().bytes(utf8(JSON.stringify(record)));
  await writeSealedFile(governanceFile(path, secrets, NAME), content);
}
