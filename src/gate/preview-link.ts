import { MeteredLink } from '../store/metered-link.ts';

/**
 * A link under which a plan is only looked at: metadata is read over it, and what a query would ask of
 * indexes on its way is not asked.
 */
export class PreviewLink extends MeteredLink {}
