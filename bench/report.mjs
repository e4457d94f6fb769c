import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { median, quantile, slope } from './statistics.mjs';

/**
 * The measurements beside their targets.
 *
 * @param {Record<string, any>} measurements
 * @returns {{ what: string; target: string; measured: string; value: number; holds: boolean }[]}
 */
export function judge({
  starts,
  startsWithMetrics,
  added,
  perSite,
  memory,
  gained,
  idle,
  metrics,
  sites,
  year,
}) {
  const points = memory.samples.map(({ rows, rss }) => ({ x: rows, y: rss }));
  const times = (values, most, what) => ({
    what,
    target: `median at most ${most} ms`,
    measured: `${median(values).toFixed(1)} ms (${quantile(values, 0.1).toFixed(1)} to ${quantile(values, 0.9).toFixed(1)}, ${values.length} times)`,
    value: median(values),
    holds: median(values) <= most,
  });
  const growth = slope(points);
  const highest = memory.highest / 1024;
  const busyTicks = idle.ticks.reduce((sum, ticks) => sum + ticks, 0);
  return [
    times(added, 8, "stage 2 beyond the client's own time"),
    times(perSite, 150, "a site's test beyond its children's own time"),
    times(starts, 400, 'start of the process to the first ping'),
    times(startsWithMetrics, 500, 'the same with metrics on'),
    {
      what: 'memory (RSS)',
      target: 'at most 90 MB',
      measured: `${highest.toFixed(1)} MB at most, ${(idle.rss / 1024).toFixed(1)} MB idle after one test`,
      value: highest,
      holds: highest <= 90,
    },
    {
      what: 'its slope after the warm-up',
      target: 'at most 1 KB a row',
      measured: `${growth.toFixed(2)} KB a row over ${memory.rows} rows after ${memory.warm}`,
      value: growth,
      holds: growth <= 1,
    },
    {
      what: 'memory with metrics on',
      target: 'at most 100 MB',
      measured: `${(metrics.highest / 1024).toFixed(1)} MB at most over ${metrics.rows} rows of 48 sites and ${metrics.scrapes} scrapes of ${(metrics.bytes / 1024).toFixed(0)} KB`,
      value: metrics.highest / 1024,
      holds: metrics.highest <= 100 * 1024,
    },
    ...judgeSites(sites),
    {
      what: 'open files and zombies gained',
      target: 'none',
      measured: `${gained.files} files, ${gained.zombies} zombies`,
      value: gained.files + gained.zombies,
      holds: gained.files <= 0 && gained.zombies === 0,
    },
    {
      what: 'CPU while it waits for the next cycle',
      target: 'none',
      measured: `${median(idle.ticks) * 10} ms in 10 s; in ${idle.seconds} s ${busyTicks * 10} ms, ${idle.switches} context switches`,
      value: median(idle.ticks) * 10,
      // One tick is what the clock's grain may put down to it by chance. The sum has V8's collections after the cycle.
      holds: median(idle.ticks) <= 1,
    },
    ...judgeYear(year),
  ];
}

/**
 * What people wait for on the files of a year, beside its targets.
 *
 * @param {Awaited<ReturnType<typeof import('./measure-year.mjs').measureYear>>} year
 */
export function judgeYear({ sites, report, status, page }) {
  const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
  const of = `of ${sites} sites and a year`;
  const line = (what, most, { ms, memory }, measured) => ({
    what: `${what} ${of}`,
    target: `at most ${most.seconds} s and ${most.memory} MB`,
    measured: `${seconds(ms)}, ${Math.round(memory)} MB at most; ${measured}`,
    value: ms,
    holds: ms <= 1000 * most.seconds && memory <= most.memory,
  });
  const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`;
  return [
    line(
      'first answer of the page',
      { seconds: 1, memory: 250 },
      { ms: page.first, memory: page.memory },
      `${seconds(page.sinceStart)} with the start of its program (CPU ${seconds(page.firstCpu)}); with 30 days after ${seconds(page.month)}; then ${seconds(page.same)}, ${seconds(page.changed)} after a new row; ${kilobytes(page.bytes)}; a site ${seconds(page.site)}, ${kilobytes(page.siteBytes)}; CPU ${seconds(page.cpu)} in all`,
    ),
    line('status', { seconds: 5, memory: 120 }, status, `CPU ${seconds(status.cpu)}`),
    line(
      'report',
      { seconds: 60, memory: 450 },
      report,
      `CPU ${seconds(report.cpu)}; ${kilobytes(report.bytes)}`,
    ),
  ];
}

/**
 * What grows with the sites.
 *
 * @param {Record<string, any>} sites
 */
export function judgeSites({ few, some, many, veryMany }) {
  const own = (all) =>
    all.map(({ sites, cpu, rows }) => `with ${sites} sites ${cpu.toFixed(1)} ms over ${rows}`).join(', ');
  const memory = (all) =>
    all.map(({ sites, highest }) => `with ${sites} sites ${(highest / 1024).toFixed(1)} MB`).join(', ');
  return [
    {
      what: `its own CPU time a row with ${many.sites} sites`,
      target: `at most 10 % more than with ${few.sites}`,
      measured: `${many.cpu.toFixed(1)} ms over ${many.rows} rows; ${own([few, some])}`,
      value: many.cpu,
      holds: many.cpu <= 1.1 * few.cpu,
    },
    {
      what: `memory with ${many.sites} sites`,
      target: 'at most 110 MB',
      measured: `${(many.highest / 1024).toFixed(1)} MB at most; ${memory([few, some])}`,
      value: many.highest / 1024,
      holds: many.highest <= 110 * 1024,
    },
    {
      what: `start, reload and stop with ${veryMany.sites} sites`,
      target: 'each at most 3 s',
      measured: ['start', 'reload', 'stop']
        .map((what) => `${what} ${(veryMany[what] / 1000).toFixed(2)} s`)
        .join(', '),
      value: Math.max(veryMany.start, veryMany.reload, veryMany.stop),
      holds: Math.max(veryMany.start, veryMany.reload, veryMany.stop) <= 3000,
    },
  ];
}

/** @param {ReturnType<typeof judge>} figures */
export function asMarkdown(figures, { alone, seconds }) {
  const cells = [
    ['what', 'target', 'measured', 'holds'],
    ...figures.map(({ what, target, measured, holds }) => [what, target, measured, holds ? 'yes' : '**no**']),
  ];
  const profile = alone
    ? ''
    : '\n\nWithout namespaces (not allowed here): with the profile of the demo, which looks at no processes.';
  return `${conditions()}; ${seconds.toFixed(0)} s.${profile}\n\n${table(cells)}`;
}

/**
 * A table in Markdown.
 *
 * @param {readonly (readonly string[])[]} cells row by row, the first one is the head
 */
export function table(cells) {
  const width = (column) => Math.max(...cells.map((row) => row[column].length));
  const lines = cells.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(width(column))).join(' | ')} |`,
  );
  const rule = `|${cells[0].map((_, column) => '-'.repeat(width(column) + 2)).join('|')}|`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

/** @param {ReturnType<typeof judge>} figures */
export function asJson(figures, { alone, seconds }) {
  return JSON.stringify({ conditions: conditions(), namespaces: alone, seconds, figures }, null, 2);
}

/** When and where, in words. */
export function conditions() {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `vpn-monitor ${version} on ${date} UTC: Node ${process.versions.node}, Linux ${release()}, ${cpus().length} x ${cpus()[0]?.model}, ${gigabytes} GB; load ${loadavg()[0].toFixed(1)}`;
}
