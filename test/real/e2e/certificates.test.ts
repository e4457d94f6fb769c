import { appendFileSync, copyFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openvpn } from '../../../src/clients/openvpn.ts';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { ownClients } from '../../support/own-clients.ts';
import { hostState } from '../lab/client.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

/** A certificate in `once --json`. */
interface Seen {
  readonly owner: string;
  readonly daysLeft?: number;
  readonly detail?: string;
}

function inWords({ owner, daysLeft, detail = '' }: Seen): string {
  return `${owner} ${daysLeft ?? detail}`;
}

test('ocserv with certificates: PEM, a key of its own, pass phrases, PKCS#12; and each mistake by its cause', async () => {
  lab = await createLab([{ kind: 'ocserv', certificate: true }], createMonitoredWorld());
  const { gateways, world } = lab;
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  const before = hostState(world);
  const { folder, password } = gateway;
  const site = (more: Readonly<Record<string, string>>) =>
    siteSettings(gateway, {
      username: undefined,
      password: undefined,
      certificate: `${folder}/user.pem`,
      ...more,
    });
  world.config(
    {
      pem: site({ key: `${folder}/user-key.pem` }),
      closed: site({ key: `${folder}/user-key-closed.pem`, key_password: password }),
      pkcs12: site({ certificate: `${folder}/user.p12`, key_password: password }),
      wrong_phrase: site({ key: `${folder}/user-key-closed.pem`, key_password: 'another' }),
      no_phrase: site({ key: `${folder}/user-key-closed.pem` }),
      other: site({ certificate: `${folder}/other.pem`, key: `${folder}/other-key.pem` }),
      none: siteSettings(gateway),
    },
    `login: { step_timeout: 20, quit_timeout: 20 }
dns: { restore: ['true'] }
ping: { count: 1, timeout: 60 }
`,
  );
  const command = world.monitor(['once', '--json']);
  await command.ended;
  const { sites } = JSON.parse(command.stdout()) as {
    sites: { name: string; summary: string; cause: string | null; certificates: Seen[] }[];
  };
  const whole = command.stdout() + command.stderr() + world.log();
  expect(
    sites.map(({ name, summary, cause }) => `${name} ${summary}${cause === null ? '' : ` ${cause}`}`),
    whole,
  ).toEqual([
    'pem SUCCESS',
    'closed SUCCESS',
    'pkcs12 SUCCESS',
    'wrong_phrase FAILURE client-exited',
    'no_phrase FAILURE client-exited',
    'other FAILURE refused',
    'none FAILURE client-exited',
  ]);
  // What is looked at beside the tests: ocserv's own, also where it wants one of the user, and that in each kind of file.
  const looked = new Map(sites.map(({ name, certificates }) => [name, certificates.map(inWords)]));
  expect(looked.get('pem')).toEqual(['gateway 89', 'user 29']);
  expect(looked.get('pkcs12')).toEqual(['gateway 89', 'user 29']);
  expect(looked.get('none')).toEqual(['gateway 89']);
  expect(whole).not.toContain(password);
  expect(hostState(world)).toEqual(before);
});

test('openvpn with a key that has a pass phrase: key_password is typed, whatever askpass in the profile says', async () => {
  lab = await createLab([{ kind: 'openvpn' }], createMonitoredWorld());
  const { gateways, world } = lab;
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  const { folder, password, profile = '' } = gateway;
  const before = hostState(world);
  world.run(
    `cd '${folder}' && openssl req -x509 -newkey rsa:2048 -days 30 -subj /CN=user -passout env:PASSWORD -keyout user-key.pem -out user.pem 2>/dev/null`,
    { PASSWORD: password },
  );
  writeFileSync(`${folder}/right`, `${password}\n`, { mode: 0o600 });
  writeFileSync(`${folder}/wrong`, 'another\n', { mode: 0o600 });
  const site = (askpass: string, more = {}) => {
    const file = `${folder}/${askpass.replace(/\W/g, '')}.ovpn`;
    copyFileSync(profile, file);
    appendFileSync(file, `cert ${folder}/user.pem\nkey ${folder}/user-key.pem\n${askpass}\n`);
    return siteSettings(gateway, { profile: file, ...more });
  };
  const key = { key_password: password };
  world.config(
    {
      typed: site('', key),
      own: site('', { ...key, client: 'own-openvpn' }),
      over_a_file: site(`askpass ${folder}/wrong`, key),
      over_no_file: site(`askpass ${folder}/missing`, key),
      from_a_file: site(`askpass ${folder}/right`),
      wrong: site('', { key_password: 'another' }),
      wrong_file: site(`askpass ${folder}/wrong`),
      no_file: site(`askpass ${folder}/missing`),
      asked: site('askpass'),
      none: site(''),
    },
    `login: { step_timeout: 20, quit_timeout: 20 }
dns: { restore: ['true'] }
ping: { count: 1, timeout: 60 }
${ownClients(openvpn)}`,
  );
  const command = world.monitor(['once', '--json']);
  await command.ended;
  const { sites } = JSON.parse(command.stdout()) as {
    sites: { name: string; summary: string; cause: string | null; detail: string | null }[];
  };
  const whole = command.stdout() + command.stderr() + world.log();
  expect(
    sites.map(({ name, summary, cause }) => `${name} ${summary}${cause === null ? '' : ` ${cause}`}`),
    whole,
  ).toEqual([
    'typed SUCCESS',
    'own SUCCESS',
    'over_a_file SUCCESS',
    'over_no_file SUCCESS',
    'from_a_file SUCCESS',
    'wrong FAILURE client-exited',
    'wrong_file FAILURE client-exited',
    'no_file FAILURE client-exited',
    'asked FAILURE client-exited',
    'none FAILURE client-exited',
  ]);
  const details = new Map(sites.map(({ name, detail }) => [name, detail]));
  expect(details.get('wrong_file')).toContain('key_password, or askpass in the profile');
  expect(details.get('no_file')).toContain('--askpass fails with');
  expect(details.get('asked')).toContain('set key_password');
  expect(whole).not.toContain(password);
  expect(hostState(world)).toEqual(before);
});
