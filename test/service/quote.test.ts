import { expect, test } from 'vitest';
import { sudoersLine } from '../../src/rights/sudoers.ts';
import { fitsUnit, unitArgument, unitPath } from '../../src/service/quote.ts';

// That systemd reads them so is shown under a real one: test/real/e2e/systemd.test.ts.
test.each([
  ['/opt/vpn-monitor/dist/main.js', '/opt/vpn-monitor/dist/main.js', '/opt/vpn-monitor/dist/main.js'],
  ['/srv/a b', '"/srv/a b"', '"/srv/a b"'],
  ['/srv/100%', '/srv/100%%', '/srv/100%%'],
  ['/srv/$HOME', '"/srv/$HOME"', '"/srv/$$HOME"'],
  ['/srv/"q" \\t', '"/srv/\\"q\\" \\\\t"', '"/srv/\\"q\\" \\\\t"'],
  ["/srv/it's;#", '"/srv/it\'s;#"', '"/srv/it\'s;#"'],
  ['/srv/Büro', '"/srv/Büro"', '"/srv/Büro"'],
])('%s', (path, asPath, asArgument) => {
  expect(fitsUnit(path)).toBe(true);
  expect(unitPath(path)).toBe(asPath);
  expect(unitArgument(path)).toBe(asArgument);
});

test.each(['/srv/a\nExecStart=/bin/evil', '/srv/a\u0085b', '/srv/a\tb'])(
  'a unit file can not contain %j',
  (path) => {
    expect(fitsUnit(path)).toBe(false);
  },
);

test('a command in sudoers is escaped', () => {
  expect(sudoersLine('vpnmon', ['/opt/a b/fix*', '-f', 'x=1,2:3'])).toBe(
    'vpnmon ALL=(root) NOPASSWD: /opt/a\\ b/fix\\* -f x\\=1\\,2\\:3',
  );
});
