import { expect } from 'vitest';
import { missingPrograms } from '../../support/missing-programs.ts';
import type { MonitoredWorld } from '../../support/monitored-world.ts';
import { ROOT } from '../../support/paths.ts';
import { until } from '../../support/until.ts';
import { installScript, stop } from '../../support/world.ts';
import { worldTest } from '../../support/world-test.ts';
import { asUser, UID, USER } from '../support/ordinary-user.ts';

const PROGRAMS = ['sudo', 'openconnect', 'ip'];

/** Why there can't be an ordinary user here with a real sudo. */
function unavailable(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root, to be another user';
  return missingPrograms(PROGRAMS);
}

/**
 * Makes the user, a resolvconf of root that restores the world's resolv.conf, a program of root with the setuid bit that marks it as
 * the client's, and a ping without rights of its own. Nothing of it is seen outside.
 */
function prepare(place: MonitoredWorld): void {
  const { run, at } = place;
  // Not a step further if one fails: what follows would be the host's own /etc.
  run(`set -e; mkdir over program results && mount -t tmpfs tmpfs over && mkdir over/{etc,sbin,e,s}
    mount -t overlay -o lowerdir=/etc,upperdir=over/etc,workdir=over/e overlay /etc
    mount -t overlay -o lowerdir=/usr/sbin,upperdir=over/sbin,workdir=over/s overlay /usr/sbin
    mount --bind '${ROOT}' program
    echo '${USER}:x:${UID}:${UID}::/:/bin/sh' >>/etc/passwd && echo '${USER}:*:20000::::::' >>/etc/shadow
    rm -rf /etc/sudoers.d/* && printf '@includedir /etc/sudoers.d\\nDefaults logfile=${at('sudo.log')}\\n' >/etc/sudoers
    printf '#!/bin/sh\\n[ "$(id -u) $*" = "0 -u" ] && cp ${at('resolv.good')} ${at('resolv.conf')}\\n' >/usr/sbin/resolvconf
    echo '# SonicWall' >marked && cp /bin/cp /usr/sbin/mark && chmod 4755 /usr/sbin/mark && chmod 755 /usr/sbin/resolvconf
    cp "$(PATH=/usr/bin:/bin command -v ping)" bin/ping && { setcap -r bin/ping 2>/dev/null || true; } && chmod 755 bin/ping
    echo '1 0' >/proc/sys/net/ipv4/ping_group_range
    mkdir real && mv bin/startct real/ && touch typed && chown -R ${UID}:${UID} results config.yml typed`);
  installScript(
    place,
    'startct',
    `#!/bin/sh\n/usr/sbin/mark '${at('marked')}' '${at('resolv.conf')}'\nexec '${at('real', 'startct')}' "$@"\n`,
  );
}

/** Writes /etc/sudoers.d/vpn-monitor as visudo does. */
function maySudo({ run }: MonitoredWorld, lines: string): void {
  run(`echo '${lines}' | install -m 440 /dev/stdin /etc/sudoers.d/vpn-monitor && visudo -c >/dev/null`);
}

