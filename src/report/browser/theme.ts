/** The colours of the page, from its style sheet: light, dark or paper. */
export interface Theme {
  readonly ink: string;
  readonly quiet: string;
  readonly rule: string;
  readonly line: string;
  readonly band: string;
  readonly bad: string;
  /** The background of gaps. */
  readonly empty: string;
  readonly font: string;
}

/** Returns the current colours. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour('ink'),
    quiet: colour('quiet'),
    rule: colour('rule'),
    line: colour('line'),
    band: colour('band'),
    bad: colour('bad'),
    empty: colour('empty'),
    // The font of the text, which the root element does not have.
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
  };
}

/** Calls `listener` when the colours change; `paper`: whether they are those of the printed page. */
export function onThemeChange(listener: (paper: boolean) => void): void {
  const paper = matchMedia('print');
  const notify = () => listener(paper.matches);
  for (const query of [paper, matchMedia('(prefers-color-scheme: dark)')])
    query.addEventListener('change', notify);
  // Some browsers send no change event for printing.
  addEventListener('beforeprint', () => listener(true));
  addEventListener('afterprint', () => listener(false));
}
