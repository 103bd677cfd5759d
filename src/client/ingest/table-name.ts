/** A file's name as a table name: lower case, runs of anything but letters and digits as one underscore. */
export function tableName(path: string): string {
  const stem = (path.split(/[\\/]/).at(-1) ?? '').replace(/\.[^.]*$/, '');
  const folded = stem
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60);
  if (folded === '') return 'data';
  return /^\d/.test(folded) ? `_${folded}` : folded;
}
