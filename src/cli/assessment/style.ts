import { STYLE } from '../../measure/bench-report/style.ts';

/** The style of the project's pages, and what gauges add. */
export const ASSESSMENT_STYLE: string = `${STYLE}
.gauge{max-width:100%;height:auto;display:block}
.gauge text{fill:var(--ink);font-size:12px}
.z1{fill:var(--a1)}.z2{fill:var(--a2)}.z3{fill:var(--a3)}.z4{fill:var(--a4)}
.gauge rect[class^=z]{stroke:var(--rule)}
.residual{fill:var(--ink)}
.inherent{fill:var(--ground);stroke:var(--ink);stroke-width:1.5}
.risks{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:.5rem 2rem}
.risks>section{min-width:0}
td{overflow-wrap:anywhere}
`;
