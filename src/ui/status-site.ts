import type { SiteStatus } from '../history/site-status.ts';
import {
  goodCertificates,
  lastValues,
  remarks,
  type StatusTableOptions,
  shares,
  sinceInWords,
  stateWord,
  trend,
  WINDOW_NAMES,
} from './status-words.ts';

/** Formats all that is known of one site, as several lines. */
export function statusOfSite(site: SiteStatus, options: StatusTableOptions): string {
  const { now, screen } = options;
  const [outside, login, inside] = lastValues(site);
  const availability = shares(site);
  const windows = WINDOW_NAMES.map((name, index) => `${name} ${availability[index]}`).join('   ');
  return [
    `${screen.paint('strong', site.name)}  ${stateWord(site, screen)}  ${sinceInWords(site, now)}`,
    ...remarks(site, options),
    ...goodCertificates(site, now).map((words) => screen.paint('dim', `  ${words}`)),
    `  ping outside ${outside}   log in ${login}   ping inside ${inside}`,
    `  ${windows}`,
    `  log-in times, 24 h  ${trend(site, screen)}`,
  ].join('\n');
}
