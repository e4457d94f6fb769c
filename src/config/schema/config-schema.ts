import * as v from 'valibot';
import { LEVELS } from '../../log/log.ts';
import { failed, good, type Result } from '../../model/result.ts';
import { ChannelsSchema } from './channel-schema.ts';
import { AnyClientSchema } from './client-schema.ts';
import { EmailSchema } from './email-schema.ts';
import { HeartbeatSchema } from './heartbeat-schema.ts';
import { LoginSchema } from './login-schema.ts';
import { MaintenanceSchema } from './maintenance-schema.ts';
import { MetricsSchema } from './metrics-schema.ts';
import {
  count,
  flag,
  hours,
  MAX_DAYS,
  MAX_HOURS,
  MAX_SECONDS,
  MAX_WAIT_SECONDS,
  mapping,
  nameOrPath,
  optional,
  parsed,
  path,
  percent,
  plainName,
  required,
  seconds,
  section,
  string,
  withDefault,
} from './parts-schema.ts';
import { ReportSchema } from './report-schema.ts';
import { AnySiteSchema, ISOLATION, SiteNameSchema } from './site-schema.ts';
import { SlowSchema } from './slow-schema.ts';
import { TargetsSchema } from './target-schema.ts';
import { WebSchema } from './web-schema.ts';

const logging = mapping({
  dir: required(path, "Results folder, created if missing. A relative path starts at the config's folder."),
  file: required(plainName, 'Name of the CSV files: FILE_YYMMDD.csv, one per day.'),
  log: withDefault(
    nameOrPath,
    'monitoring.log',
    "The log: a name in the results folder, or a path with a /. A relative path starts at the config's folder.",
  ),
  level: withDefault(
    v.picklist(LEVELS, 'debug, info, warning, error or critical'),
    'debug',
    'Minimum log level: debug, info, warning, error or critical.',
  ),
  keep_days: withDefault(
    count(0, MAX_DAYS),
    0,
    'Days to keep CSV files. Older ones are removed, once a day. 0: all files are kept.',
  ),
  email: v.optional(EmailSchema),
});

/** Each change is stored. */
const MAX_CHANGES = 100;

const alerts = mapping({
  after: withDefault(count(1, 1000), 2, 'Consecutive failures before the first mail.'),
  recover_after: withDefault(
    count(1, 1000),
    1,
    'Successes in a row before a site that was down counts as back.',
  ),
  remind_hours: withDefault(
    hours(0, MAX_HOURS),
    24,
    'Hours between reminders while a site is down. 0: no reminders.',
  ),
  expiry_days: withDefault(
    count(0, MAX_DAYS),
    14,
    "Days before the expiry of a site's password, or of a certificate, from which on a mail warns of it. Again each week, and each day in the last three days. 0: no mails.",
  ),
  recovery: withDefault(flag, true, 'Whether a mail is sent when a site recovers.'),
  group_seconds: withDefault(
    seconds(0, MAX_SECONDS),
    300,
    'What happens to several sites within one cycle is one mail, sent at the end of the cycle, but at most this many seconds after the first event, between two tests. 0: a mail for each.',
  ),
  flap: v.optional(
    required(
      mapping({
        changes: withDefault(
          count(0, MAX_CHANGES),
          6,
          'So many changes between up and down are flapping. 0: a site never flaps.',
        ),
        hours: withDefault(hours(0.1, MAX_HOURS), 3, 'The hours within which changes count.'),
      }),
      'A site that keeps going down and coming back: one mail says so, and none follows until it has been steady for an hour.',
    ),
    {},
  ),
  subjects: withDefault(
    v.picklist(['cause', 'classic'], 'cause or classic'),
    'cause',
    'Subjects of mails. cause: "VPN oslo DOWN: credentials rejected"; classic: those of version 1.0.0, for filters that match them.',
  ),
});

// A ping sends one request per second: with less time than requests it would never complete.
const ping = v.pipe(
  mapping({
    count: withDefault(count(1, 1000), 5, 'Echo requests of one ping, one per second.'),
    timeout: withDefault(
      seconds(1, MAX_WAIT_SECONDS),
      20,
      'Seconds before a ping is given up, the look-up of the name included. Must be more than count.',
    ),
    family: withDefault(
      v.picklist(['auto', 4, 6], 'auto, 4 or 6'),
      'auto',
      'Which addresses of a host name are pinged: 4 for IPv4, 6 for IPv6; auto: the first that answers, in the order of the resolver. Each address of a name has a share of timeout.',
    ),
    max_loss: withDefault(
      percent,
      100,
      'Packet loss in percent above which a stage is ERROR. 100: a single reply is enough.',
    ),
  }),
  v.forward(
    v.partialCheck(
      [['count'], ['timeout']],
      (value) => value.timeout > value.count,
      'more seconds than ping.count',
    ),
    ['timeout'],
  ),
);

const cleanup = mapping({
  settle_seconds: withDefault(
    seconds(0, MAX_WAIT_SECONDS),
    10,
    'Seconds to wait after a leftover client was killed, so that the gateway notices.',
  ),
});

const RESTORE = 'a list of strings: the command and its arguments';

function commandLineOf([program, ...args]: string[]): Result<readonly [string, ...string[]]> {
  if (program === undefined) return failed(RESTORE);
  return program.startsWith('-')
    ? failed('a list that begins with a command, not with an option')
    : good([program, ...args]);
}

