// Makes CSV files as a monitor of many months leaves them: log-in times that follow the day, slow weeks, outages of every
// kind, times in which the monitor did not run. The same seed makes the same files. Also for bench/, hence JavaScript.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const HEADER = 'Time,CPE Name,Summary,Stage 1 in ms,Stage 2 in ms,Stage 3 in ms';
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HOUR = 3_600_000;

/** Each kind of outage: how often of all, how long in hours, and what the stages show. */
const OUTAGES = [
  { share: 0.45, hours: [0.1, 0.8], show: [null, 'ERROR', 'TIMEOUT'] },
  { share: 0.25, hours: [0.3, 5], show: ['TIMEOUT', 'ERROR', 'TIMEOUT'] },
  { share: 0.2, hours: [0.2, 2], show: [null, null, 'TIMEOUT'] },
  { share: 0.1, hours: [4, 22], show: [null, 'ERROR', 'ERROR'] },
];

/** See written-days.d.mts. */
export function writeDays({
  folder,
  file = 'result',
  sites,
  from,
  to,
  frequency,
  seed = 1,
  outagesPerDay = 0.12,
  gapsPerDay = 0.05,
  lineEnd = '\n',
}) {
  mkdirSync(folder, { recursive: true });
  const random = generator(seed);
  const plans = sites.map((name, index) => planOf(name, index, random));
  const apart = Math.min(12_000, (frequency * 1000) / (sites.length + 1));
  let rows = 0;
  let name = '';
  let lines = [];
  let gapUntil = 0;
  const flush = () => {
    if (lines.length > 0)
      writeFileSync(path.join(folder, name), `${[HEADER, ...lines].join(lineEnd)}${lineEnd}`);
    lines = [];
  };
  for (let cycle = from.getTime(); cycle < to.getTime(); cycle += frequency * 1000) {
    if (random() < (gapsPerDay * frequency) / 86_400) gapUntil = cycle + (1 + 11 * random()) * HOUR;
    if (cycle < gapUntil) continue;
    for (const [index, plan] of plans.entries()) {
      const date = new Date(cycle + index * apart);
      if (date >= to) break;
      const day = fileName(file, date);
      if (day !== name) {
        flush();
        name = day;
      }
      lines.push(
        `${asctime(date)},${plan.quoted},${resultOf(plan, date, random, (outagesPerDay * frequency) / 86_400)}`,
      );
      rows += 1;
    }
  }
  flush();
  return rows;
}

function planOf(name, index, random) {
  return {
    quoted: /[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name,
    // Sites differ: how far away, how slow, how reliable.
    outside: 4 + 60 * random() ** 2,
    login: 2500 + 7000 * random(),
    inside: 8 + 90 * random() ** 2,
    frailty: index % 7 === 3 ? 5 : 0.3 + random(),
    outageUntil: 0,
    show: [null, null, null],
    slowUntil: 0,
  };
}

function resultOf(plan, date, random, outageChance) {
  const time = date.getTime();
  if (time >= plan.outageUntil && random() < outageChance * plan.frailty) {
    const kind = pick(random());
    plan.show = kind.show;
    plan.outageUntil = time + (kind.hours[0] + (kind.hours[1] - kind.hours[0]) * random() ** 2) * HOUR;
  }
  if (time >= plan.slowUntil && random() < 0.0004) plan.slowUntil = time + (6 + 60 * random()) * HOUR;
  const show = time < plan.outageUntil ? plan.show : [null, null, null];
  const busy = working(date);
  const slow = time < plan.slowUntil ? 1.7 : 1;
  const values = [
    plan.outside * (1 + 0.3 * busy) * spread(random, 0.06),
    plan.login * slow * (1 + 0.45 * busy) * spread(random, 0.08),
    plan.inside * (1 + 0.6 * busy) * spread(random, 0.1),
  ].map((value, stage) => show[stage] ?? value.toFixed(3));
  return [values.some((value) => /[A-Z]/.test(value)) ? 'FAILURE' : 'SUCCESS', ...values].join(',');
}

/** How busy people are, 0 to 1: most at eleven, a little less in the afternoon, little at weekends. */
function working(date) {
  const hour = date.getHours() + date.getMinutes() / 60;
  const peak = Math.exp(-(((hour - 10.5) / 2.6) ** 2)) + 0.8 * Math.exp(-(((hour - 15) / 2.4) ** 2));
  return Math.min(1, peak) * (date.getDay() % 6 === 0 ? 0.15 : 1);
}

/** Around 1, now and then far above: what networks do. */
function spread(random, width) {
  const near = 1 + width * (random() + random() + random() - 1.5);
  return random() < 0.004 ? near * (1.5 + 2 * random()) : near;
}

function pick(part) {
  let left = part;
  const found = OUTAGES.find(({ share }) => {
    left -= share;
    return left < 0;
  });
  return found ?? OUTAGES[0];
}

function fileName(file, date) {
  const two = (number) => String(number).padStart(2, '0');
  return `${file}_${two(date.getFullYear() % 100)}${two(date.getMonth() + 1)}${two(date.getDate())}.csv`;
}

function asctime(date) {
  const two = (number) => String(number).padStart(2, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${clock} ${date.getFullYear()}`;
}

/** Numbers from 0 up to 1 that only look random (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
