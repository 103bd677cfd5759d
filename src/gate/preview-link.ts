import { encodeRowsReply } from '../plan/fragment-codec.ts';
import { MeteredLink } from '../store/metered-link.ts';

/**
 * A link under which a plan is only looked at: metadata is read over it, and what a query would ask of
 * indexes on its way is not asked. It sends no fragment, as if no row were found.
 */
export class PreviewLink extends MeteredLink {
  override aggregate(): Promise<Uint8Array> {
    return Promise.resolve(encodeRowsReply({ segments: [] }));
  }
}
