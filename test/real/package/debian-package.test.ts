import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { copyTree } from '../../support/copy-tree.ts';
import { missingPrograms } from '../../support/missing-programs.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { createSystemdWorld, type SystemdWorld, systemdUnavailable } from '../support/systemd-world.ts';

const unfit = systemdUnavailable() ?? missingPrograms(['lintian', 'dpkg-deb']);
let world: SystemdWorld | undefined;
afterAll(() => world?.end());

const CONFIG = `frequency: 2
logging: { dir: /var/lib/vpn-monitor, file: result }
ping: { count: 1, timeout: 30 }
sites:
  site1: { external_ip: 127.0.0.1, internal_ip: 127.0.0.1, vpn_gw: works.example, realm: r, username: u, password: "p", timeout: 60, client: demo }
`;

test('the Debian package: lintian finds nothing, it runs as a service, an upgrade restarts it, a purge leaves nothing', async ({
  skip,
}) => {
  skip(unfit !== undefined, unfit);
  const folder = temporaryFolder();
  const tree = path.join(folder, 'tree');
  copyTree(tree);
  const built =
    execFileSync('contrib/debian/build.sh', [folder], { cwd: tree, encoding: 'utf8' })
      .trim()
      .split('\n')
      .at(-1) ?? '';
  const looked = spawnSync('lintian', ['--allow-root', '--fail-on', 'error,warning', built], {
    encoding: 'utf8',
    // It leaves files there.
    env: { ...process.env, TMPDIR: folder },
  });
  // Its notes say how much the explained overrides hide.
  const said = `${looked.stdout}${looked.stderr}`.split('\n').filter((line) => !/^N: |^$/.test(line));
  expect({ status: looked.status, said }).toEqual({ status: 0, said: [] });

  world = await createSystemdWorld();
  const { run, attempt, write, view } = world;
  // In containers it forbids packages to start and stop services.
  run('rm -f /usr/sbin/policy-rc.d');
  // Not the package of the test's own machine.
  rmSync(`${view}/opt/vpn-monitor/dist`, { recursive: true });
  copyFileSync(built, `${view}/root/vpn-monitor.deb`);
  // Node need not come from a package of the host that runs this test.
  const install = () => run('dpkg --force-depends -i /root/vpn-monitor.deb');
  install();
  expect(run('vpn-monitor --version').trim()).toBe(/_([^_]+)_/.exec(path.basename(built))?.[1]);
  expect(run('zcat /usr/share/man/man1/vpn-monitor.1.gz')).toContain('.SS silence\n');
  run('bash -n /usr/share/bash-completion/completions/vpn-monitor');
  expect(run('stat -c "%U %a" /var/lib/vpn-monitor /etc/vpn-monitor')).toBe('vpn-monitor 755\nroot 755\n');
  expect(attempt('systemd-analyze verify /usr/lib/systemd/system/vpn-monitor.service')).toEqual({
    status: 0,
    said: '',
  });
  // Without a config it does not start, and does not fail.
  run('systemctl enable --now vpn-monitor');
  const shown = () => world?.show('vpn-monitor', 'ActiveState', 'Result', 'User');
  expect(shown()).toEqual({ ActiveState: 'inactive', Result: 'success', User: 'vpn-monitor' });

  write('/etc/vpn-monitor/config.yml', CONFIG, 0o600);
  run('chown vpn-monitor /etc/vpn-monitor/config.yml && systemctl start vpn-monitor');
  const rows = () => attempt('cat /var/lib/vpn-monitor/*.csv').said.match(/,site1,SUCCESS,/g)?.length ?? 0;
  await until('it has tested', () => rows() > 0);

  const before = rows();
  install();
  expect(run('cat /var/lib/vpn-monitor/monitoring.log')).toContain(' INFO - Stopped\n');
  await until('it tests again after the upgrade', () => rows() > before);

  run('dpkg --purge vpn-monitor');
  expect(shown()?.ActiveState).not.toBe('active');
  const left = run(
    'ls -d /etc/vpn-monitor /var/lib/vpn-monitor /usr/lib/vpn-monitor /usr/bin/vpn-monitor 2>&1 || true',
  );
  expect(left).not.toMatch(/^\//m);
  expect(run('find /etc/systemd /var/lib/systemd -name "vpn-monitor*"')).toBe('');
});
