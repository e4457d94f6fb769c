import { statSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { createMonitoredWorld, MAIL_PORT, type MonitoredWorld } from '../../support/monitored-world.ts';
import { MAIN, PATH } from '../../support/paths.ts';
import { openTypedTerminal } from '../../support/typed-terminal.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { CODE_SECRET } from '../lab/server.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

test('init at a real gateway with one-time codes: its pin is shown as openconnect wants it, and the tests at the end succeed', async ({
  skip,
}) => {
  skip(reason !== undefined, reason);
  lab = await createLab([{ kind: 'ocserv', code: 'second-form' }], createMonitoredWorld());
  const { world, enter } = lab;
  const [gateway] = lab.gateways;
  if (gateway === undefined) throw new Error('no gateway');
  await world.mailServer();
  const [program = '', ...args] = [...enter, process.execPath, MAIN, 'init', world.at('new')];
  const terminal = openTypedTerminal(program, args, { env: { PATH, TERM: 'xterm', NO_COLOR: '1' } });
  for (const [prompt, answer] of [
    ['Name [site1]: ', ''],
    [']: ', 'openconnect'],
    ['Gateway to log in to [site1.example.com]: ', gateway.server],
    [`from outside [${gateway.external}]: `, ''],
    ['Auth group, if the gateway asks for one: ', ''],
    [`certificate of ${gateway.server}: ${gateway.pin}`, undefined],
    ['[verify]: ', 'yes'],
    ['Username [monitor]: ', gateway.username],
    ['Password (not shown): ', gateway.password],
    ['(not shown): ', CODE_SECRET.base32],
    ['in one line? [no]: ', ''],
    ['the tunnel [10.0.0.1]: ', gateway.internal],
    ['Another site? [no]: ', ''],
    ['[localhost]: ', `localhost:${MAIL_PORT}`],
    [`mail server localhost:${MAIL_PORT}: ready`, undefined],
    [']: ', 'vpn@example.org'],
    ['[root]: ', 'noc@example.org'],
    ['a mail)? [no]: ', 'yes'],
    ['a number changes that answer: ', ''],
  ] as const) {
    await terminal.shows(prompt);
    if (answer !== undefined) terminal.type(`${answer}\r`);
  }
  expect(await terminal.ended, terminal.output()).toBe(0);
  expect(terminal.output()).toMatch(/\nsite1 +SUCCESS /);
  expect(world.mails()).toHaveLength(1);
  for (const secret of [gateway.password, CODE_SECRET.base32])
    expect(terminal.output()).not.toContain(secret);
  expect(statSync(`${world.view}${world.at('new', 'config.yml')}`).mode & 0o777).toBe(0o600);
});
