import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { CONNECT_TUNNEL } from '../support/connect-tunnel.ts';
import {
  CSV_HEADER,
  csvNameAtNoon,
  type MonitoredWorld,
  NOON,
  WORLD_PASSWORD,
} from '../support/monitored-world.ts';
import { until } from '../support/until.ts';
import { installScript, stop, type WorldProcess } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

/**
 * Makes of a world one in which a config that names no file and no command of its own can do no harm: /etc/resolv.conf is the
 * world's, and resolvconf restores that. The five echo requests of the script come faster.
 */
function makeScriptWorld(world: MonitoredWorld, config: string): void {
  world.run('mount --bind resolv.conf /etc/resolv.conf');
  installScript(
    world,
    'resolvconf',
    `#!/bin/sh\necho "$*" >>'${world.at('resolvconf-calls')}'\necho 'nameserver 192.0.2.53' >/etc/resolv.conf\n`,
  );
  const ping = world.run('command -v ping').trim();
  installScript(
    world,
    'ping',
    `#!/bin/sh\necho "$*" >>'${world.at('ping-calls')}'\nexec ${ping} -i 0.01 "$@"\n`,
  );
  writeFileSync(world.at('config.yml'), config);
}

function start({ monitor }: MonitoredWorld): WorldProcess {
  return monitor([], { SIM_RESOLV: '/etc/resolv.conf', TZ: NOON });
}

const SCRIPT_CONFIG = `logging:
  dir: results
  file: result
  email:
    server: 127.0.0.1
    from: vpn-monitor@example.com
    to: noc@example.com

sites:
  site1:
    external_ip: 127.0.0.1
    vpn_gw: leaves-dns
    internal_ip: 127.0.0.1
    username: monitor
    password: '${WORLD_PASSWORD}'
    realm: corp
    timeout: 60
  site2:
    external_ip: 127.0.0.1
    vpn_gw: refused
    internal_ip: 127.0.0.1
    username: monitor
    password: '${WORLD_PASSWORD}'
    realm: corp
    timeout: '60'

frequency: 1
`;

worldTest('a config of the script as it stood runs unchanged', async ({ world }) => {
  makeScriptWorld(world, SCRIPT_CONFIG);
  const { csv, log, mails, mailServer, read, run } = world;
  run('mkdir results && echo "2018-11-14 05:18:06,378 - __main__ - DEBUG - old" >results/monitoring.log');
  await mailServer(25);
  const daemon = start(world);
  await until('the alert', () => mails()[0]);
  await until('two whole cycles', () => csv().length >= 5);
  await stop(daemon);

  const rows = csv();
  const time = '\\w{3} \\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}';
  expect(rows[0]).toBe(CSV_HEADER);
  expect(rows[1]).toMatch(new RegExp(`^${time},site1,SUCCESS,\\d+\\.\\d{3},\\d+\\.\\d{3},\\d+\\.\\d{3}$`));
  expect(rows[2]).toMatch(new RegExp(`^${time},site2,FAILURE,\\d+\\.\\d{3},ERROR,\\d+\\.\\d{3}$`));

  const lines = (log().match(/^=.*/gm) ?? []).map((line) => line.replace(/^=[-\d]{10} [\d:,]{12} - /, ''));
  for (const words of [
    'DEBUG - Running external delay test for site1',
    'DEBUG - Running vpn gw delay test for site1',
    'DEBUG - Running internal delay test for site1',
    `DEBUG - Stages results: ${rows[1]?.split(',').slice(3).join(', ')}`,
    'CRITICAL - Invalid DNS settings. Forcing refresh',
  ]) {
    expect(lines).toContain(`vpn-monitor - ${words}`);
  }
  expect(log()).toMatch(
    /CRITICAL - Something went bad when connecting: CONNECTION REFUSED\ncommand: .*startct\nargs: /,
  );
  expect(read('results', 'monitoring-script.log')).toContain('__main__ - DEBUG - old');

  expect(read('ping-calls').split('\n')[0]).toBe('-n -c 5 127.0.0.1');
  expect(read('typed')).toContain('args=-s leaves-dns -r corp -y 60\n');
  expect(read('typed')).toContain('args=-s refused -r corp -y 60\n');
  expect(read('resolvconf-calls').split('\n')[0]).toBe('-u');
  expect(read('resolv.conf')).toBe('nameserver 192.0.2.53\n');
  expect(mails()).toEqual([expect.stringMatching(/^Subject: VPN site2 DOWN: /m)]);
  expect(mails()[0]).toMatch(/^X-To: noc@example.com\n(?:.*\n)*From: vpn-monitor@example.com\n/);
});

