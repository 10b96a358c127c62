/** Written once for screens of any width; `print` below says what paper needs. */
const screen = `
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --sheet: #ffffff; --ink: #1c2430; --quiet: #566172; --line: #d8dde4; --soft: #eef1f4;
  --link: #1d5a9e; --after: #2f74b5; --before: #9aa5b3; --track: #e9edf1; --grid: #d5dbe2;
  --good: #1a6a3c; --good-soft: #e8f5ec; --warn: #815300; --warn-soft: #fdf4df; --bad: #a8262b; --bad-soft: #fdecec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --sheet: #171c23; --ink: #e5e9ef; --quiet: #a2acba; --line: #313945; --soft: #202731;
    --link: #86b9f0; --after: #5b9fe0; --before: #6f7b8a; --track: #252d37; --grid: #36404c;
    --good: #82d4a3; --good-soft: #14281d; --warn: #ecbf66; --warn-soft: #2b2312; --bad: #f5a09b; --bad-soft: #331a1b;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink); font-size: 16px; line-height: 1.55;
  font-family: -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, system-ui, sans-serif;
  overflow-wrap: break-word;
}
.defs { position: absolute; }
main { max-width: 62rem; margin: 2.5rem auto 4rem; padding: 3rem 3.5rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; }
h1, h2, h3, h4, p, ul, ol, dl, dd, figure, pre { margin: 0; }
h1 { font-size: 2.1rem; line-height: 1.2; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; line-height: 1.3; letter-spacing: -.005em; }
h3 { font-size: 1.05rem; line-height: 1.4; }
h4 { font-size: .9rem; color: var(--quiet); }
p + p { margin-top: .5rem; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .875em; }
code { overflow-wrap: anywhere; }
a { color: var(--link); }
ul { padding-left: 1.15rem; }
li + li { margin-top: .2rem; }
.quiet { color: var(--quiet); font-size: .925rem; }
.kind { color: var(--quiet); font-size: .95rem; margin-bottom: .35rem; }
header .quiet { margin-top: .6rem; max-width: 44rem; }
.icon { flex: none; fill: none; stroke: var(--sheet); stroke-width: 2.4; stroke-linecap: round; stroke-linejoin: round; }
.icon circle, .icon .shape { stroke: none; fill: currentColor; }

.verdict { display: flex; gap: 1.25rem; align-items: center; margin-top: 1.75rem; padding: 1.4rem 1.6rem; border-radius: 8px; border: 1px solid; }
.verdict .icon { width: 3rem; height: 3rem; }
.verdict h2 { font-size: 1.65rem; line-height: 1.2; }
.verdict p { color: var(--ink); margin-top: .3rem; font-size: 1.075rem; }
.ready { color: var(--good); background: var(--good-soft); }
.remarks { color: var(--warn); background: var(--warn-soft); }
.not-ready { color: var(--bad); background: var(--bad-soft); }
.answers { display: grid; grid-template-columns: 1fr 1fr; gap: 1.6rem 2.5rem; margin-top: 2rem; }
.answers h2 { font-size: 1rem; margin-bottom: .35rem; }
.answers code { display: inline-block; padding: .05rem .45rem; background: var(--soft); border-radius: 4px; }
.sign { display: none; }

nav { margin-top: 2.25rem; padding: 1rem 0; border-block: 1px solid var(--line); font-size: .925rem; }
nav ol { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; }
nav li + li { margin: 0; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
.part { margin-top: 3rem; scroll-margin-top: 1rem; }
.part > h2 { margin-bottom: 1rem; }
.part h3 { margin-top: 1.8rem; margin-bottom: .6rem; }
.part > h2 + h3 { margin-top: 0; }
.notice { padding: .8rem 1.1rem; background: var(--warn-soft); border-left: 4px solid var(--warn); border-radius: 4px; margin-bottom: 1rem; }

.finding { padding: 1rem 1.3rem 1.1rem; border: 1px solid var(--line); border-left: 5px solid; border-radius: 6px; }
.finding + .finding { margin-top: .9rem; }
.finding.blocking { border-left-color: var(--bad); }
.finding.remark { border-left-color: var(--warn); }
.finding .label { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; font-size: .875rem; font-weight: 600; }
.finding .label .icon { width: 1.1rem; height: 1.1rem; }
.finding .label code { color: var(--quiet); font-weight: 400; }
.blocking .label { color: var(--bad); }
.remark .label { color: var(--warn); }
.part .finding h3 { margin: .4rem 0 .6rem; overflow-wrap: anywhere; }
.finding dl { display: grid; grid-template-columns: minmax(7.5rem, max-content) 1fr; gap: .3rem 1.2rem; font-size: .95rem; }
.finding dt { color: var(--quiet); }
.finding dd { overflow-wrap: anywhere; }

.big { font-size: 1.3rem; font-weight: 600; margin: 1.2rem 0 .5rem; }
svg { display: block; }
.key svg, .sign svg { display: inline-block; vertical-align: -1px; }
.track { fill: var(--track); } .before { fill: var(--before); } .after { fill: var(--after); }
.estimated { fill: url(#hatch); stroke: var(--after); stroke-width: 1px; } .over { fill: var(--bad); }
.ground { fill: var(--sheet); } .stripe { fill: var(--after); }
.limit { stroke: var(--ink); stroke-width: 1.5; } .limit.early { stroke-dasharray: 3 3; }
.mark { stroke: var(--grid); stroke-width: 1; }
.gauge { overflow: visible; }
.gauge text { fill: var(--quiet); font-size: 13px; }
figcaption { margin-top: .5rem; font-size: .925rem; color: var(--quiet); }
figure { margin-bottom: 1.6rem; }
.key { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; margin-top: .8rem; font-size: .875rem; color: var(--quiet); }

table { border-collapse: collapse; width: 100%; font-size: .925rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem 1rem .5rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-size: .85rem; vertical-align: bottom; }
tfoot th, tfoot td { font-weight: 600; border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { overflow-x: auto; }
summary:focus-visible, a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.bars th[scope=row] { width: 38%; overflow-wrap: anywhere; }
.bars .number { width: 1%; }
.bars .drawn { width: 46%; padding-top: .7rem; padding-right: 1.5rem; }
.bars thead td { vertical-align: bottom; padding-right: 1.5rem; }
.axis { overflow: visible; } .axis text { fill: var(--quiet); font-size: 11px; text-anchor: middle; }
.tag { display: inline-block; padding: 0 .45rem; border: 1px solid var(--line); border-radius: 4px; background: var(--soft); font-size: .8rem; line-height: 1.5; overflow-wrap: anywhere; }
.both { display: inline-flex; justify-content: flex-end; gap: 0 .35rem; }
.errors { color: var(--bad); margin-top: .3rem; font-size: .875rem; }

details { margin-top: .9rem; }
summary { cursor: pointer; color: var(--link); padding: .2rem 0; }
.migrations { border-top: 1px solid var(--line); margin-top: 1rem; }
.migration { margin: 0; border-bottom: 1px solid var(--line); }
.migration summary { display: grid; grid-template-columns: 1rem minmax(0, 1.1fr) minmax(0, 1fr) 5.5rem; gap: 0 .8rem; align-items: center; padding: .55rem 0; color: var(--ink); list-style: none; }
.migration summary::-webkit-details-marker { display: none; }
.migration summary::before { content: ""; width: .5rem; height: .5rem; border-right: 2px solid var(--quiet); border-bottom: 2px solid var(--quiet); transform: rotate(-45deg); }
.migration[open] summary::before { transform: rotate(45deg); }
.migration summary:hover { background: var(--soft); }
.name { display: grid; grid-template-columns: 1.6rem minmax(0, 1fr); align-items: baseline; }
.order { color: var(--quiet); font-variant-numeric: tabular-nums; }
.inside { padding: .2rem 0 1.4rem 1.8rem; }
.part .inside h3 { margin: 1.1rem 0 .4rem; font-size: .9rem; color: var(--quiet); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .6rem .8rem; background: var(--soft); border-radius: 4px; }
.sql { padding-left: 1.6rem; }
.sql li + li { margin-top: .7rem; }
.sql p { font-size: .85rem; margin-top: .15rem; }

.pairs { font-size: .95rem; }
.pair { display: grid; grid-template-columns: minmax(10rem, 17rem) minmax(0, 1fr); gap: .2rem 1.5rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
.pair dt { color: var(--quiet); overflow-wrap: anywhere; }
.pair dt code { color: var(--ink); }
.pair dd { overflow-wrap: anywhere; }
.pair dd > ul { list-style: none; padding: 0; }
.names { font-size: .9rem; line-height: 1.9; }
.notes h4 { margin: .8rem 0 .3rem; }
.notes { max-width: 46rem; }

@media (max-width: 44rem) {
  body { font-size: 15px; }
  main { margin: 0; padding: 1.5rem 1.1rem 3rem; border: 0; border-radius: 0; }
  h1 { font-size: 1.6rem; }
  .verdict { padding: 1.1rem; gap: .9rem; align-items: flex-start; }
  .verdict .icon { width: 2rem; height: 2rem; }
  .verdict h2 { font-size: 1.3rem; }
  .answers { grid-template-columns: 1fr; }
  .finding dl { grid-template-columns: 1fr; gap: 0; }
  .finding dt { margin-top: .4rem; }
  .bars, .bars tbody, .bars thead, .bars tfoot { display: block; }
  .bars tr { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: 0 1rem; padding: .5rem 0; border-bottom: 1px solid var(--line); align-items: baseline; }
  .bars th, .bars td { border: 0; padding: 0; }
  .bars th[scope=row], .bars .number { width: auto; }
  .bars .drawn { order: 9; grid-column: 1 / -1; width: auto; padding: .3rem 0 0; }
  .bars.two tr { grid-template-columns: minmax(0, 1fr) auto; }
  .bars thead td { display: none; }
  .stack, .stack tbody, .stack tr, .stack th, .stack td { display: block; width: auto; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack tr { padding: .55rem 0; border-bottom: 1px solid var(--line); }
  .stack th, .stack td { border: 0; padding: 0; overflow-wrap: anywhere; }
  .stack th[scope=row] { font-weight: 600; }
  .stack td { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: .8rem; text-align: left; white-space: normal; margin-top: .25rem; }
  .stack td::before { content: attr(data-label); color: var(--quiet); font-size: .875em; }
  .migration summary { grid-template-columns: 1rem minmax(0, 1fr) auto; }
  .migration summary svg { order: 9; grid-column: 2 / -1; }
  .inside { padding-left: 0; }
  .pair { grid-template-columns: 1fr; }
  .both { flex-wrap: wrap; }
}
`;