const dns = mapping({
  file: withDefault(path, '/etc/resolv.conf', 'The file that the client changes.'),
  restore: withDefault(
    v.pipe(v.array(string, RESTORE), v.nonEmpty(RESTORE), parsed(commandLineOf)),
    ['sudo', '-n', 'resolvconf', '-u'],
    'The command that restores the file, and its arguments. For root a leading "sudo -n" is dropped.',
  ),
});

/** More sites than a host can test at once. */
const MAX_CONCURRENCY = 1000;
const CONCURRENCY = `a whole number from 1 to ${MAX_CONCURRENCY}, or all`;

const control = mapping({
  group: optional(
    v.pipe(
      string,
      v.regex(/^[A-Za-z0-9_][\w.-]{0,31}$/, 'the name of a group, or its number in quotes'),
      v.examples(['vpnops']),
    ),
    "The group whose members may use `vpn-monitor silence` and `ack`. Default: the group of the monitor's user.",
  ),
});

const uplink = mapping({
  targets: required(
    v.pipe(TargetsSchema, v.examples([['ping://192.0.2.1', 'tcp://192.0.2.2:443']])),
    'What this host reaches without any VPN, as inside of a site: ping://HOST, tcp://HOST:PORT, https://HOST/PATH or dns://SERVER/NAME; or a list of them. One answer is enough.',
  ),
});

const settings = {
  frequency: required(
    seconds(1, MAX_SECONDS),
    'Seconds from the start of one cycle over all sites to the start of the next.',
  ),
  isolation: withDefault(
    ISOLATION,
    'none',
    'Where tests run. none: on this host. cell: each in a cell, with processes, network and /etc of its own. auto: in cells if this host allows them, else none.',
  ),
  concurrency: withDefault(
    v.union(
      [
        v.pipe(
          v.number(CONCURRENCY),
          v.integer(CONCURRENCY),
          v.minValue(1, CONCURRENCY),
          v.maxValue(MAX_CONCURRENCY, CONCURRENCY),
        ),
        v.literal('all', CONCURRENCY),
      ],
      CONCURRENCY,
    ),
    1,
    'Tests that run at the same time, or all. More than 1 needs isolation: cell or auto.',
  ),
  logging: section(logging, 'Where results, log and mails go.'),
  alerts: v.optional(section(alerts, 'When mails are sent.'), {}),
  channels: optional(
    ChannelsSchema,
    'Further ways to people and programs beside logging.email: mail, webhooks and commands. Default: none.',
  ),
  heartbeat: v.optional(
    section(
      HeartbeatSchema,
      'Tells a watchdog elsewhere, such as healthchecks, that the monitor works. Default: none.',
    ),
  ),
  report: v.optional(
    section(
      ReportSchema,
      'A report by mail when a day, a week or a month has ended: availability and outages as text, and the page of `vpn-monitor report` attached. Default: none.',
    ),
  ),
  control: v.optional(section(control, 'Who may silence and acknowledge outages.')),
  maintenance: optional(
    MaintenanceSchema,
    'Planned work: tests continue, and nobody is told of failures. What still fails afterwards is told then. Default: none.',
  ),
  uplink: v.optional(
    section(
      uplink,
      'Control targets that tell a failed gateway from a failed line of this host. They are asked before each cycle and after each failed test. Default: only the kernel\'s own "no route" counts.',
    ),
  ),
  slow_ms: optional(
    SlowSchema,
    'Milliseconds over which a stage that works is slow: after alerts.after slow tests in a row you get a mail, and one when the site is as fast as before. Each test is still a SUCCESS. A site may have its own.',
  ),
  ping: v.optional(section(ping, 'The pings of stages 1 and 3.'), {}),
  login: v.optional(section(LoginSchema, 'The log-in of stage 2.'), {}),
  cleanup: v.optional(section(cleanup, 'How leftover clients are cleaned up.'), {}),
  dns: v.optional(section(dns, 'How DNS is restored if the client left it changed.'), {}),
  web: v.optional(section(WebSchema, 'A page that shows how every site is now, for people. Default: none.')),
  metrics: v.optional(
    section(MetricsSchema, 'Metrics for Prometheus, in one of two ways or both. Default: none.'),
  ),
};

/**
 * The config without its two mappings with names that the user chooses. These are read apart, since valibot's record
 * drops names such as `constructor`.
 */
export const SettingsSchema = mapping({ ...settings, sites: v.unknown(), clients: v.optional(v.unknown()) });

/** The settings of a config, checked, with their defaults. Paths are as the config has them. */
export type Settings = Omit<v.InferOutput<typeof SettingsSchema>, 'sites' | 'clients'>;

/** All keys of a config, beside those that begin with `x-`. */
export const ConfigSchema = mapping({
  ...settings,
  sites: required(
    v.record(SiteNameSchema, AnySiteSchema, 'a mapping of sites by their names'),
    'The sites by name, tested in this order.',
  ),
  clients: v.optional(
    required(
      v.record(v.string(), AnyClientSchema, 'a mapping of clients by their names'),
      'VPN clients by name: where a built-in one is, if not in PATH, and clients of your own.',
    ),
    {},
  ),
});
