import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { MonitoredWorld } from '../support/monitored-world.ts';
import { MAIN } from '../support/paths.ts';
import { PATIENT } from '../support/until.ts';
import { installScript, stop } from '../support/world.ts';
import { worldTest } from '../support/world-test.ts';

/** What `check` says of where this checkout and node lie. */
const OF_THE_CHECKOUT = /^warning {2}exposed: (?:the program|node) .*\n.*\n/gm;

/** Runs a command of the program to its end. */
async function ask(
  { monitor }: MonitoredWorld,
  args: readonly string[],
  prefix: readonly string[] = [],
): Promise<{ status: number; stdout: string; stderr: string }> {
  const asked = monitor(args, {}, prefix);
  const status = await asked.ended;
  return { status, stdout: asked.stdout().replace(OF_THE_CHECKOUT, ''), stderr: asked.stderr() };
}

/** The lines about sites whose gateway's certificate is not checked. */
const unchecked = (sites: string) => [
  `warning  startct does not check the gateway's certificate at ${sites}: whoever sits between this host and the gateway gets the password`,
  '         set server_cert: the fingerprint of the certificate, or verify',
];

/** Without what depends on the version of Node that runs the tests. */
const lines = (stdout: string) => stdout.replace(/^\w+ +node: .*\n(?: {9}.*\n)?/m, '').split('\n');

