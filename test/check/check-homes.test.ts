import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { checkHomes } from '../../src/check/check-homes.ts';
import { realSystem } from '../../src/system/real-system.ts';
import type { System } from '../../src/system/system.ts';
import certificates from '../fixtures/certificates.json' with { type: 'json' };
import { temporaryFolder } from '../support/temporary-folder.ts';
import { seen } from './findings.ts';

const STARTCT = 'startct, realm: corp';
const PINNED = `${STARTCT}, server_cert: verify`;
let home: string;
let kept: string;
beforeEach(() => {
  home = temporaryFolder();
  kept = path.join(home, '.sonicwall/AventailConnect');
});

/** A host whose /etc/passwd gives this user the home folder; `undefined`: it has no such user. */
function host(folder: string | undefined, files: Partial<typeof fs> = {}): Partial<System> {
  const { uid, readFile } = realSystem({});
  const entry = folder === undefined ? '' : `monitor:x:${uid}:${uid}::${folder}:/bin/sh\n`;
  return {
    files: { ...fs, ...files },
    readFile: (file, limit) =>
      file === '/etc/passwd'
        ? {
            state: 'read',
            text: `root:x:4242:0::/nowhere:/bin/sh\n${entry}`,
            exact: true,
            version: '',
            mode: 0o644,
          }
        : readFile(file, limit),
  };
}

const put = (name: string, text: string | Buffer) => {
  fs.mkdirSync(path.dirname(path.join(kept, name)), { recursive: true });
  fs.writeFileSync(path.join(kept, name), text);
};

test.each([
  ['that has its folder', () => put('config.xml', '<config/>')],
  ['that the client has not used yet', () => undefined],
])('a home %s needs no word, and stays as it was', (_, prepare) => {
  prepare();
  const before = fs.readdirSync(home, { recursive: true });
  expect(seen(checkHomes, PINNED, host(home))).toEqual([]);
  expect(fs.readdirSync(home, { recursive: true })).toEqual(before);
});

test('a home that can not be written is said, with its place in /etc/passwd', () => {
  const openSync = (file: fs.PathLike, flags: fs.OpenMode) => {
    if (String(file).includes('.vpn-monitor-check'))
      throw Object.assign(new Error('EACCES'), { code: 'EACCES', errno: -13 });
    return fs.openSync(file, flags);
  };
  expect(seen(checkHomes, STARTCT, host(home, { openSync: openSync as typeof fs.openSync }))).toEqual([
    `warning client startct: monitor can't write to ${home}: permission denied (EACCES); the client keeps its lock and settings in ${kept} -> give monitor a home folder that it may write to (the one in /etc/passwd counts, not HOME)`,
  ]);
});

test('nothing is known of a user who is not in /etc/passwd, and of a client that keeps nothing', () => {
  put('site.pem', certificates.ca);
  expect(seen(checkHomes, PINNED, host(undefined))).toEqual([]);
  expect(seen(checkHomes, PINNED, host(''))).toEqual([]);
  expect(seen(checkHomes, 'openconnect', host('/nowhere'))).toEqual([]);
});

test('certificates that were stored by Always are named, where the config checks certificates', () => {
  put('certs/accepted.pem', `${certificates.ca}\n${certificates.ca}`);
  const der = Buffer.from(certificates.ca.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  put('certs/deep/er/one.der', der);
  put('certs/deep/er/too/deep.der', der);
  put('library/logs/UI.log', 'nothing\n');
  put('certs/broken.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  put('certs/large.pem', `${certificates.ca}${' '.repeat(1024 * 1024)}`);
  fs.symlinkSync('accepted.pem', path.join(kept, 'certs/link.pem'));
  const print = /^CN=test CA \(SHA1 (?:[0-9A-F]{2}:){19}[0-9A-F]{2}\)$/;
  const found = seen(checkHomes, PINNED, host(home));
  const remedy =
    ' -> a user once answered Always; remove the file if this is not the certificate of a gateway';
  expect(found.map((line) => line.replace(remedy, '').split('whatever server_cert says: '))).toEqual([
    [
      `warning client startct: trusts the certificate in ${kept}/certs/accepted.pem, `,
      expect.stringMatching(/^CN=test CA \(SHA1 [0-9A-F:]{59}\), CN=test CA \(SHA1 [0-9A-F:]{59}\)$/),
    ],
    [
      `warning client startct: trusts the certificate in ${kept}/certs/deep/er/one.der, `,
      expect.stringMatching(print),
    ],
  ]);
  expect(seen(checkHomes, STARTCT, host(home))).toEqual([]);
});
