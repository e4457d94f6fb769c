import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { createLab, type Gateway, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
beforeAll(async () => {
  if (reason !== undefined) return;
  lab = await createLab(
    [{ kind: 'ocserv' }, { kind: 'ocserv', groups: ['Staff', 'Admins'] }],
    createMonitoredWorld(),
  );
  lab.world.run('mkdir locales');
});
afterAll(() => lab?.end());
beforeEach(({ skip }) => skip(reason !== undefined, reason));

/** Each way in which a host names its language, with what the client, started by hand there, says of its connection. */
const HOSTS: readonly (readonly [locale: string, env: Record<string, string>, said: string])[] = [
  ['de_DE', { LANG: 'de_DE.UTF-8' }, 'Verbunden mit'],
  ['uk_UA', { LANG: 'C.UTF-8', LC_ALL: 'uk_UA.UTF-8' }, "З'єднано"],
  ['es_ES', { LANG: 'es_ES.UTF-8', LANGUAGE: 'es:en' }, 'Conectado'],
  ['pl_PL', { LANG: 'C.UTF-8', LC_MESSAGES: 'pl_PL.UTF-8' }, 'Połączono'],
  ['zh_CN', { LANG: 'zh_CN.UTF-8', LANGUAGE: 'zh_CN', LC_ALL: 'zh_CN.UTF-8' }, '已连接'],
];

test.each(HOSTS)('openconnect on a host that speaks %s', async (locale, env, said) => {
  const { world, gateways } = lab as Lab<MonitoredWorld>;
  const [plain, groups] = gateways as readonly [Gateway, Gateway];
  world.run(`localedef -i ${locale} -f UTF-8 locales/${locale}.UTF-8`);
  const host = { ...env, LOCPATH: world.at('locales') };
  expect(
    world.run(
      `openconnect --no-dtls --servercert=${plain.pin} ${plain.server} 2>&1 </dev/null || true`,
      host,
    ),
  ).toContain(said);

  world.config(
    {
      good: siteSettings(plain),
      'wrong password': siteSettings(plain, { password: 'not-the-password' }),
      'good group': siteSettings(groups, { realm: 'Staff' }),
      'unknown group': siteSettings(groups, { realm: 'Nobody' }),
      'no pin': siteSettings(plain, { server_cert: undefined }),
      'nobody listens': siteSettings(plain, { vpn_gw: `${plain.external}:444` }),
    },
    "ping: { count: 1, timeout: 60 }\nlogin: { step_timeout: 8, quit_timeout: 20 }\ndns: { restore: ['true'] }",
  );
  const once = world.monitor(['once', '--json'], host);
  await once.ended;
  const { sites } = JSON.parse(once.stdout());
  expect(sites.map(({ name, cause, detail }: Record<string, string>) => [name, cause, detail])).toEqual([
    ['good', null, null],
    ['wrong password', 'credentials-rejected', 'Login failed.'],
    ['good group', null, null],
    ['unknown group', 'no-such-group', 'the gateway has no login group Nobody, it offers Staff|Admins'],
    [
      'no pin',
      'tls',
      `the certificate is not trusted; if it is the gateway's, write server_cert: ${plain.pin}`,
    ],
    ['nobody listens', 'unreachable', `Failed to connect to ${plain.external}:444: Connection refused`],
  ]);
});
