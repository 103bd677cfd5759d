import { DARK, LIGHT, variables } from './theme.ts';

/** The page’s whole style sheet; its digest is in the page’s policy. */
export const STYLE: string = `
:root{color-scheme:light dark;${variables(LIGHT)};--a0:transparent;--a1:#f4ece0;--a2:#f6e0c8;--a3:#f7d2b4;--a4:#f7c4a6}
@media (prefers-color-scheme:dark){:root{${variables(DARK)};--a1:#2a251d;--a2:#3a2c1b;--a3:#4a311b;--a4:#5a351d}}
*{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
body{margin:0}
header,main,footer,nav{max-width:78rem;margin:0 auto;padding:0 1rem}
h1{font-size:1.8rem;line-height:1.2;margin:1.5rem 0 .5rem}
h2{font-size:1.35rem;margin:2.5rem 0 .5rem;padding-top:.5rem;border-top:1px solid var(--rule)}
h3{font-size:1.05rem;margin:1.2rem 0 .3rem}
p,ul,dl{max-width:48rem}
a{color:var(--sse);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--sse);outline-offset:2px}
.skip{position:absolute;left:-999px;background:var(--ground);padding:.5rem 1rem;z-index:1}
.skip:focus{left:.5rem;top:.5rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:0;list-style:none;max-width:none}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0;overflow-wrap:anywhere}
.facts dt{color:var(--muted)}
.facts dd{margin:0}
.note{border-left:4px solid var(--download);padding:.25rem .75rem;max-width:48rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(35rem,100%),1fr));gap:1rem 2rem}
.figures>section{min-width:0}
figure{margin:0 0 1rem;min-width:0}
figure>svg{max-width:100%;height:auto}
figcaption{color:var(--muted);font-size:.9rem;max-width:48rem}
.narrow{display:none}
@media (max-width:40rem){.wide{display:none}.narrow{display:block}}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:0;list-style:none;max-width:none}
.icon{vertical-align:-.2em}
details{margin:.4rem 0}
summary{cursor:pointer;padding:.25rem 0}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;margin:.25rem 0}
caption{text-align:left;color:var(--muted);padding:.25rem 0}
caption span{display:inline-block;position:sticky;left:0;width:max-content;max-width:min(48rem,calc(100vw - 2rem))}
th,td{border-bottom:1px solid var(--rule);padding:.25rem .6rem;text-align:left;vertical-align:top}
tbody th{font-weight:600;white-space:nowrap}
td:not(.number){min-width:7rem}
.number{text-align:right;white-space:nowrap}
.matrix td{text-align:right;white-space:nowrap;min-width:0}
.cell{display:block;margin:-.25rem -.6rem;padding:.25rem .6rem}
.cell small{display:block;color:var(--ink)}
.a1{background:var(--a1)}.a2{background:var(--a2)}.a3{background:var(--a3)}.a4{background:var(--a4)}
.on{font-weight:700}
code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.9em;overflow-wrap:anywhere}
footer{color:var(--muted);padding-bottom:2rem}
@media print{nav,.skip{display:none}figure{break-inside:avoid}}
`;
