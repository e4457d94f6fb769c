/** The colours of a page, light and dark. */
export const LIGHT = `
  --page: #f6f6f3; --card: #ffffff; --ink: #1c2126; --quiet: #5d6670; --rule: #e3e3dd; --soft: #d5dee6;
  --line: #1f5fa6; --band: rgba(31, 95, 166, 0.22); --bad: #b3261e; --empty: rgba(93, 102, 112, 0.1); --focus: #1f5fa6;`;
export const DARK = `
  --page: #101316; --card: #181c20; --ink: #e7eaed; --quiet: #9ba5af; --rule: #2a3036; --soft: #34414d;
  --line: #82b6f2; --band: rgba(130, 182, 242, 0.25); --bad: #ff8f80; --empty: rgba(155, 165, 175, 0.12); --focus: #82b6f2;`;
/** The colours of the printed page, also of a dark screen. */
const PAPER = LIGHT.replace('--page: #f6f6f3', '--page: #ffffff');

/** The style sheet of a report: light or dark as the system is, one column on a phone, and a print layout. */
export const STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 4.5rem; }
body {
  margin: 0 auto; padding: 0 1.5rem 5rem; max-width: 70rem; background: var(--page); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
h1, h2, h3 { line-height: 1.2; text-wrap: balance; margin: 0; }
main > h2 { margin: 4rem 0 1rem; }
h1 { font-size: 2.1rem; font-weight: 650; letter-spacing: -0.015em; }
h2 { font-size: 1.4rem; font-weight: 650; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h3 { font-size: 0.95rem; font-weight: 600; }
p { margin: 0; }
a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: 0.2em; overflow-wrap: anywhere; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
pre { overflow: auto; font-size: 0.8rem; }
.live { margin-bottom: 2rem; }
.live.down { border-color: var(--bad); }
.live ul { margin: 0.4rem 0 0; padding-left: 1.2rem; }
.quiet { color: var(--quiet); }
.small { font-size: 0.875rem; }
header { padding: 4rem 0 2.5rem; }
header .kind { color: var(--quiet); margin-bottom: 0.5rem; }
header .lead { font-size: 1.15rem; max-width: 44rem; margin-top: 1rem; text-wrap: pretty; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 2rem; margin: 0 0 3rem; padding: 1.75rem 0; border-block: 1px solid var(--rule); }
.figures dt { color: var(--quiet); font-size: 0.875rem; }
.figures dd { margin: 0; }
.figures .value { font-size: 1.75rem; font-weight: 600; line-height: 1.3; letter-spacing: -0.01em; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { font-weight: 500; color: var(--quiet); font-size: 0.875rem; text-align: left; vertical-align: bottom; }
th, td { padding: 0.5rem 0.75rem; border-bottom: 1px solid var(--rule); }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; white-space: nowrap; }
.sites td { padding-block: 0.7rem; }
.sites td:first-child { font-weight: 550; min-width: 7rem; }
.sites .strip { width: 30%; }
.sites thead .number { white-space: normal; }
.sites td.strip { min-width: 11rem; }
td.strip svg { display: block; width: 100%; height: 1.5rem; }
.strip .up { fill: var(--soft); }
.strip .down { fill: var(--bad); }
.strip .none { fill: var(--quiet); }
.missed { color: var(--bad); }
.down-now { border: 1px solid var(--bad); border-left-width: 0.4rem; border-radius: 0.4rem; padding: 1rem 1.25rem; margin-bottom: 2rem; }
.down-now h2 { font-size: 1.1rem; color: var(--bad); }
.down-now ul { margin: 0.4rem 0 0; padding-left: 1.2rem; }
.down-now a { font-weight: 550; }
.timeline th { width: 9rem; padding-block: 0.15rem; color: var(--ink); }
.timeline td { padding-block: 0.15rem; }
table.timeline tr > * { border: 0; }
.timeline td svg { display: block; width: 100%; height: 1rem; background: var(--empty); }
.timeline td svg.axis { background: none; height: 1.1rem; }
.timeline .axis text { fill: var(--quiet); font-size: 12px; text-anchor: middle; }
.timeline .outage { fill: var(--bad); }
.timeline .short { fill: var(--bad); opacity: 0.65; }
.timeline .gap { fill: var(--soft); }
.timeline .tick { stroke: var(--rule); fill: none; vector-effect: non-scaling-stroke; }
.logins { display: block; width: 100%; height: 6rem; border-block: 1px solid var(--rule); margin-bottom: 0.75rem; }
.logins path { fill: none; stroke: var(--line); stroke-width: 2; vector-effect: non-scaling-stroke; }
:root:not(.ready) nav.view, :root:not(.ready) .charts, :root:not(.ready) .chart-key { display: none; }
.key { display: flex; flex-wrap: wrap; gap: 0.4rem 1.5rem; margin-top: 1rem; color: var(--quiet); font-size: 0.875rem; }
.key span { display: inline-flex; align-items: center; gap: 0.5rem; }
.key svg { flex: none; }
nav.view {
  position: sticky; top: 0; z-index: 3; display: flex; flex-wrap: wrap; align-items: center; gap: 0.35rem; margin: 1.25rem -1.5rem 0;
  padding: 0.75rem 1.5rem; background: var(--page); border-bottom: 1px solid var(--rule);
}
nav.view .view-site { font-weight: 600; max-width: 16rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
nav.view a { margin-left: 0.5rem; font-size: 0.875rem; }
nav.view .view-range { margin-right: auto; font-variant-numeric: tabular-nums; }
button {
  font: inherit; font-size: 0.875rem; color: inherit; background: var(--card); border: 1px solid var(--rule); border-radius: 0.4rem;
  padding: 0.25rem 0.7rem; min-height: 2.1rem; cursor: pointer;
}
button:hover { border-color: var(--quiet); }
section.site { padding: 2.5rem 0 1rem; }
section.site + section.site { border-top: 1px solid var(--rule); margin-top: 2rem; }
.facts { color: var(--quiet); margin-top: 0.35rem; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 0.6rem; padding: 1.25rem 1.4rem; margin-top: 1.5rem; }
.charts .readout { min-height: 1.6rem; color: var(--quiet); font-size: 0.875rem; font-variant-numeric: tabular-nums; display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
.charts .readout span:first-child { color: var(--ink); font-weight: 550; }
.charts h3 { margin-top: 0.9rem; color: var(--quiet); font-weight: 500; font-size: 0.875rem; }
.pane { min-height: 84px; }
.pane.log-in { min-height: 168px; }
.pane:last-of-type { min-height: 112px; }
.u-select { background: var(--band); }
.u-hz .u-cursor-x { border-right: 1px solid var(--quiet); }
.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1.5rem; }
.card h3 { margin-bottom: 0.6rem; }
.card > .quiet { margin-top: 0.75rem; }
.stages th { white-space: normal; }
.stages th, .stages td { padding-inline: 0.4rem; }
.stages tr > :first-child { padding-left: 0; }
.stages tr > :last-child { padding-right: 0; }
.hours { display: block; width: 100%; height: auto; }
.hours text { fill: var(--quiet); font-size: 11px; }
.hours .grid { stroke: var(--rule); }
.hours .spread { fill: var(--band); }
.hours .middle { stroke: var(--line); stroke-width: 2.5; }
.hours .failed { fill: url(#failed); stroke: var(--bad); }
.stripes { stroke: var(--bad); stroke-width: 1.6; }
.dots { fill: var(--quiet); }
.outages td { vertical-align: top; }
details { border-top: 1px solid var(--rule); }
.outages > details:first-child { border: 0; }
.outages > details:first-child summary { padding: 0; }
summary { padding: 0.7rem 0 0; cursor: pointer; font-size: 0.875rem; color: var(--quiet); }
details table { margin-top: 0.75rem; border-top: 1px solid var(--rule); }
.outages table { table-layout: fixed; }
.outages th:first-child { width: 21%; }
.outages th:nth-child(2) { width: 20%; }
.outages th:nth-child(3) { width: 14%; }
.outages th:nth-child(4) { width: 8%; }
.outages th:nth-child(5) { width: 16%; }
footer { margin-top: 4rem; padding-top: 2rem; border-top: 1px solid var(--rule); color: var(--quiet); max-width: 46rem; }
footer h2 { font-size: 1rem; color: var(--ink); }
footer p, footer li { margin-top: 0.6rem; font-size: 0.9rem; overflow-wrap: anywhere; }
footer ul { padding-left: 1.2rem; margin: 0; }
@media screen and (max-width: 46rem) {
  html { scroll-padding-top: 7rem; }
  body { padding: 0 1rem 3rem; }
  header { padding: 2.25rem 0 1.75rem; }
  h1 { font-size: 1.65rem; }
  .figures { grid-template-columns: 1fr 1fr; gap: 1.4rem 1rem; }
  .figures .value { font-size: 1.4rem; }
  nav.view { margin-inline: -1rem; padding-inline: 1rem; }
  nav.view .view-range { width: 100%; font-size: 0.875rem; }
  .pair { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .card { padding: 1rem; }
  .hours text { font-size: 13px; }
  .charts .readout { min-height: 6.4rem; align-content: start; }
  .charts .readout span { flex-basis: 100%; }
  .stack thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .stack tr { display: grid; grid-template-columns: repeat(3, auto); gap: 0.3rem 1rem; padding: 0.9rem 0; border-bottom: 1px solid var(--rule); }
  .stack td { display: block; padding: 0; border: 0; text-align: left; white-space: normal; }
  .sites td.strip { min-width: 0; }
  .stack td[data-head]::before { content: attr(data-head); display: block; color: var(--quiet); font-size: 0.8rem; }
  .stack td:first-child, .stack .strip { grid-column: 1 / -1; width: auto; }
  .outages td { border: 0; }
  .outages .stack tr { grid-template-columns: 1fr 1fr; }
  .outages .stack td:first-child { grid-column: auto; }
}
@media print {
  :root { color-scheme: light; ${PAPER} }
  html { font-size: 12pt; }
  body { max-width: none; padding: 0; font-size: 8.5pt; line-height: 1.4; }
  header { padding: 0 0 1rem; }
  header .lead { font-size: 1rem; margin-top: 0.5rem; }
  h1 { font-size: 1.5rem; }
  h2 { font-size: 1.1rem; }
  h3, th, .small, .key { font-size: 8pt; }
  .sites td.strip { min-width: 0; }
  .sites .strip { width: 24%; }
  .timeline td svg { height: 0.7rem; }
  .pane, .pane.log-in, .pane:last-of-type { min-height: 0; }
  .charts h3 { margin: 0.2rem 0 0; }
  .pair { gap: 0.8rem; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
  .stages tr > :first-child { white-space: nowrap; }
  .down-now { padding: 0.4rem 0.8rem; margin-bottom: 0.8rem; break-inside: avoid; }
  nav.view, .charts .readout, .card.short { display: none; }
  summary { list-style: none; }
  main > h2 { margin-top: 1.5rem; }
  h2, h3, .facts { break-after: avoid; }
  section.site { padding-top: 0.5rem; }
  section.site + section.site { margin-top: 1rem; }
  .card { padding: 0.6rem 0.9rem; margin-top: 0.8rem; }
  .figures { padding: 0.8rem 0; margin-bottom: 1rem; gap: 1rem; grid-template-columns: repeat(4, 1fr); }
  .figures .value { font-size: 1.2rem; }
  .sites td, th, td { padding-block: 0.2rem; }
  footer { margin-top: 1.5rem; padding-top: 1rem; }
  th, td { padding-inline: 0.4rem; }
  .card { break-inside: avoid; }
  .card.outages { break-inside: auto; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
