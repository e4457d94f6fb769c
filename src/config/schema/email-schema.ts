import * as v from 'valibot';
import { parseAddresses, parseServer } from './address.ts';
import { choice, credential, described, path, setting, string } from './parts-schema.ts';

/** How strictly the connection to the mail server is secured. */
const SECURITIES = ['auto', 'none', 'starttls', 'tls'] as const;

const server = v.pipe(
  string,
  v.check((text) => parseServer(text) !== undefined, 'host, host:port or [v6 address]:port'),
);

const sender = v.pipe(
  string,
  v.check((text) => parseAddresses(text)?.length === 1, 'one mail address'),
);

// As long as a list of many people may be.
const recipients = v.pipe(
  v.string('a string'),
  v.nonEmpty('a string that is not empty'),
  v.maxLength(10_000, 'at most 10000 characters'),
  v.check(
    (text) => parseAddresses(text) !== undefined,
    'mail addresses such as noc@example.com or NOC <noc@example.com>',
  ),
);

/** `logging.email`. */
export const EmailSchema = v.strictObject(
  {
    server: described(server, 'Mail server: host, host:port or [v6 address]:port. Port 25 unless said.'),
    security: setting(
      v.picklist(SECURITIES, 'auto, none, starttls or tls'),
      'auto',
      'auto: STARTTLS if offered, and with a username only over verified TLS. none: plain text. starttls: required and verified. tls: TLS from the first byte, verified.',
    ),
    ca: choice(path, "PEM file of certificate authorities to trust beside the system's. Default: none."),
    username: choice(
      string,
      'Account on the mail server, with password, password_file or password_env. Default: no log-in.',
    ),
    ...credential,
    from: described(sender, 'Sender: an address, also with a name as in "VPN monitor <vpn@example.com>".'),
    to: described(
      v.union(
        [
          recipients,
          v.pipe(v.array(recipients, 'a list'), v.nonEmpty('a list of at least one mail address')),
        ],
        'a mail address or a list of them',
      ),
      'Recipients: one address, several separated by commas, or a list.',
    ),
  },
  'a mapping',
);

/** `logging.email`, defaults filled in. */
export type RawEmail = v.InferOutput<typeof EmailSchema>;