worldTest(
  'an ordinary user: check names each right that is missing, and with those the whole job is done, by sudo only resolvconf',
  async ({ skip, world }) => {
    const reason = unavailable();
    skip(reason !== undefined, reason);
    const { config, at, run, read, csv, log, monitor } = world;
    const more = `logging: { dir: results, file: result }\ndns: { file: ${at('resolv.conf')} }`;
    const device = { client: 'openconnect', vpn_gw: 'gw.example.com', realm: undefined, timeout: undefined };
    config({ site1: 'works', device }, more);
    prepare(world);
    skip(
      run(`setpriv --reuid=${UID} test -r program/dist/main.js || echo no`) !== '',
      'needs a tree that others may read',
    );

    const bare = asUser(world, ['check'], []);
    expect(await bare.ended, bare.stderr()).toBe(1);
    const found = bare
      .stdout()
      .replaceAll(/\n {9}/g, ' -> ')
      .split('\n');
    expect(found.filter((line) => line.startsWith('missing'))).toEqual([
      `missing  tunnel of openconnect: ${USER} may make no network device and no route -> as a service: AmbientCapabilities=CAP_NET_ADMIN, in a container --cap-add NET_ADMIN, or run it as root`,
      expect.stringMatching(
        /^missing {2}ping: ping is not permitted: .* -> .*AmbientCapabilities=CAP_NET_RAW/,
      ),
      `missing  DNS: ${USER} may not run resolvconf -u by sudo without a password -> a line for sudoers (visudo -f /etc/sudoers.d/vpn-monitor): ${USER} ALL=(root) NOPASSWD: /usr/sbin/resolvconf -u`,
    ]);
    expect(found).toContainEqual(
      expect.stringMatching(
        /^warning {2}leftovers: vpnmon can't end a startct, AvConnect, java of another user .* -> .*CAP_KILL/,
      ),
    );

    // The line as it was said, and the rights.
    const line = found.join('\n').match(/sudoers\.d\/vpn-monitor\): (.*)$/m)?.[1] ?? '';
    maySudo(world, line);
    const fit = asUser(world, ['check'], ['net_raw', 'net_admin']);
    expect(await fit.ended, fit.stdout()).toBe(0);
    expect(fit.stdout()).toContain('ok       DNS: restored by sudo -n resolvconf -u\n');
    expect(fit.stdout()).toContain('warning  leftovers: ');
    const whole = asUser(world, ['check'], ['net_raw', 'net_admin', 'kill']);
    expect(await whole.ended, whole.stdout()).toBe(0);
    expect(whole.stdout()).not.toContain('leftovers');

    // Another rule without a password does not make this one so.
    maySudo(world, `${USER} ALL=(ALL) ALL\n${USER} ALL=(root) NOPASSWD: /bin/true`);
    const asked = asUser(world, ['check'], ['net_raw', 'net_admin']);
    expect(await asked.ended, asked.stdout()).toBe(1);
    expect(asked.stdout()).toContain(`missing  DNS: ${USER} may not run resolvconf -u by sudo`);
    maySudo(world, line);

    config({ site1: 'works' }, `${more}\nfrequency: 1`);
    run(`chown ${UID} config.yml && : >sudo.log`);
    const daemon = asUser(world, ['run'], ['net_raw']);
    await until('two rows', () => csv().length > 2);
    await stop(daemon);
    expect(csv().slice(1, 3)).toEqual([1, 2].map(() => expect.stringContaining(',site1,SUCCESS,')));
    expect(read('resolv.conf')).toBe(read('resolv.good'));
    expect(log()).toContain('Invalid DNS settings. Forcing refresh');
    expect(log()).not.toContain('was written back as noted');
    const commands =
      read('sudo.log')
        .replace(/\n +/g, ' ')
        .match(/COMMAND=.*/g) ?? [];
    expect(new Set(commands)).toEqual(new Set(['COMMAND=/usr/sbin/resolvconf -u']));
    expect(run('stat -c "%U %a" results/.state results/.state/state.json')).toBe(
      `${USER} 700\n${USER} 600\n`,
    );

    // What root begins in the user's folder is the user's.
    run(`rm -r results && chown ${USER} . && echo 'nameserver 192.0.2.53' >resolv.conf`);
    const once = monitor(['once'], { SIM_RESOLV: '' });
    expect(await once.ended, once.stderr()).toBe(0);
    expect(
      run(
        'stat -c %U results results/.state results/.state/* results/*.csv results/monitoring-*.log | sort -u',
      ),
    ).toBe(`${USER}\n`);
  },
);

worldTest(
  'an ordinary user: a leftover of root is named by check, log and mail, and the host counts as not clean',
  async ({ skip, world }) => {
    const reason = unavailable();
    skip(reason !== undefined, reason);
    const { config, at, run, csv, mailServer, mails, start, processes } = world;
    config({ site1: 'works' }, `dns: { file: ${at('resolv.conf')} }`);
    prepare(world);
    skip(
      run(`setpriv --reuid=${UID} test -r program/dist/main.js || echo no`) !== '',
      'needs a tree that others may read',
    );
    installScript(world, 'AvConnect', '#!/bin/bash\nwhile :; do sleep 1000; done\n');
    start(['AvConnect']);
    const pid = await until('it runs', () => processes().find(({ name }) => name === 'AvConnect')?.pid);
    await mailServer();
    const check = asUser(world, ['check'], ['net_raw']);
    await check.ended;
    expect(check.stdout()).toContain(`no site is tested, now AvConnect with pid ${pid} of root\n`);
    const daemon = asUser(world, ['run'], ['net_raw']);
    const mail = await until('the mail', () => mails()[0]);
    await stop(daemon);
    expect(mail).toContain(
      `AvConnect with pid ${pid} belongs to root, whose processes this user may not kill`,
    );
    expect(csv()[1]).toContain(',site1,FAILURE,ERROR,ERROR,ERROR');
    expect(processes().some((process) => process.pid === pid)).toBe(true);
    // With the right to kill it is ended, and the site is tested.
    const once = asUser(world, ['once'], ['net_raw', 'kill']);
    expect(await once.ended, once.stderr()).toBe(0);
    expect(processes().some((process) => process.pid === pid)).toBe(false);
  },
);