worldTest('a config of the script runs unchanged with the dialogue of the real client', async ({ world }) => {
  makeScriptWorld(
    world,
    SCRIPT_CONFIG.replace('leaves-dns', 'works').replace('refused', 'login-error-denied'),
  );
  const { at, csv, mails, mailServer, read, run } = world;
  run(`mkdir home && ln -sf '${CONNECT_TUNNEL}/startct' bin/startct`);
  await mailServer(25);
  const env = { VPN_STANDIN_HOME: at('home'), VPN_STANDIN_RECORD: at('record') };
  const daemon = world.monitor([], { ...env, TZ: NOON });
  await until('the alert', () => mails()[0]);
  await until('two whole cycles', () => csv().length >= 5);
  await stop(daemon);

  expect(csv()[1]).toMatch(/,site1,SUCCESS,\d+\.\d{3},\d+\.\d{3},\d+\.\d{3}$/);
  expect(csv()[2]).toMatch(/,site2,FAILURE,\d+\.\d{3},ERROR,\d+\.\d{3}$/);
  expect(mails()).toEqual([expect.stringMatching(/^Subject: VPN site2 DOWN: /m)]);
  const record = read('record').split('\n').slice(0, 9);
  const credentials = [
    { prompt: 'Username:', typed: 'monitor' },
    { prompt: 'Password:', typed: WORLD_PASSWORD },
    { prompt: 'Enter your choice [1]: ', typed: '1' },
  ];
  expect(record.map((line) => JSON.parse(line))).toEqual([
    { arguments: ['-s', 'works', '-r', 'corp', '-y', '60'] },
    ...credentials,
    { prompt: 'CONNECT CMD>', typed: 'quit' },
    { arguments: ['-s', 'login-error-denied', '-r', 'corp', '-y', '60'] },
    ...credentials,
  ]);
});

worldTest('a config with anchors and merge keys runs unchanged', async ({ world }) => {
  makeScriptWorld(
    world,
    `sites:
  site1: &first
    external_ip: &here 127.0.0.1
    vpn_gw: gateway-1
    internal_ip: *here
    username: monitor
    password: '${WORLD_PASSWORD}'
    realm: corp
    timeout: 60
  site2:
    <<: *first
    vpn_gw: gateway-2
    realm: other realm
frequency: 600
logging: { dir: results, file: result, email: { server: 127.0.0.1, from: a@example.com, to: b@example.com } }
`,
  );
  const { csv, typed } = world;
  const daemon = start(world);
  await until('both rows', () => csv().length === 3);
  await stop(daemon);
  expect(csv().slice(1)).toEqual([
    expect.stringContaining(',site1,SUCCESS,'),
    expect.stringContaining(',site2,SUCCESS,'),
  ]);
  const login = ['username=monitor', `password=${WORLD_PASSWORD}`, 'choice=1', 'line=quit'];
  expect(typed()).toEqual([
    'args=-s gateway-1 -r corp -y 60',
    ...login,
    'args=-s gateway-2 -r other\\ realm -y 60',
    ...login,
  ]);
});

worldTest(
  "the script's fault: a second header into an existing file; also not into one that the script began",
  async ({ world }) => {
    makeScriptWorld(world, SCRIPT_CONFIG);
    const { at, csv, run } = world;
    run('mkdir results');
    const file = at('results', csvNameAtNoon());
    const begun = `${CSV_HEADER}\r\nWed Nov 14 00:03:40 2018,site1,SUCCESS,1.5,20.25,3.125\r\n`;
    writeFileSync(file, begun);
    for (const lines of [4, 6]) {
      const daemon = start(world);
      await until('a cycle', () => csv().length >= lines);
      await stop(daemon);
    }
    const text = readFileSync(file, 'utf8');
    expect(text.startsWith(begun)).toBe(true);
    expect(text.match(/Time,/g)).toHaveLength(1);
    expect(text.slice(begun.length)).toMatch(/^(?:[^\r\n]+,site[12],(?:SUCCESS|FAILURE),[^\r\n]+\n){4,}$/);
  },
);

worldTest("the script's fault: the first row of a day is written twice", async ({ world }) => {
  makeScriptWorld(world, SCRIPT_CONFIG);
  const { csv } = world;
  const daemon = start(world);
  await until('two cycles', () => csv().length >= 5);
  await stop(daemon);
  const [header, ...rows] = csv();
  expect(header).toBe(CSV_HEADER);
  expect(rows.map((row) => row.split(',')[1])).toEqual(rows.map((_, index) => `site${1 + (index % 2)}`));
  expect(new Set(rows).size).toBe(rows.length);
});
