import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemd } from '../../src/commands/systemd.ts';
import { PATH } from '../support/paths.ts';
import { createHome, createShell, type Home, type Keys } from './support.ts';

/** What is printed for a config of one site. */
async function printed(
  more: Keys = {},
  user?: string,
  options: { home?: Home; env?: Record<string, string> } = {},
) {
  const home = options.home ?? createHome({ site1: 'works' }, more);
  const shell = createShell(home, options.env === undefined ? {} : { env: options.env });
  const status = await systemd({ config: home.config, user }, shell);
  return { home, status, unit: shell.screen.stdout(), said: shell.screen.stderr() };
}

test('a unit for this host: node, program, config and results as they are', async () => {
  const { home, status, unit, said } = await printed();
  expect({ status, said }).toEqual({ status: 0, said: '' });
  expect(unit).toMatch(
    new RegExp(`^ExecStart=${process.execPath} /.*/main\\.js run --config ${home.config}$`, 'm'),
  );
  expect(unit).toContain(`\nReadWritePaths=${home.at('results')}\n`);
  // The client, which takes nothing of the host, lies in the temporary folder.
  expect(unit).toContain('\nPrivateDevices=yes\n');
  expect(unit).toContain('# No PrivateTmp=');
  expect(unit).toMatch(/\nWantedBy=multi-user\.target\n$/);
});

test('the files of passwords may be missing', async () => {
  const home = createHome();
  const text =
    'x-all: &all { external_ip: a, internal_ip: b, username: c, realm: d, timeout: 5, client: demo }';
  writeFileSync(
    home.config,
    `${text}\nsites: { site1: { <<: *all, vpn_gw: e, password_file: /run/credentials/vpn-monitor.service/x } }\nfrequency: 5\nlogging: { dir: r, file: f }\n`,
  );
  expect(await printed({}, undefined, { home })).toMatchObject({ status: 0, said: '' });
});

test.each([
  ['a wrong config', { frequency: '0' }, undefined, /config\.yml:\d+: frequency: expected/],
  ['a user that is none', {}, 'a b\nUser=root', /^error: --user: expected a user name, got/],
  ['a path that no unit file can hold', { logging: '{ dir: "a\\tb", file: f }' }, undefined, /control/],
])('%s is status 2', async (_, more: Keys, user, words) => {
  const { status, unit, said } = await printed(more, user);
  expect({ status, unit }).toEqual({ status: 2, unit: '' });
  expect(said).toMatch(words);
});

test('a user other than root must create the results folder first; the name root means root', async () => {
  const { home, unit, said } = await printed({}, 'no-such-user');
  expect(said).toBe(
    `warning: ${home.at('results')} does not exist: create it first with the commands in the unit file\n`,
  );
  expect(unit).toContain('\n#   useradd --system --shell /usr/sbin/nologin no-such-user\n');
  mkdirSync(home.at('results'));
  const there = await printed({}, 'nobody', { home });
  expect(there.said).toBe('');
  expect(there.unit).not.toContain('useradd');
  expect((await printed({}, 'root')).unit).not.toContain('\nUser=');
});

test('a user becomes the owner of files that it could not use otherwise, and of no others', async () => {
  const home = createHome({ site1: 'works' });
  const site = (name: string, file: string) =>
    `${name}: { external_ip: a, internal_ip: b, vpn_gw: c, username: d, realm: e, timeout: 5, client: demo, password_file: ${file} }`;
  const write = (textfile: string) =>
    writeFileSync(
      home.config,
      `sites: { ${[site('a', 'closed'), site('b', 'open'), site('c', 'late'), site('d', 'closed')].join(', ')} }
frequency: 5
logging: { dir: results, file: f }
metrics: { textfile: ${textfile} }
`,
    );
  for (const [name, mode] of [
    ['closed', 0o600],
    ['open', 0o644],
  ] as const) {
    writeFileSync(home.at(name), 'secret\n');
    chmodSync(home.at(name), mode);
  }
  const steps = async () => {
    const { unit } = await printed({}, 'nobody', { home });
    return unit.split('[Unit]')[0]?.match(/(?<=^# {3}).*$/gm);
  };
  write('m/vpn.prom');
  chmodSync(home.config, 0o644);
  expect(await steps()).toEqual([
    `mkdir -p ${home.at('results')} ${home.at('m')}`,
    `chown -R nobody ${home.at('results')}`,
    `chown nobody ${home.at('closed')}`,
    `chown nobody ${home.at('m')}`,
  ]);
  // A folder for all, as /tmp, is nobody's to take.
  mkdirSync(home.at('m'));
  chmodSync(home.at('m'), 0o1777);
  chmodSync(home.config, 0o600);
  expect(await steps()).toEqual([
    `mkdir -p ${home.at('results')}`,
    `chown -R nobody ${home.at('results')} ${home.config}`,
    `chown nobody ${home.at('closed')}`,
  ]);
});

test('the rights follow from the clients of the config', async () => {
  const startct = await printed({
    logging: '{ dir: r, file: f }',
    clients: '{ demo: { command: ./simulated-client } }',
  });
  expect(startct.unit).toContain('\nNoNewPrivileges=yes\n');
  const { home } = startct;
  copyFileSync(home.at('simulated-client'), home.at('privileged'));
  chmodSync(home.at('privileged'), 0o4755);
  const setuid = await printed({ clients: '{ demo: { command: ./privileged } }' }, undefined, {
    home: createHome({ site1: 'works' }, { clients: `{ demo: { command: ${home.at('privileged')} } }` }),
  });
  expect(setuid.unit).toContain('# demo starts a setuid program');
  expect(setuid.unit).not.toContain('NoNewPrivileges=yes');
});

test('commands outside the usual PATH are found, and the folder of the metrics is writable', async () => {
  const home = createHome(
    { site1: 'works' },
    {
      clients: '{ demo: { command: simulated-client } }',
      metrics: '{ listen: "127.0.0.1:100", textfile: m/vpn.prom }',
    },
  );
  const { unit } = await printed({}, undefined, { home, env: { PATH: `${PATH}:${home.folder}` } });
  expect(unit).toContain(`\nEnvironment="PATH=${PATH}:${home.folder}"\n`);
  expect(unit).toContain(`\nReadWritePaths=${home.at('results')} -${home.at('m')}\n`);
  expect(unit).toContain('CAP_NET_BIND_SERVICE');
});
