import { expect, test } from 'vitest';
import { mayWithoutPassword } from '../../src/rights/sudo-rights.ts';

/** What sudo 1.9.13 prints. */
const rights = (...rules: string[]) => `Matching Defaults entries for vpnmon on vm:
    env_reset, mail_badpass,
    secure_path=/usr/local/sbin\\:/usr/local/bin\\:/usr/sbin\\:/usr/bin\\:/sbin\\:/bin, use_pty

User vpnmon may run the following commands on vm:
${rules.map((rule) => `    ${rule}\n`).join('')}`;

test.each([
  ['the line of README', true, ['(root) NOPASSWD: /usr/sbin/resolvconf -u']],
  ['all of it', true, ['(ALL : ALL) NOPASSWD: ALL']],
  ['any arguments', true, ['(root) NOPASSWD: /usr/sbin/resolvconf']],
  ['wildcards', true, ['(root) NOPASSWD: /usr/sbin/resolvconf -?']],
  ['a regular expression', true, ['(root) NOPASSWD: ^/usr/sbin/resolvconf$ ^-u$']],
  ['one of several', true, ['(root) NOPASSWD: /usr/bin/true, SETENV: /usr/sbin/resolvconf -u']],
  ['a password for all, none for something else', false, ['(ALL) ALL', '(root) NOPASSWD: /usr/bin/true']],
  ['a password again', false, ['(root) NOPASSWD: /usr/bin/true, PASSWD: /usr/sbin/resolvconf -u']],
  ['other arguments', false, ['(root) NOPASSWD: /usr/sbin/resolvconf -i']],
  ['nothing', false, []],
])('%s: %s', (_, may, rules) => {
  expect(mayWithoutPassword(rights(...rules), '/usr/sbin/resolvconf -u')).toBe(may);
});

test('a user who is never asked', () => {
  const all = rights('(ALL) ALL').replace('use_pty', 'use_pty, !authenticate');
  expect(mayWithoutPassword(all, '/usr/sbin/resolvconf -u')).toBe(true);
});
