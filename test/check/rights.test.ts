import fs from 'node:fs';
import { expect, test } from 'vitest';
import { checkExposed } from '../../src/check/check-exposed.ts';
import { checkLeftovers, checkRunning } from '../../src/check/check-leftovers.ts';
import { checkTunnels } from '../../src/check/check-tunnels.ts';
import type { Config } from '../../src/config/config.ts';
import type { ProcessInfo } from '../../src/system/place.ts';
import type { System } from '../../src/system/system.ts';
import { createHome, type Home } from '../commands/support.ts';
import { seen } from './findings.ts';

const ALL = '000001ffffffffff';
const NONE = '0000000000000000';
const NET_ADMIN = '0000000000001000';
const KILL = '0000000000000020';
const NOBODY = 65_534;

/** A machine with all commands, on which this process has the capabilities, and where /dev/net/tun is there or not; /dev/ppp is not. */
function machineOf(uid: number, effective: string, ambient: string, tun = true): Partial<System> {
  const readFileSync = (file: string, encoding: 'utf8') =>
    file === '/proc/self/status'
      ? `CapEff:\t${effective}\nCapAmb:\t${ambient}\n`
      : fs.readFileSync(file, encoding);
  const accessSync = (file: string, mode: number) => {
    if (file !== '/dev/net/tun' && file !== '/dev/ppp') fs.accessSync(file, mode);
    else if (!tun || file === '/dev/ppp') throw Object.assign(new Error('no'), { code: 'ENOENT', errno: -2 });
  };
  const files = { ...fs, readFileSync, accessSync } as unknown as typeof fs;
  return { uid, files, findCommand: () => '/bin/true' };
}

const STARTCT = 'startct, realm: corp, timeout: 60';
const NO_RIGHT =
  'nobody may make no network device and no route -> as a service: AmbientCapabilities=CAP_NET_ADMIN, in a container --cap-add NET_ADMIN, or run it as root';
const NO_TUN =
  "/dev/net/tun can't be opened: no such file or directory (ENOENT) -> modprobe tun; in a container --device /dev/net/tun";
const FIT = 'ok tunnel of openconnect: ip is there, and devices and routes may be made';

/** All sites are tested on the host. */
const onHost = (config: Config, system: System) => checkTunnels(config, config, system);

test('a client without a device needs nothing', () => {
  expect(seen(onHost, STARTCT, machineOf(NOBODY, NONE, NONE, false))).toEqual([]);
});

test.each<[string, string, Partial<System>, readonly string[]]>([
  ['root', 'openconnect', machineOf(0, ALL, NONE), [FIT]],
  ['a user with the right', 'openconnect', machineOf(NOBODY, NET_ADMIN, NET_ADMIN), [FIT]],
  [
    'a user with nothing',
    'openconnect',
    machineOf(NOBODY, NONE, NONE, false),
    [`missing tunnel of openconnect: ${NO_RIGHT}`, `missing tunnel of openconnect: ${NO_TUN}`],
  ],
  [
    'a client whose tunnel pppd makes',
    'openfortivpn',
    machineOf(0, ALL, NONE),
    [
      "missing tunnel of openfortivpn: /dev/ppp can't be opened: no such file or directory (ENOENT) -> modprobe ppp_generic; in a container --device /dev/ppp",
    ],
  ],
  [
    'a right that the client does not get',
    'openconnect',
    machineOf(NOBODY, NET_ADMIN, NONE),
    [`missing tunnel of openconnect: ${NO_RIGHT}`],
  ],
  [
    'a client of the config, whose device a service may make',
    'own',
    machineOf(NOBODY, NONE, NONE),
    [`warning tunnel of own: ${NO_RIGHT}`],
  ],
  [
    'no ip',
    'openconnect',
    {
      ...machineOf(0, ALL, NONE),
      findCommand: (command) => (/\bip$/.test(command) ? undefined : '/bin/true'),
    },
    [
      'missing tunnel of openconnect: the command ip is not there -> Debian, Ubuntu: apt-get install iproute2',
    ],
  ],
])('a client with a device: %s', (_, client, system, findings) => {
  expect(seen(onHost, client, system)).toEqual(findings);
});

test('in its cell a client has the right to make a device, but not the file to make it by', () => {
  const inCells = (config: Config, system: System) => checkTunnels(config, { ...config, sites: [] }, system);
  expect(seen(inCells, 'openconnect', machineOf(NOBODY, NONE, NONE))).toEqual([FIT]);
  expect(seen(inCells, 'openconnect', machineOf(NOBODY, NONE, NONE, false))).toEqual([
    `missing tunnel of openconnect: ${NO_TUN}`,
  ]);
});

/** A machine with one process, which this user may signal or not. */
function withProcess(name: string, uid: number, outcome: 'sent' | 'denied'): Partial<System> {
  const process: ProcessInfo = {
    ...{ pid: 4711, name, state: 'S', ppid: 1, pgrp: 4711, session: 4711, startTicks: 1 },
    ...{ args: [`/usr/local/Aventail/${name}`], uid },
  };
  return {
    ...machineOf(NOBODY, NONE, NONE),
    pidsInProc: () => [4711],
    readProcess: (pid) => (pid === 4711 ? process : undefined),
    kill: () => outcome,
  };
}

const LEFT =
  "warning leftovers: nobody can't end a startct, AvConnect, java of another user (setuid?); while one runs, no site is tested";
const END =
  ' -> as a service: AmbientCapabilities=CAP_KILL, or run it as root, or end them by hand when a mail reports them';

