import * as v from 'valibot';
import { LEVELS } from '../../log/log.ts';
import { AnyClientSchema } from './client-schema.ts';
import { EmailSchema } from './email-schema.ts';
import { MetricsSchema } from './metrics-schema.ts';
import {
  choice,
  count,
  described,
  flag,
  hours,
  MAX_DAYS,
  MAX_HOURS,
  MAX_MINUTES,
  MAX_SECONDS,
  MAX_WAIT_SECONDS,
  minutes,
  path,
  plainName,
  seconds,
  setting,
  string,
} from './parts-schema.ts';
import { AnySiteSchema, SiteNameSchema } from './site-schema.ts';

const logging = v.strictObject(
  {
    dir: described(
      path,
      "Results folder, created if missing. A relative path starts at the config's folder.",
    ),
    file: described(plainName, 'Name of the CSV files: FILE_YYMMDD.csv, one a day.'),
    log: setting(plainName, 'monitoring.log', 'Name of the log in the results folder.'),
    level: setting(
      v.picklist(LEVELS, 'debug, info, warning, error or critical'),
      'debug',
      'The least that is logged.',
    ),
    keep_days: setting(
      count(0, MAX_DAYS),
      0,
      'CSV files of days longer ago than so many are removed, once a day; 0: none are.',
    ),
    email: choice(EmailSchema, 'How mail is sent. Default: no mail.'),
  },
  'a mapping',
);

const alerts = v.strictObject(
  {
    after: setting(count(1, 1000), 2, 'Failures in a row before the first mail.'),
    remind_hours: setting(hours(0, MAX_HOURS), 24, 'Hours between reminders while a site is down; 0: none.'),
    recovery: setting(flag, true, 'Whether a mail says that a site is back.'),
  },
  'a mapping',
);

// Requests go out a second apart: with less time than requests no ping would come to its end.
const ping = v.pipe(
  v.strictObject(
    {
      count: setting(count(1, 1000), 5, 'Echo requests of one ping, one a second.'),
      timeout: setting(
        seconds(1, MAX_WAIT_SECONDS),
        20,
        'Seconds before a ping is given up, more than count.',
      ),
    },
    'a mapping',
  ),
  v.forward(
    v.partialCheck(
      [['count'], ['timeout']],
      (value) => value.timeout > value.count,
      'more seconds than ping.count',
    ),
    ['timeout'],
  ),
);

const login = v.strictObject(
  {
    step_timeout: setting(seconds(1, MAX_WAIT_SECONDS), 30, "Seconds for each of the client's prompts."),
    quit_timeout: setting(seconds(1, MAX_WAIT_SECONDS), 30, 'Seconds for the client to log out.'),
    rejected_retry_minutes: setting(
      minutes(0, MAX_MINUTES),
      0,
      'Minutes without a further attempt after rejected credentials, so that the account is not locked; 0: none.',
    ),
  },
  'a mapping',
);

const cleanup = v.strictObject(
  {
    settle_seconds: setting(
      seconds(0, MAX_WAIT_SECONDS),
      10,
      'Seconds to wait after a left-over client was killed, for the gateway to notice.',
    ),
  },
  'a mapping',
);

const RESTORE = 'a list of strings: the command and its arguments';
const dns = v.strictObject(
  {
    file: setting(path, '/etc/resolv.conf', 'The resolver configuration that the client changes.'),
    restore: setting(
      v.pipe(
        v.array(string, RESTORE),
        v.nonEmpty(RESTORE),
        v.check(
          ([first]) => !first?.startsWith('-'),
          'a list that begins with a command, not with an option',
        ),
      ),
      ['sudo', '-n', 'resolvconf', '-u'],
      'The command that restores it, and its arguments; for root a leading sudo -n is dropped.',
    ),
  },
  'a mapping',
);

const rest = {
  frequency: described(
    seconds(1, MAX_SECONDS),
    'Seconds from the start of one cycle over all sites to the start of the next.',
  ),
  logging: described(logging, 'Where results, log and mails go.'),
  alerts: v.optional(described(alerts, 'When mails are sent.'), {}),
  ping: v.optional(described(ping, 'The pings of stages 1 and 3.'), {}),
  login: v.optional(described(login, 'The log-in of stage 2.'), {}),
  cleanup: v.optional(described(cleanup, 'What is done with left-over clients.'), {}),
  dns: v.optional(described(dns, 'How DNS is restored when the client left it changed.'), {}),
  metrics: choice(MetricsSchema, 'Figures for Prometheus. Default: none.'),
};

/** The config without its two mappings of free names, read apart: valibot's record drops names such as `constructor`. */
export const RestSchema = v.strictObject(
  { ...rest, sites: v.any(), clients: v.optional(v.any()) },
  'a mapping',
);

/** All that a config may say, beside keys that begin with `x-`. */
export const ConfigSchema = v.strictObject(
  {
    ...rest,
    sites: described(
      v.record(SiteNameSchema, AnySiteSchema, 'a mapping of sites by their names'),
      'The sites by name, tested in this order.',
    ),
    clients: v.optional(
      described(
        v.record(v.string(), AnyClientSchema, 'a mapping of clients by their names'),
        'VPN clients by name: where a built-in one is, if not in PATH, and clients of your own.',
      ),
      {},
    ),
  },
  'a mapping',
);
