import { type Html, html, raw } from '../report/html.ts';
import { hashOf, ICON } from '../report/page.ts';
import { DARK, LIGHT } from '../report/style.ts';

/** A phone has one column, a wall display several and larger letters. */
const STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; font-size: clamp(16px, 8px + 0.7vw, 40px); }
body {
  margin: 0; padding: 1.25rem clamp(1rem, 2vw, 2rem) 2rem; background: var(--page); color: var(--ink);
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
h1, h2, h3, p, ul, dl, dd { margin: 0; padding: 0; }
ul { list-style: none; }
a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: 0.2em; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
.quiet { color: var(--quiet); }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.2rem 1.5rem; }
h1 { font-size: 1.1rem; font-weight: 600; }
.counts { font-size: 1.5rem; font-weight: 650; }
.where { margin-left: auto; }
.lost { width: 100%; color: var(--bad); font-weight: 650; }
.lost:empty { display: none; }
h2 { font-size: 1rem; font-weight: 600; margin: 1.1rem 0 0.5rem; }
.down h2 { color: var(--bad); }
.notices { margin-top: 1rem; display: grid; gap: 0.3rem; }
.fault { color: var(--bad); font-weight: 600; }
.sites { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 0.7rem; }
.site {
  display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0.1rem 0.75rem; align-content: start; padding: 0.7rem 0.9rem;
  background: var(--card); border: 1px solid var(--rule); border-radius: 0.5rem;
}
.down .site { border-color: var(--bad); border-left-width: 0.4rem; }
.unknown .site { border-style: dashed; border-color: var(--quiet); }
h3 { font-size: 1rem; font-weight: 650; }
.state { font-weight: 650; }
.state.down { color: var(--bad); }
.since, .remarks, dl { grid-column: 1 / -1; font-size: 0.875rem; }
.since { color: var(--quiet); }
.step { grid-column: 1 / -1; font-size: 0.875rem; font-weight: 600; color: var(--line); }
.step:empty { display: none; }
.step::before { content: "testing: "; font-weight: 400; }
.remarks li { overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.3rem 0.6rem; margin-top: 0.4rem; font-variant-numeric: tabular-nums; }
dt { color: var(--quiet); }
dd { display: flex; gap: 0.6rem; align-items: center; }
dd span { min-width: 4.2rem; text-align: right; }
.bars { flex: 1; min-width: 0; height: 1.1rem; background: var(--empty); }
.bars .up { fill: var(--soft); }
.bars .down { fill: var(--bad); }
.bars .line { fill: none; stroke: var(--line); stroke-width: 2; vector-effect: non-scaling-stroke; }
footer { margin-top: 2rem; color: var(--quiet); font-size: 0.875rem; }
input, button { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--quiet); border-radius: 0.3rem; padding: 0.2rem 0.5rem; }
@media (max-width: 40rem) { .where { margin: 0; width: 100%; } }
`;

/** A page of the server. */
export interface PageDocument {
  readonly title: string;
  readonly body: Html;
  /** The script of the page; '': none. */
  readonly script: string;
  /** How often it loads itself again without scripts, in seconds. */
  readonly refreshSeconds: number;
}

/** Returns a whole page and the policy for its header: it fetches nothing from elsewhere. */
export function documentOf({ title, body, script, refreshSeconds }: PageDocument): {
  readonly text: string;
  readonly policy: string;
} {
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>
<title>${title}</title>
<link rel="icon" href="${raw(ICON)}">
<style>${raw(STYLE)}</style>
</head>
<body>
${body}
${script === '' ? '' : html`<script>${raw(script)}</script>`}
</body>
</html>
`.html;
  const scripts = script === '' ? '' : `; script-src ${hashOf(script).html}; connect-src 'self'`;
  return {
    text,
    policy: `default-src 'none'; img-src data:; style-src ${hashOf(STYLE).html}${scripts}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
  };
}
