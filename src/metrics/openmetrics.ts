/** The content type of Prometheus' text format. */
export const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** The content type of OpenMetrics. */
export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/**
 * Converts Prometheus' text format 0.0.4 to OpenMetrics 1.0.0: removes `_total` from the name of a counter's family and empty
 * lines, and marks the end. prom-client 15.1.3 can do this too, but then drops `_total` from its counters in both formats.
 */
export function asOpenMetrics(text: string): string {
  const families = text.replace(/^# (HELP|TYPE) (\S+)_total /gm, '# $1 $2 ');
  return `${families.replace(/\n{2,}/g, '\n')}# EOF\n`;
}

/**
 * Whether a client prefers OpenMetrics 1.0.0 by its Accept header (RFC 9110, 12.5.1). If it does not accept that version, it gets
 * the older format.
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
