import { OpalineError } from '../../errors/opaline-error.ts';
import type { SchemeStatement } from './result.ts';
import type { Scheme } from './scheme.ts';
import type { Suite } from './suite.ts';

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** The schemes and suites that a run may ask for by name, in the order in which they were added. */
export class Registry {
  private readonly schemes = new Map<string, Scheme>();
  private readonly suites = new Map<string, Suite>();

  /** @throws USAGE for a name that is taken or not lower-case with hyphens */
  addScheme(scheme: Scheme): this {
    add(this.schemes, scheme, 'scheme');
    return this;
  }

  /** @throws as `addScheme` */
  addSuite(suite: Suite): this {
    add(this.suites, suite, 'suite');
    return this;
  }

  get suiteNames(): readonly string[] {
    return [...this.suites.keys()];
  }

  /** Those of the names, in the order of registration; all without. @throws USAGE for a name that is unknown */
  schemesNamed(names?: readonly string[]): readonly Scheme[] {
    return chosen(this.schemes, names, 'scheme');
  }

  /** @throws as `schemesNamed` */
  suitesNamed(names?: readonly string[]): readonly Suite[] {
    return chosen(this.suites, names, 'suite');
  }
}

/** What a result keeps of a scheme. */
export function statementOf({ name, title, security, family, whose }: Scheme): SchemeStatement {
  return { scheme: name, title, security, family, whose };
}

function add<T extends { readonly name: string }>(to: Map<string, T>, one: T, what: string): void {
  if (!NAME.test(one.name)) {
    throw new OpalineError('USAGE', {
      reason: `the name of a ${what} is lower-case with hyphens`,
    });
  }
  if (to.has(one.name)) {
    throw new OpalineError('USAGE', { reason: `two ${what}s are called ${one.name}` });
  }
  to.set(one.name, one);
}

function chosen<T>(
  from: ReadonlyMap<string, T>,
  names: readonly string[] | undefined,
  what: string,
): readonly T[] {
  if (names === undefined) return [...from.values()];
  for (const name of names) {
    if (!from.has(name)) {
      const known = [...from.keys()].join(', ');
      throw new OpalineError('USAGE', {
        reason: `there is no ${what} ${name}; there are ${known}`,
      });
    }
  }
  return [...from].filter(([name]) => names.includes(name)).map(([, one]) => one);
}
