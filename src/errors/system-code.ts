/** The code of a system error (ENOENT, ENOSPC, …), or 'unknown'. Its message may quote a path. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
