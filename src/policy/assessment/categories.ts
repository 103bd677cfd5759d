/** What kind of information a column holds about people. */
export type DataClass = 'sensitive' | 'personal' | 'none' | 'unstated';

/**
 * Labels of a schema's `category` that name personal sensitive information (GB/T 35273-2020, appendix B) or a special
 * category (GDPR, article 9 and 10).
 */
const SENSITIVE = new Set([
  'financial',
  'property',
  'credit',
  'transaction',
  'health',
  'medical',
  'genetic',
  'biometric',
  'identity',
  'identity-document',
  'national-id',
  'passport',
  'location',
  'location-trace',
  'communication',
  'contacts',
  'browsing',
  'accommodation',
  'sexual-orientation',
  'sex-life',
  'marital',
  'religion',
  'belief',
  'political',
  'ethnicity',
  'union',
  'criminal',
  'child',
  'credential',
]);

/** Labels that say of a column that it is about nobody. */
const NONE = new Set(['none', 'not-personal', 'public']);

/**
 * The class of a label. Any label that is not known is personal: a name of somebody's own is no reason to protect
 * less. `sensitive` names more labels that are. Case, and spaces and underscores for hyphens, do not matter.
 */
export function classOf(category: string | null, sensitive: readonly string[] = []): DataClass {
  if (category === null) return 'unstated';
  const label = normal(category);
  if (SENSITIVE.has(label) || sensitive.some((one) => normal(one) === label)) return 'sensitive';
  return NONE.has(label) ? 'none' : 'personal';
}

const normal = (label: string): string =>
  label
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
