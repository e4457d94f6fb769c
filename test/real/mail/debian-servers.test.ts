import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { missingPrograms } from '../../support/missing-programs.ts';
import { MAIN, ROOT } from '../../support/paths.ts';
import { until } from '../../support/until.ts';
import { createWorld, type World, worldUnavailable } from '../../support/world.ts';

/** Where scripts/test-packages.mjs puts the packages that can't be installed beside each other. */
const EXTRACTED = '/opt/vpn-monitor-test-packages';

/** Postfix and Exim speak TLS 1.3. The OpenSMTPD of Debian 12 fails at its TLS (EVP lib), so it is tried without, and without AUTH. */
const SERVERS = ['postfix', 'exim4', 'opensmtpd'] as const;
type Server = (typeof SERVERS)[number];
type Way = 'well' | 'slow' | 'greylists' | 'small';

const SECURE = 'security: starttls, ca: ca.pem, username: monitor';
const OPEN = 'security: none';

const reason =
  process.getuid?.() !== 0
    ? 'needs root'
    : (worldUnavailable() ??
      missingPrograms(['openssl', 'python3']) ??
      (existsSync(path.join(EXTRACTED, 'postfix'))
        ? undefined
        : 'needs the mail servers: node scripts/test-packages.mjs'));

let world: World;
beforeEach(({ skip }) => {
  skip(reason !== undefined, reason);
  world = createWorld();
});
afterEach(() => world?.end());

/** Starts a server in the world, and gives the folder of its mails. */
async function start(server: Server, way: Way): Promise<string> {
  const folder = path.join(world.folder, 'server');
  mkdirSync(folder);
  makeCertificate(folder);
  const script = path.join(ROOT, 'test/real/mail/mail-server.sh');
  const started = world.start(['bash', script, EXTRACTED, server, way, folder]);
  await until(
    `${server} listens`,
    () => {
      if (started.child.exitCode !== null) throw new Error(`${server} ended: ${started.stderr()}`);
      try {
        world.run('exec 3<>/dev/tcp/127.0.0.1/25');
        return true;
      } catch {
        return false;
      }
    },
    { everyMs: 200 },
  );
  return path.join(folder, 'box', 'noc', 'new');
}

/** An authority of the test's own, and a certificate for 127.0.0.1. OpenSMTPD knows no other keys than those of RSA. */
function makeCertificate(folder: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const fresh = ['-newkey', 'rsa:2048', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...fresh,
    '-keyout',
    'ca.key',
    '-out',
    '../ca.pem',
    '-subj',
    '/CN=test CA',
    '-days',
    '2',
  );
  openssl('req', ...fresh, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=mail.example.com');
  writeFileSync(path.join(folder, 'names'), 'subjectAltName=IP:127.0.0.1\n');
  const signed = [
    '-CA',
    '../ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-extfile',
    'names',
    '-days',
    '2',
  ];
  openssl('x509', '-req', '-in', 'request.pem', '-out', 'cert.pem', ...signed);
}

/** Runs `test-mail`. */
async function testMail(settings: string): Promise<{ status: number; stdout: string; stderr: string }> {
  const site =
    '{ external_ip: 127.0.0.1, vpn_gw: 127.0.0.1, username: u, password: "pass word", internal_ip: 127.0.0.1, realm: corp }';
  const email = `{ server: "127.0.0.1:25", ${settings}, from: vpn-monitor@example.com, to: noc@example.com }`;
  writeFileSync(
    path.join(world.folder, 'config.yml'),
    `frequency: 600\nlogging: { dir: results, file: result, email: ${email} }\nsites: { site1: ${site} }\n`,
    { mode: 0o600 },
  );
  const ran = world.start([process.execPath, MAIN, 'test-mail', '-c', path.join(world.folder, 'config.yml')]);
  return { status: await ran.ended, stdout: ran.stdout(), stderr: ran.stderr() };
}

/** The mails in a folder. */
const mailsIn = (box: string) =>
  existsSync(box) ? readdirSync(box).map((name) => readFileSync(path.join(box, name), 'utf8')) : [];

describe.each(SERVERS)('%s', (server) => {
  const hasTls = server !== 'opensmtpd';
  const settings = hasTls ? `${SECURE}, password: "right"` : OPEN;

  test('delivers one copy with our headers', async () => {
    const box = await start(server, 'well');
    const { status, stdout, stderr } = await testMail(settings);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      hasTls
        ? /^sent \(TLSv1\.[23], certificate verified\); the server replied: 250 /
        : /^sent \(plain text\); the server replied: 250 /,
    );
    await until('the mail is in the box', () => mailsIn(box).length > 0);
    const [mail = '', ...copies] = mailsIn(box);
    expect(copies).toEqual([]);
    for (const name of ['Message-ID', 'Date', 'From', 'To', 'Subject', 'Auto-Submitted']) {
      expect(mail.match(new RegExp(`^${name}: `, 'gm')), name).toHaveLength(1);
    }
    expect(mail).toMatch(/^Message-ID: <[0-9a-f-]+@example\.com>$/m);
    expect(mail).toMatch(/^To: noc@example\.com$/m);
    expect(mail).toContain('test notification');
  });

  test('that greets after 7 s is waited for, and who waits is told', async () => {
    const box = await start(server, 'slow');
    const { status, stderr } = await testMail(settings);
    expect(stderr).toBe('127.0.0.1:25 is slow: waiting up to 5 min for its greeting (Ctrl-C ends this)\n');
    expect(status).toBe(0);
    await until('the mail is in the box', () => mailsIn(box).length === 1);
  });

  test('that does not take the recipient for now is no wrong setting', async () => {
    const box = await start(server, 'greylists');
    const { status, stderr } = await testMail(settings);
    expect(stderr).toMatch(
      /^not sent: the server does not take the mail now: 45\d .*greylisted.*\ntry again later\n$/,
    );
    expect(status).toBe(1);
    expect(mailsIn(box)).toEqual([]);
  });

  test('that takes no mail of this size is named so', async () => {
    await start(server, 'small');
    const { status, stderr } = await testMail(settings);
    expect(stderr).toMatch(/^not sent: the server does not accept a mail of this size: .*\n$/);
    expect(status).toBe(1);
  });

  if (hasTls) {
    test('rejects a wrong password, and an authority of its own that is not named', async () => {
      const box = await start(server, 'well');
      const wrong = await testMail(`${SECURE}, password: "not right"`);
      expect(wrong.stderr).toMatch(
        /^not sent: the server rejects username and password: 535 .*\nto fix it, check logging\.email\.password\n$/,
      );
      const unknown = await testMail('security: starttls');
      expect(unknown.stderr).toMatch(
        /^not sent: the certificate of 127\.0\.0\.1:25 is not trusted \(\w+\)\nto fix it, check logging\.email\.ca\n$/,
      );
      expect([wrong.status, unknown.status, mailsIn(box)]).toEqual([1, 1, []]);
    });
  } else {
    test('whose TLS fails gets the mail in plain text, with a warning, where the config demands nothing', async () => {
      const box = await start(server, 'well');
      const { status, stdout } = await testMail('security: auto');
      expect(stdout).toMatch(
        /^sent \(plain text\); .*\nwarning: TLS with the mail server failed, plain text is used /,
      );
      expect(status).toBe(0);
      await until('the mail is in the box', () => mailsIn(box).length === 1);
    });
  }
});
