import { type Context, NOTHING_STATED } from '../../../policy/assessment/context.ts';
import { openFolder } from '../../local/vault-folder.ts';
import { readAssessment } from './record-file.ts';

/** What was declared for the newest assessment of a vault; nothing where there was none. */
export async function declaredContext(path: string, passphrase: string): Promise<Context> {
  const folder = await openFolder(path, passphrase);
  try {
    return (await readAssessment(folder))?.context ?? NOTHING_STATED;
  } finally {
    await folder.secrets.close();
  }
}