/** Black on white whatever the screen, everything unfolded, the decision with room to sign. */
const print = `
@page { size: A4; margin: 16mm 15mm 18mm; }
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --sheet: #fff; --ink: #111; --quiet: #444c57; --line: #c4cad2; --soft: #f1f3f5;
    --link: #111; --after: #2f74b5; --before: #9aa5b3; --track: #e9edf1; --grid: #d5dbe2;
    --good: #1a6a3c; --good-soft: #e8f5ec; --warn: #815300; --warn-soft: #fdf4df; --bad: #a8262b; --bad-soft: #fdecec;
  }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  body { font-size: 10pt; line-height: 1.4; background: #fff; }
  th, td, .pair { padding-top: .3rem; padding-bottom: .3rem; }
  .finding { padding: .6rem 1rem .7rem; }
  .finding + .finding { margin-top: .6rem; }
  main { max-width: none; margin: 0; padding: 0; border: 0; }
  nav { display: none; }
  .part { margin-top: 2rem; }
  .sign { display: block; margin-top: 1.8rem; padding: 1rem 1.2rem 1.3rem; border: 1px solid var(--line); border-radius: 6px; break-inside: avoid; }
  .sign p { display: flex; gap: 2rem; margin-top: .7rem; }
  .sign svg { fill: none; stroke: var(--ink); }
  .lines { display: grid; grid-template-columns: 1fr 1fr; gap: 1.6rem 2rem; margin-top: .4rem; }
  .line { padding-top: 2.2rem; border-bottom: 1px solid var(--ink); color: var(--quiet); font-size: 9pt; }
  .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; block-size: auto; }
  .migration summary::before { visibility: hidden; }
  #findings { break-before: page; margin-top: 0; }
  h1, h2, h3, h4, summary { break-after: avoid; }
  tr, figure, .finding, .verdict, .pair, .sql li, .answers > div { break-inside: avoid; }
  thead { display: table-header-group; }
  p, li { orphans: 3; widows: 3; }
}
`;

export const style = screen + print;
