import { expect, test } from 'vitest';
import { composeMail } from '../../src/alerts/mail/mime.ts';
import { siteMessage } from '../../src/alerts/message.ts';
import { PROFILES } from '../../src/clients/built-in.ts';
import { csvRow } from '../../src/results/csv-row.ts';
import { emailConfig, OK, result, SENDER } from '../alerts/support.ts';
import { linesOf, load } from '../config/write-config.ts';

/** What is wrong with a config whose one site of this client says this, beside what it needs. */
function flaws(client: string, keys: Readonly<Record<string, string>>, clients = ''): readonly string[] {
  const profile = PROFILES.get(client);
  const needed = Object.entries(profile?.keys ?? {}).filter(([, { required }]) => required);
  const site = {
    ...{
      external_ip: '192.0.2.1',
      vpn_gw: 'gw',
      internal_ip: '192.0.2.2',
      username: 'u',
      password: 'p',
      client,
    },
    ...Object.fromEntries(needed.map(([key]) => [key, key === 'timeout' ? '60' : 'good'])),
    ...keys,
  };
  const text = `frequency: 600
logging: { dir: results, file: result }
sites: { site1: ${JSON.stringify(site)} }
${clients}`;
  const loaded = load(text, { files: { good: '', '-config': '' }, clients: PROFILES });
  return loaded.ok ? [] : linesOf(loaded);
}

/** Every value of a site that becomes an argument of its client or of ping. */
const ARGUMENTS = [...PROFILES.values()].flatMap(({ name, keys }) =>
  [
    'external_ip',
    'internal_ip',
    'vpn_gw',
    ...Object.keys(keys).filter((key) => keys[key]?.file === false && keys[key].secret !== true),
  ].map((key) => [name, key] as const),
);

test.each(ARGUMENTS)('a site of %s: no option as %s', (client, key) => {
  expect(flaws(client, {})).toEqual([]);
  for (const value of ['-v', '--script=/tmp/x', '-']) {
    expect(flaws(client, { [key]: value })).toEqual([
      expect.stringContaining(`sites.site1.${key}: expected `),
    ]);
  }
});

test('a client of the config: no option as a value, nor as the username where it is an argument', () => {
  const own =
    'clients: { own: { command: own, args: ["{realm}", "{username}"], keys: { realm: required }, success: { expect: up } } }';
  expect(flaws('own', { realm: 'corp' }, own)).toEqual([]);
  expect(flaws('own', { realm: '-x' }, own)).toEqual([
    expect.stringContaining('sites.site1.realm: expected '),
  ]);
  expect(flaws('own', { realm: 'corp', username: '-x' }, own)).toEqual([
    expect.stringContaining('sites.site1.username: expected '),
  ]);
});

test('a file whose name begins with - is handed over by its whole path', () => {
  expect(flaws('openvpn', { profile: '-config' })).toEqual([]);
  const openvpn = PROFILES.get('openvpn');
  expect(openvpn?.keys['profile']?.file).toBe(true);
});

test('the name of a site ends no header of a mail and no field of a CSV file', async () => {
  // The config refuses both names; this is what stands behind it.
  for (const name of ['site\r\nBcc: evil@example.com\r\n\r\nbody', 'a",=cmd|\'/c calc\'!A1,"']) {
    const event = {
      ...({
        kind: 'failure',
        failures: 2,
        lastSuccess: null,
        cause: null,
        back: new Date(0),
        orders: [],
        first: {},
        since: new Date(0),
        at: new Date(0),
      } as const),
      result: result('2018-11-14T05:05:02Z', [OK, OK, OK], { site: name }),
    };
    const email = emailConfig(25);
    const created = new Date(0).toISOString();
    const parts = { ...siteMessage(event, SENDER, undefined), key: 'a@example.com', created, replyTo: null };
    const mail = await composeMail(parts, email);
    const [header = ''] = mail.raw.split('\r\n\r\n');
    expect(header).not.toMatch(/^Bcc:/im);
    expect(mail.recipients).toEqual(['noc@example.com']);
    // Its quotes doubled, within quotes: one field (RFC 4180).
    expect(csvRow(event.result).line).toContain(`,"${name.replaceAll('"', '""')}",SUCCESS,`);
  }
});
