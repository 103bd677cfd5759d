/** Reserves a release of a ledger's file, says so, and waits to be killed before it settles. */
import { ledgerFileAt } from '../../../src/client/local/ledger-file.ts';
import { NO_COST } from '../../../src/policy/dp/budget.ts';
import { guardOver, PEOPLE, planOf, tableOf } from './memory.ts';

const guard = guardOver(ledgerFileAt(process.argv[2]!), {
  mode: 'dp',
  floor: 5,
  budget: { ...NO_COST, microEpsilon: 1_000_000 },
  query: { ...NO_COST, microEpsilon: 400_000 },
  rows: 1,
  bucket: 1,
});
await guard.review({ plan: await planOf('SELECT COUNT(*) FROM pay'), table: tableOf(PEOPLE) });
process.stdout.write('reserved\n');
setInterval(() => undefined, 1000);
