import type { Reading } from './reading.ts';
import type { Settings } from './schema/config-schema.ts';
import { find } from './yaml/tree.ts';

/** Reports a problem with a report that nobody would get, or whose recipients have no mail server. */
export function checkReport({ root, report }: Reading, settings: Settings | undefined): void {
  const item = find(root, 'report');
  if (settings?.report === undefined || item === undefined || settings.logging.email !== undefined) return;
  const to = find(root, 'report', 'to');
  if (to !== undefined) {
    report({ at: to.at, path: ['report', 'to'], text: 'expected logging.email as well, which sends it' });
  }
  const isWanted = settings.channels?.some(
    ({ events, webhook }) => webhook?.body !== 'alertmanager' && (events?.includes('report') ?? true),
  );
  if (isWanted) return;
  report({
    at: item.at,
    path: ['report'],
    text: 'expected logging.email as well, or a channel that gets it',
  });
}
