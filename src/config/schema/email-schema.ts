import * as v from 'valibot';
import { failed, good, type Result } from '../../model/result.ts';
import { type MailAddress, oldFormOfIPv4, parseAddresses, parseServer, type Server } from './address.ts';
import {
  credential,
  mapping,
  optional,
  parsed,
  path,
  required,
  section,
  string,
  withDefault,
} from './parts-schema.ts';

/** How strictly the connection to the mail server is secured. */
const SECURITIES = ['auto', 'none', 'starttls', 'tls'] as const;

function serverOf(text: string): Result<Server> {
  const server = parseServer(text);
  if (server === undefined) return failed('host, host:port or [v6 address]:port');
  const oldForm = oldFormOfIPv4(server.host);
  return oldForm === undefined ? good(server) : failed(`four decimal numbers: ${oldForm}`);
}

function senderOf(text: string): Result<MailAddress> {
  const [sender, ...others] = parseAddresses(text) ?? [];
  return sender === undefined || others.length > 0 ? failed('one mail address') : good(sender);
}

/** All recipients, each address once. */
function recipientsOf(texts: string | string[]): Result<readonly [MailAddress, ...MailAddress[]]> {
  const all = [texts].flat().flatMap((text) => parseAddresses(text) ?? []);
  const isFirst = ({ address }: MailAddress, index: number) =>
    all.findIndex((each) => each.address === address) === index;
  const [first, ...others] = all.filter(isFirst);
  return first === undefined ? failed('a mail address or a list of them') : good([first, ...others]);
}

// Long enough for many people.
const recipients = v.pipe(
  v.string('a string'),
  v.nonEmpty('a string that is not empty'),
  v.maxLength(10_000, 'at most 10000 characters'),
  v.check(
    (text) => parseAddresses(text) !== undefined,
    'mail addresses such as noc@example.com or NOC <noc@example.com>',
  ),
);

/** One or more mail addresses. */
export const RecipientsSchema = v.pipe(
  v.union(
    [recipients, v.pipe(v.array(recipients, 'a list'), v.nonEmpty('a list of at least one mail address'))],
    'a mail address or a list of them',
  ),
  v.examples([['noc@example.com']]),
  parsed(recipientsOf),
);

/** `logging.email`. */
export const EmailSchema = section(
  mapping({
    server: required(
      v.pipe(string, parsed(serverOf)),
      'Mail server: host, host:port or [v6 address]:port. Port 25 unless said.',
    ),
    security: withDefault(
      v.picklist(SECURITIES, 'auto, none, starttls or tls'),
      'auto',
      'auto: STARTTLS if offered, and with a username only over verified TLS. none: plain text. starttls: required and verified. tls: TLS from the first byte, verified.',
    ),
    ca: optional(path, "PEM file of certificate authorities to trust beside the system's. Default: none."),
    username: optional(
      string,
      'Account on the mail server, with password, password_file or password_env. Default: no log-in.',
    ),
    ...credential,
    from: required(
      v.pipe(string, parsed(senderOf)),
      'Sender: an address, also with a name as in "VPN monitor <vpn@example.com>".',
    ),
    to: required(RecipientsSchema, 'Recipients: one address, several separated by commas, or a list.'),
  }),
  'How mail is sent. Default: no mail.',
);

/** `logging.email`, checked, with its defaults. The files that it names are not read yet. */
export type EmailSettings = v.InferOutput<typeof EmailSchema>;
