/** The content type of Prometheus' text format. */
export const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** That of OpenMetrics. */
export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/**
 * Prometheus' text format 0.0.4 as OpenMetrics 1.0.0: a counter's family is named without `_total`, there are no empty
 * lines, and the end is marked. prom-client could do it, but when asked once it drops `_total` from its counters' names
 * for good, also in the older format (seen in 15.1.3).
 */
export function asOpenMetrics(text: string): string {
  const families = text.replace(/^# (HELP|TYPE) (\S+)_total /gm, '# $1 $2 ');
  return `${families.replace(/\n{2,}/g, '\n')}# EOF\n`;
}

/**
 * Whether a client would rather have OpenMetrics, by its Accept header (RFC 9110, 12.5.1). A client that does not name it, or names
 * another version of it only, gets the older format.
 */
export function prefersOpenMetrics(accept = ''): boolean {
  let openMetrics = 0;
  let text = 0;
  for (const range of accept.toLowerCase().split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    const parameter = (name: string) =>
      parameters.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
    const weight = Number(parameter('q') ?? 1);
    const version = parameter('version') ?? '1.0.0';
    if (type === 'application/openmetrics-text' && version === '1.0.0') {
      openMetrics = Math.max(openMetrics, weight);
    }
    if (type === 'text/plain') text = Math.max(text, weight);
  }
  return openMetrics > 0 && openMetrics >= text;
}