test.each<[string, string, Partial<System>, readonly string[]]>([
  ['root', STARTCT, machineOf(0, ALL, NONE), []],
  ['a user who may end them', STARTCT, machineOf(NOBODY, KILL, KILL), []],
  ['a client of which only our own are ended', 'openconnect', machineOf(NOBODY, NONE, NONE), []],
  ['a client that leaves none', 'demo, realm: corp, timeout: 60', machineOf(NOBODY, NONE, NONE), []],
  ['a user, none running', STARTCT, withProcess('strange', 0, 'denied'), [`${LEFT}${END}`]],
  ['a user, his own running', STARTCT, withProcess('AvConnect', NOBODY, 'sent'), [`${LEFT}${END}`]],
  [
    'a user, one of root running',
    STARTCT,
    withProcess('AvConnect', 0, 'denied'),
    [`${LEFT}, now AvConnect with pid 4711 of root${END}`],
  ],
])('leftover clients: %s', (_, client, system, findings) => {
  expect(seen(checkLeftovers, client, system)).toEqual(findings);
});

test.each<[string, string, Partial<System>, readonly string[]]>([
  ['none', STARTCT, { ...machineOf(NOBODY, NONE, NONE), pidsInProc: () => [] }, []],
  ['of another program', STARTCT, withProcess('strange', NOBODY, 'sent'), []],
  ['of a client that is not ended by name', 'openconnect', withProcess('AvConnect', NOBODY, 'sent'), []],
  [
    'of the client, such as its window',
    STARTCT,
    withProcess('AvConnect', NOBODY, 'sent'),
    [
      'warning leftovers: AvConnect with pid 4711 of nobody runs now, and no monitor does: before its first test the monitor ends it -> close the window of the client; a client that people use needs a host of its own',
    ],
  ],
])('processes that the monitor would end: %s', (_, client, system, findings) => {
  expect(seen(checkRunning, client, system)).toEqual(findings);
});

const SERVICE = 12_345;

/** The machine as root sees it if these files belong to a user: all others belong to root. */
function asOwnedBy(owner: number, theirs: readonly string[], system: System): System {
  const owned = (stat: typeof fs.statSync) => (file: string, options: fs.StatOptions) => {
    const found = stat(file, options);
    return found && Object.assign(found, { uid: theirs.includes(file) ? owner : 0 });
  };
  const files = { ...fs, statSync: owned(fs.statSync), lstatSync: owned(fs.lstatSync as typeof fs.statSync) };
  return { ...system, files: files as unknown as typeof fs };
}

/** Without those about where this checkout and node lie. */
const exposed = (client: string, home: Home) =>
  seen(checkExposed, client, {}, home).filter((line) => line.includes(home.folder));

test('what only this user can change is not said', () => {
  const home = createHome();
  fs.mkdirSync(home.at('results'));
  expect(exposed(STARTCT, home)).toEqual([]);
});

test('what others can change and the monitor obeys is said, once for each reason', () => {
  const home = createHome();
  fs.writeFileSync(home.at('site.ovpn'), '');
  fs.mkdirSync(home.at('results'));
  for (const name of ['simulated-client', 'site.ovpn', 'results']) fs.chmodSync(home.at(name), 0o777);
  expect(exposed('openconnect', home)).toEqual([
    `warning exposed: the client openconnect (${home.at('simulated-client')}) can be changed by other users: everybody may write to ${home.at('simulated-client')} -> give it and its parent folders to root (chown) and remove the write permission of others (chmod go-w)`,
    `warning exposed: other users can change files in the results folder ${home.at('results')}: everybody may write to ${home.at('results')} -> give it to this user (chown) and remove the write permission of others from it and its parent folders (chmod go-w), or choose another folder: logging.dir`,
  ]);
  expect(exposed('openvpn, profile: site.ovpn', home)).toContainEqual(
    expect.stringContaining(`profile of site1 (${home.at('site.ovpn')}) can be changed by other users`),
  );
  fs.chmodSync(home.folder, 0o777);
  expect(exposed('openconnect', home)).toEqual([
    expect.stringContaining(`the config (${home.config}) can be changed by other users`),
    expect.stringContaining('the client openconnect'),
    expect.stringContaining('the results folder'),
  ]);
});

test.each<[string, number, readonly string[]]>([
  ['as its own user', SERVICE, []],
  [
    'as root',
    0,
    [
      'warning exposed: the config (CONFIG) can be changed by other users: CONFIG belongs to uid 12345 -> LEAVE',
      'warning exposed: other users can change files in the results folder RESULTS: RESULTS belongs to uid 12345 -> LEAVE',
    ],
  ],
])(
  'the files of a service that runs as an ordinary user are not to be taken from it, checked %s',
  (_, uid, findings) => {
    const home = createHome();
    fs.mkdirSync(home.at('results'));
    const theirs = [home.config, home.at('results')];
    const look = (config: Config, system: System) => checkExposed(config, asOwnedBy(SERVICE, theirs, system));
    const said = seen(look, STARTCT, { uid }, home).filter((line) => line.includes(home.folder));
    const words = said.map((line) =>
      line
        .replaceAll(home.config, 'CONFIG')
        .replaceAll(home.at('results'), 'RESULTS')
        .replace(
          'leave it so if the monitor runs as uid 12345, who owns the results folder; only if it runs as root, give it to root (chown)',
          'LEAVE',
        ),
    );
    expect(words).toEqual(findings);
  },
);

test('a results folder of the service that others may change is given to the service', () => {
  const home = createHome();
  fs.mkdirSync(home.at('results'));
  fs.chmodSync(home.at('results'), 0o777);
  const look = (config: Config, system: System) =>
    checkExposed(config, asOwnedBy(SERVICE, [home.at('results')], system));
  const said = seen(look, STARTCT, { uid: 0 }, home).filter((line) => line.includes(home.folder));
  expect(said).toEqual([
    expect.stringContaining(' -> give it to uid 12345 (chown) and remove the write permission'),
  ]);
});