worldTest('check: a fit host, each finding in a line, 0', async ({ world }) => {
  const { config, at, mailServer } = world;
  config({ one: 'works', two: 'works', off: { vpn_gw: 'works', enabled: false } });
  await mailServer();
  const { status, stdout, stderr } = await ask(world, ['check']);
  expect(lines(stdout.replace(/\d+ processes/, 'N processes'))).toEqual([
    `ok       config: ${at('config.yml')}, 2 of 3 sites enabled`,
    `ok       client startct: ${at('bin', 'startct')}`,
    ...unchecked('one, two'),
    'ok       ping: works (127.0.0.1 answers)',
    'ok       ps: works (N processes)',
    `ok       results: ${at('results')} can be written, it will be made`,
    'ok       monitor: none is running on this results folder',
    `ok       DNS: restored by cp ${at('resolv.good')} ${at('resolv.conf')}`,
    'ok       mail server 127.0.0.1:2525: ready (plain text)',
    ...['one', 'two'].flatMap((site) => [
      expect.stringMatching(
        new RegExp(
          `^warning  site ${site}: 127\\.0\\.0\\.1 answers pings: .*; vpn_gw: works was not resolved$`,
        ),
      ),
      `         is sites.${site}.vpn_gw right, and does a name server of this host know it?`,
    ]),
    '2 sites: 0 ok, 2 with warnings, 0 with something missing',
    expect.stringMatching(/^\d+ ok, \d+ warnings?, 0 missing$/),
    'Ready to run.',
    '',
  ]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(existsSync(at('results'))).toBe(false);
});

worldTest('check: an unwise config is fit all the same, with warnings', async ({ world }) => {
  const { config, at, run } = world;
  config({ one: 'works' }, 'logging: { dir: results, file: result }');
  run('chmod 644 config.yml');
  const { status, stdout } = await ask(world, ['check']);
  expect(stdout).toContain(
    `warning  config: ${at('config.yml')} holds passwords and others may read it: its mode is 0644 and should be 0600\n`,
  );
  expect(stdout).toContain('warning  config: logging.email is left out: no mail is sent\n');
  expect(status).toBe(0);
});

worldTest('check: all that is missing is named at once, each with its remedy, 1', async ({ world }) => {
  const { config, at, run } = world;
  config({ one: 'works' }, `dns: { file: ${at('resolv.conf')}, restore: [resolvconf-of-nobody, -u] }`);
  run('mkdir tools results && mount --bind results results && mount -o remount,bind,ro results');
  const { status, stdout, stderr } = await ask(world, ['check'], ['env', `PATH=${at('tools')}`]);
  expect(lines(stdout)).toEqual([
    `ok       config: ${at('config.yml')}, 1 of 1 sites enabled`,
    'missing  client startct: startct is not there or may not be run',
    '         install it, or say where it is: clients: { startct: { command: /path/to/startct } }',
    ...unchecked('one'),
    'missing  ping: the command ping is not in PATH',
    '         Debian, Ubuntu: apt-get install iputils-ping',
    'missing  ps: the command ps is not in PATH',
    '         Debian, Ubuntu: apt-get install procps',
    `missing  results: ${at('results')} can't be written: read-only file system (EROFS)`,
    '         give this user the folder (chown), or choose another one: logging.dir',
    'ok       monitor: none is running on this results folder',
    `warning  DNS: resolvconf-of-nobody was not found; what a client leaves in ${at('resolv.conf')} is replaced by what was in it before`,
    '         if a program makes that file on this host, name its command: dns.restore',
    'missing  mail server: 127.0.0.1:2525 refuses the connection',
    '         is logging.email.server right, and does a mail server run there? Then: vpn-monitor test-notify',
    expect.stringMatching(/^\d+ ok, \d+ warnings?, 5 missing$/),
    'Not ready to run: fix what is missing above.',
    '',
  ]);
  expect(stderr).toBe('');
  expect(status).toBe(1);
});

worldTest('check: a ping that is not permitted and a ps that is not procps', async ({ world }) => {
  world.config({ one: 'works' }, 'logging: { dir: results, file: result }');
  installScript(world, 'ping', '#!/bin/sh\necho "ping: socket: Operation not permitted" >&2\nexit 2\n');
  installScript(world, 'ps', '#!/bin/sh\necho "PID USER COMMAND"\n');
  const { status, stdout } = await ask(world, ['check']);
  expect(stdout).toContain(`missing  ping: ping is not permitted: socket: Operation not permitted (127.0.0.1)
         may this user ping? As a service: AmbientCapabilities=CAP_NET_RAW, or sysctl net.ipv4.ping_group_range
`);
  expect(stdout).toContain(`missing  ps: ps does not list this process: procps is needed
         Debian, Ubuntu: apt-get install procps
`);
  expect(status).toBe(1);
});

worldTest('check: a user who may not restore DNS is given the line for sudoers', async ({ skip, world }) => {
  skip(process.getuid?.() !== 0, 'needs a second user (run as root)');
  const { config, at, run } = world;
  config(
    { one: 'works' },
    `logging: { dir: results, file: result }\ndns: { file: ${at('resolv.conf')}, restore: [sudo, -n, resolvconf, -u] }`,
  );
  installScript(world, 'resolvconf', '#!/bin/sh\n');
  installScript(
    world,
    'sudo',
    `#!/bin/sh
echo "$*" >>'${at('asked')}'
test -e '${at('allowed')}' || exit 1
[ "$*" = "-n -l" ] && echo '    (root) NOPASSWD: /sbin/resolvconf -u' || echo '/sbin/resolvconf -u'
`,
  );
  run('mkdir results; touch asked; chown 65534:65534 results asked config.yml');
  const user = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  skip(run(`${user.join(' ')} test -r '${MAIN}' || echo no`) !== '', 'needs a tree that others may read');
  const { status, stdout } = await ask(world, ['check'], user);
  expect(stdout).toContain(`missing  DNS: nobody may not run resolvconf -u by sudo without a password
         a line for sudoers (visudo -f /etc/sudoers.d/vpn-monitor): nobody ALL=(root) NOPASSWD: ${at('bin', 'resolvconf')} -u
`);
  expect(status).toBe(1);
  writeFileSync(at('allowed'), '');
  const allowed = await ask(world, ['check'], user);
  expect(allowed.stdout).toContain('ok       DNS: restored by sudo -n resolvconf -u\n');
  expect(allowed.status).toBe(0);
  expect(world.read('asked')).toBe('-n -l resolvconf -u\n'.repeat(2).concat('-n -l\n'));
});

worldTest('check beside a running monitor says which process it is', async ({ world }) => {
  const { config, monitor, csv } = world;
  config({ one: 'works' }, 'logging: { dir: results, file: result }');
  const daemon = monitor();
  await expect.poll(() => csv().length, PATIENT).toBe(2);
  const { status, stdout } = await ask(world, ['check']);
  expect(stdout).toMatch(
    new RegExp(`^ok {7}monitor: running, held by .*\\b${daemon.pid()}\\b.*vpn-monitor run`, 'm'),
  );
  expect(status).toBe(0);
  await stop(daemon);
});

worldTest.for(['check', 'test-mail', 'once', 'run'])(
  '%s: a wrong config is said on stderr, 2',
  async (command, { world }) => {
    world.config({ one: { vpn_gw: 'works', password: 12345678 } }, 'frequency: 0');
    const { status, stdout, stderr } = await ask(world, [command]);
    expect(stderr).toMatch(
      /^config\.yml:2: sites\.one\.password: expected a string, got a number: put it in quotes$/m,
    );
    expect(stderr).toMatch(/^config\.yml:\d+: frequency: /m);
    expect(stderr).not.toContain('12345678');
    expect(stdout).toBe('');
    expect(status).toBe(2);
  },
);

worldTest("test-mail: the mail arrives and the server's last reply is printed, 0", async ({ world }) => {
  const { config, mailServer, mails } = world;
  config({ one: 'works' });
  await mailServer();
  const { status, stdout, stderr } = await ask(world, ['test-mail']);
  expect(stdout).toMatch(/^sent \(plain text\); the server replied: 250 \S.*\n$/);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(mails()).toEqual([expect.stringMatching(/^Subject: vpn-monitor on \S+: test notification$/m)]);
});

worldTest.for([
  {
    name: 'a refused port',
    email: 'server: 127.0.0.1, security: none',
    words: '127.0.0.1:25 refuses the connection',
    setting: 'server',
  },
  {
    name: 'a server without STARTTLS',
    email: "server: '127.0.0.1:2525', security: starttls",
    words: 'the server offers no STARTTLS: ',
    setting: 'security',
  },
  {
    name: 'a rejected password',
    email: "server: '127.0.0.1:2525', security: none, username: monitor, password: Wr0ngMa1lPass",
    words: 'the server rejects username and password: 535 ',
    setting: 'password',
  },
])(
  'test-mail: prints $name with the setting that fixes it, 1',
  async ({ email, words, setting }, { world }) => {
    const { config, at, mailServer, mails } = world;
    config(
      { one: 'works' },
      `logging: { dir: results, file: result, email: { from: monitor@example.com, to: noc@example.com, ${email} } }`,
    );
    for (const file of ['auth', 'tells']) writeFileSync(at('mails', file), '');
    await mailServer();
    const { status, stdout, stderr } = await ask(world, ['test-mail']);
    expect(stderr).toContain(`not sent: ${words}`);
    expect(stderr).toContain(`\nto fix it, check logging.email.${setting}\n`);
    expect(stderr).not.toContain('Wr0ngMa1lPass');
    expect(stdout).toBe('');
    expect(status).toBe(1);
    expect(mails()).toEqual([]);
  },
);

worldTest('test-mail without a mail server in the config: said, 1', async ({ world }) => {
  world.config({ one: 'works' }, 'logging: { dir: results, file: result }');
  const { status, stderr } = await ask(world, ['test-mail']);
  expect(stderr).toContain(
    'not sent: logging.email is not set: no mail is sent\nto fix it, check logging.email\n',
  );
  expect(status).toBe(1);
});

worldTest(
  "a password that can't be read yet is no wrong config: 3, so that a service tries again",
  async ({ world }) => {
    const { config, at } = world;
    config({ one: { vpn_gw: 'works', password: undefined, password_file: 'secret' } });
    const early = await ask(world, ['run']);
    expect(early.stderr).toMatch(
      /^config\.yml:2: sites\.one\.password_file: the file it names can't be read .*no such file$/m,
    );
    expect(early.status).toBe(3);
    writeFileSync(at('secret'), 'a-passw0rd\n', { mode: 0o600 });
    expect((await ask(world, ['once'])).status).toBe(0);
    rmSync(at('secret'));
    expect((await ask(world, ['once'])).status).toBe(3);
  },
);

worldTest('check: a full disk is said with its own remedy, and no file of it stays', async ({ world }) => {
  const { config, at, run } = world;
  config({ one: 'works' }, 'logging: { dir: results, file: result }');
  run('mkdir results && mount -t tmpfs -o size=64k tmpfs results');
  run('cat /dev/zero >results/filler 2>/dev/null; test -s results/filler');
  const { status, stdout } = await ask(world, ['check']);
  expect(
    stdout,
  ).toContain(`missing  results: ${at('results')} can't be written: no space left on device (ENOSPC)
         free some space (df -h ${at('results')}; df -i ${at('results')}), or choose another folder: logging.dir
`);
  expect(run('ls -A results').trim()).toBe('filler');
  expect(status).toBe(1);
});
