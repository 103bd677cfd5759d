import type { PrincipalKind } from './document.ts';

/** Who asks, once it is authenticated. */
export interface Principal {
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly string[];
  readonly revoked: boolean;
  /** Milliseconds since 1970; null: never. */
  readonly expires: number | null;
  /** Of a tool: SHA-256 of the bundle whose queries it may ask, 64 hex digits. */
  readonly bundle?: string | undefined;
}

/** Whether a rule's "name", "role:…", "kind:…" or "*" means a principal. */
export function isMeant(selector: string, { name, kind, roles }: Principal): boolean {
  if (selector === '*') return true;
  if (selector.startsWith('role:')) return roles.includes(selector.slice('role:'.length));
  if (selector.startsWith('kind:')) return kind === selector.slice('kind:'.length);
  return selector === name;
}
