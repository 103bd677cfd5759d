import { describe, expect, test } from 'vitest';
import { failedChecks } from '../../src/policy/tool/report.ts';
import { ask, oracle } from './support/governed.ts';
import { refused } from './support/refused.ts';
import { BUNDLE, governedTool, IN_WARD } from './support/tools.ts';

describe('a certified tool', () => {
  test('is answered what it was certified for, as of people', async () => {
    await using tool = await governedTool();
    const report = await tool.test();
    expect(failedChecks(report)).toEqual([]);
    await using gate = await tool.governed.openGate();
    const asking = ask(tool.token, IN_WARD, { parameters: ['a'] });
    await refused(gate.answer(asking), 'DENIED', 'not certified');
    await tool.certify();
    const { result } = await gate.answer(asking);
    expect(result.rows).toEqual(await oracle(IN_WARD.replace('$1', "'a'")));
    expect(BUNDLE.name).toBe('bed-planner');
  });
});
