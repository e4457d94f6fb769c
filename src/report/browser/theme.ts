/** The colours of the page, as its style sheet says them for light, dark and paper. */
export interface Theme {
  readonly ink: string;
  readonly quiet: string;
  readonly rule: string;
  readonly line: string;
  readonly band: string;
  readonly bad: string;
  /** Behind the dots where nothing was measured. */
  readonly empty: string;
  readonly font: string;
}

/** The colours that hold now. */
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
    font: `12px ${style.fontFamily}`,
  };
}

/** Calls `listener` when the colours change, with whether they are those of paper. */
export function onThemeChange(listener: (paper: boolean) => void): void {
  const paper = matchMedia('print');
  const tell = () => listener(paper.matches);
  for (const query of [paper, matchMedia('(prefers-color-scheme: dark)')])
    query.addEventListener('change', tell);
  // Not every browser tells of the medium.
  addEventListener('beforeprint', () => listener(true));
  addEventListener('afterprint', () => listener(false));
}
