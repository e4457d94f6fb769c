import * as v from 'valibot';
import { EVENT_NAMES } from '../../model/event-kinds.ts';
import { failed, good, type Result } from '../../model/result.ts';
import { EmailSchema } from './email-schema.ts';
import {
  flag,
  mapping,
  optional,
  parsed,
  path,
  required,
  seconds,
  secretText,
  section,
  string,
  variable,
  withDefault,
} from './parts-schema.ts';

/** The ready-made bodies of a webhook. */
const BODIES = ['standard', 'alertmanager', 'ntfy'] as const;
const EVENTS = 'a list of events';
const SITES = 'a list of names of sites';
const PROGRAM = 'a list of strings: the absolute path of a program, and its arguments';

const WebhookSchema = section(
  mapping({
    url: optional(secretText, 'The address that gets a POST, http or https. It counts as a secret.'),
    url_file: optional(path, 'Instead of url: the file that holds it.'),
    url_env: optional(variable, 'Instead of url: the environment variable that holds it.'),
    secret: optional(
      secretText,
      'Signs each request by Standard Webhooks: whsec_ and 24 to 64 bytes in base64. Default: not signed.',
    ),
    secret_file: optional(path, 'Instead of secret: the file that holds it.'),
    secret_env: optional(variable, 'Instead of secret: the environment variable that holds it.'),
    token: optional(
      secretText,
      'Sent as Authorization: Bearer TOKEN, or where the template has {token}. Default: none.',
    ),
    token_file: optional(path, 'Instead of token: the file that holds it.'),
    token_env: optional(variable, 'Instead of token: the environment variable that holds it.'),
    ca: optional(path, "PEM file of certificate authorities to trust beside the system's. Default: none."),
    body: withDefault(
      v.picklist(BODIES, 'standard, alertmanager or ntfy'),
      'standard',
      'What is sent. standard: the JSON document of docs/channels.md. alertmanager: alerts for its API v2, sent again until they are over. ntfy: a message for the topic in the URL.',
    ),
    template: v.optional(
      v.pipe(
        v.unknown(),
        v.description(
          'Instead of body: a JSON document of your own. Its texts may contain placeholders such as {subject}.',
        ),
      ),
    ),
  }),
  'A web server that gets a POST for each message.',
);

function commandOf([program = '', ...args]: string[]): Result<readonly [string, ...string[]]> {
  return program.startsWith('/') ? good([program, ...args]) : failed(PROGRAM);
}

const CommandSchema = section(
  mapping({
    run: required(
      v.pipe(v.array(string, PROGRAM), v.nonEmpty(PROGRAM), parsed(commandOf)),
      'The absolute path of a program and its arguments. No shell is involved.',
    ),
    timeout: withDefault(seconds(1, 300), 30, 'Seconds before the program is killed and tried again later.'),
  }),
  'A program of yours that reads the JSON document of docs/channels.md on stdin.',
);

const NAME = 'a name of small letters, digits and -, other than mail';

const channel = section(
  v.pipe(
    mapping({
      name: required(
        v.pipe(string, v.regex(/^(?!mail$)[a-z][a-z0-9-]{0,31}$/, NAME)),
        'Its name, for the log, for metrics and for `vpn-monitor test-notify NAME`.',
      ),
      events: optional(
        v.pipe(
          v.array(v.picklist(EVENT_NAMES, EVENT_NAMES.join(', ')), EVENTS),
          v.nonEmpty(EVENTS),
          v.examples([['down', 'recovery']]),
        ),
        `The events that it gets: ${EVENT_NAMES.join(', ')}. Default: all.`,
      ),
      sites: optional(
        v.pipe(v.array(string, SITES), v.nonEmpty(SITES)),
        'The sites whose events it gets. What is about this host comes all the same. Default: all.',
      ),
      group: withDefault(
        flag,
        true,
        'Whether what happens to several sites in one cycle is one message. false: one for each.',
      ),
      mail: v.optional(v.pipe(EmailSchema, v.description('Mail, with the keys of logging.email.'))),
      webhook: v.optional(WebhookSchema),
      command: v.optional(CommandSchema),
    }),
    v.check(
      ({ mail, webhook, command }) =>
        [mail, webhook, command].filter((way) => way !== undefined).length === 1,
      'exactly one of mail, webhook and command',
    ),
  ),
  'A channel.',
);

/** `channels`. */
export const ChannelsSchema = v.array(channel, 'a list of channels');

/** One entry of `channels`, checked, with its defaults. The files that it names are not read yet. */
export type ChannelSettings = v.InferOutput<typeof channel>;
