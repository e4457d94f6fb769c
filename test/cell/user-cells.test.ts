import { expect, test } from 'vitest';
import { slirpResolvConf } from '../../src/cell/slirp-network.ts';
import { remedyForUserNamespaces } from '../../src/cell/user-namespaces.ts';
import type { Place } from '../../src/system/place.ts';

/** A host with these files. */
function host(files: Readonly<Record<string, string>>): Pick<Place, 'readFile'> {
  return {
    readFile: (file) => {
      const text = files[file];
      if (text === undefined) return { state: 'missing' };
      return { state: 'read', text, exact: true, version: '1', mode: 0o644 };
    },
  };
}

const CLONE = '/proc/sys/kernel/unprivileged_userns_clone';
const MOST = '/proc/sys/user/max_user_namespaces';
const APPARMOR = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';

test.each<[string, Record<string, string>, string]>([
  [
    'Ubuntu 24.04 restricts user namespaces by AppArmor',
    { [CLONE]: '1\n', [MOST]: '15000\n', [APPARMOR]: '1\n' },
    'as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (to keep it: a file in /etc/sysctl.d)',
  ],
  [
    'two settings at once',
    { [CLONE]: '0\n', [MOST]: '0\n' },
    'as root: sysctl -w kernel.unprivileged_userns_clone=1; sysctl -w user.max_user_namespaces=15000 (to keep it: a file in /etc/sysctl.d)',
  ],
])('the remedy where an ordinary user may create no namespaces: %s', (_, files, remedy) => {
  expect(remedyForUserNamespaces(host(files))).toBe(remedy);
});

test('the remedy where no setting forbids namespaces names the sandbox and the device', () => {
  const remedy = remedyForUserNamespaces(host({ [MOST]: '15000\n' }));
  expect(remedy).toContain('RestrictNamespaces=no');
  expect(remedy).toContain('modprobe tun');
});

test.each([
  [
    '127.0.0.53 is not there inside',
    'nameserver 127.0.0.53\noptions edns0\nsearch example.com\n',
    'options edns0\nsearch example.com\n',
  ],
  ['none', '', ''],
])('slirp4netns asks the name servers of the host: %s', (_, text, kept) => {
  expect(slirpResolvConf(host({ '/etc/resolv.conf': text }))).toBe(`${kept}nameserver 169.254.1.3\n`);
});
