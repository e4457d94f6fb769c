import * as v from 'valibot';
import { credential, described, flag, host, MAX_SECONDS, setting, string } from './schema-parts.ts';

/** The name of a site. It is the second column of the CSV. */
export const SiteNameSchema = v.pipe(
  string,
  v.regex(/^[^=+@-]/, 'a name that does not begin with = + - or @ (spreadsheets run those)'),
);

const gateway = v.pipe(string, v.regex(/^[^\s-]\S*$/, 'a gateway, without spaces or a leading -'));

const realm = v.pipe(string, v.regex(/^(?!-)/, 'a realm without a leading -'));

// The script took a number as well: the one place where one may stand for a text.
const WHOLE_SECONDS = `a whole number of seconds up to ${MAX_SECONDS}`;
const clientTimeout = v.union(
  [
    v.pipe(
      v.number(),
      v.integer(WHOLE_SECONDS),
      v.minValue(0, WHOLE_SECONDS),
      v.maxValue(MAX_SECONDS, WHOLE_SECONDS),
    ),
    v.pipe(v.string(), v.regex(/^\d{1,6}$/, WHOLE_SECONDS)),
  ],
  WHOLE_SECONDS,
);

/** One site. */
export const SiteSchema = v.strictObject(
  {
    external_ip: described(
      host,
      'Stage 1 pings this from outside the tunnel: host name or address, v4 or v6.',
    ),
    vpn_gw: described(gateway, 'Stage 2 logs in here: the VPN gateway, as the client takes it (startct -s).'),
    internal_ip: described(host, 'Stage 3 pings this through the tunnel: host name or address, v4 or v6.'),
    realm: described(realm, 'The realm to log in to (startct -r).'),
    username: described(string, 'Who logs in. Best an account that is used for nothing else.'),
    ...credential,
    timeout: described(
      clientTimeout,
      'Seconds, passed to the client as they are (startct -y): a number, or digits in quotes.',
    ),
    client: setting(string, 'startct', 'Which VPN client.'),
    enabled: setting(flag, true, 'false: not tested in the cycles, only when named to "once".'),
  },
  'a mapping',
);

/** One site, defaults filled in. */
export type RawSite = v.InferOutput<typeof SiteSchema>;
