import type { UnitFacts } from './facts.ts';
import { unitPath } from './quote.ts';

/** The folders that are the monitor's own: of the results, and of the log. */
export function ownFolders({ results, logFolder }: UnitFacts): readonly string[] {
  return logFolder === undefined ? [results] : [results, logFolder];
}

/** Paragraphs of a unit file that restrict the service, with comments on what is not restricted. */
export function sandbox(facts: UnitFacts): string[][] {
  if (facts.setuid.length > 0) return [barelyConfined(facts)];
  return [confinedRights(facts), confinedFiles(facts), confinedCalls(facts)];
}

/** For setuid clients: it is unknown what they write, load and call. */
function barelyConfined(facts: UnitFacts): string[] {
  return [
    `# ${facts.setuid.join(', ')} starts a setuid program, which becomes root. So there is no NoNewPrivileges=, and no limit to what`,
    '# that program may write, load or call: no ProtectSystem=, CapabilityBoundingSet=, SystemCallFilter=, ...',
    ...(facts.user === undefined
      ? ['ProtectClock=yes', 'ProtectHostname=yes', 'ProtectKernelLogs=yes', 'RestrictRealtime=yes']
      : [
          '# For a user other than root, even ProtectClock= and similar settings imply NoNewPrivileges=.',
          ...reasons(facts),
          `AmbientCapabilities=${capabilities(facts)}`,
        ]),
    'ProtectControlGroups=yes',
  ];
}

/** The capabilities of the service, each with its purpose. */
function rights(facts: UnitFacts): readonly (readonly [string, string])[] {
  const { user, tunnelOnHost, pingAllowed, lowPorts, kills, cells } = facts;
  const cellsOfRoot = cells && user === undefined;
  return [
    // A client on the host may have raw sockets of its own.
    ...(pingAllowed && !tunnelOnHost ? [] : ([['CAP_NET_RAW', 'ping']] as const)),
    ...(tunnelOnHost && !cellsOfRoot
      ? ([['CAP_NET_ADMIN', 'create tunnel devices and routes']] as const)
      : []),
    ...(lowPorts.length > 0
      ? ([['CAP_NET_BIND_SERVICE', `listen on the port of ${lowPorts.join(' and ')}`]] as const)
      : []),
    ...(user === undefined
      ? ([
          ['CAP_DAC_OVERRIDE', 'read and write files of other users'],
          ['CAP_CHOWN', 'give new files to the owner of the results folder'],
        ] as const)
      : []),
    ...(cellsOfRoot
      ? ([
          ['CAP_NET_ADMIN', 'create tunnel devices and routes, and connect the network of cells'],
          ['CAP_SYS_ADMIN', 'create cells: namespaces and their mounts'],
          ['CAP_SYS_CHROOT', 'start programs in cells'],
          ['CAP_FOWNER', 'give cells an /etc of their own'],
        ] as const)
      : []),
    ...(user === undefined && kills ? ([['CAP_KILL', 'end leftover clients of other users']] as const) : []),
  ];
}

function capabilities(facts: UnitFacts): string {
  return rights(facts)
    .map(([name]) => name)
    .join(' ');
}

function reasons(facts: UnitFacts): string[] {
  return rights(facts).map(([name, why]) => `# ${name}: ${why}.`);
}

function confinedRights(facts: UnitFacts): string[] {
  const all = capabilities(facts);
  const hasRaw = /\bCAP_NET_RAW\b/.test(all);
  return [
    ...reasons(facts),
    ...(hasRaw
      ? []
      : [
          '# CAP_NET_RAW: not given, since net.ipv4.ping_group_range lets this user ping. It stays in the bounding set, since a file of ping that',
          '# has the capability would otherwise not start.',
        ]),
    ...(facts.user === undefined
      ? [
          '# A client that changes its user (the directive `user` of openvpn) also needs CAP_SETUID and CAP_SETGID.',
        ]
      : [`AmbientCapabilities=${all}`]),
    `CapabilityBoundingSet=${hasRaw ? all : `CAP_NET_RAW ${all}`.trim()}`,
    'NoNewPrivileges=yes',
    ...(facts.user === undefined
      ? ['# Runs as root. `vpn-monitor systemd --user NAME` prints a unit for another user.']
      : []),
  ];
}

function confinedFiles(facts: UnitFacts): string[] {
  const { writable, resolvConf, user, tunnel, ppp, usesTmp } = facts;
  const optional = [...writable, ...(resolvConf === undefined ? [] : [resolvConf, '/run/resolvconf'])];
  return [
    'ProtectSystem=strict',
    ...(resolvConf === undefined
      ? []
      : [
          user === undefined
            ? '# resolv.conf can be written in place, but not replaced. If DHCP replaces it, writing works again after the next start.'
            : '# A client can change resolv.conf only if this user may write to it; otherwise DNS does not change.',
        ]),
    `ReadWritePaths=${[...ownFolders(facts).map(unitPath), ...optional.map((path) => `-${unitPath(path)}`)].join(' ')}`,
    ...(resolvConf !== undefined && tunnel
      ? [
          '# vpnc-script, which openconnect runs, keeps the previous resolv.conf in this folder.',
          'RuntimeDirectory=vpnc',
          'RuntimeDirectoryPreserve=yes',
        ]
      : []),
    '# Not yes: the config, secrets or Node may be in a home folder.',
    'ProtectHome=read-only',
    ...(usesTmp ? ['# No PrivateTmp=: this unit names a file in /tmp.'] : ['PrivateTmp=yes']),
    'ProtectControlGroups=yes',
    ...(tunnel
      ? [
          '# No PrivateDevices=: clients create tunnel devices.',
          'DeviceAllow=/dev/net/tun rw',
          ...(ppp ? ['# pppd makes the tunnel of a client.', 'DeviceAllow=/dev/ppp rw'] : []),
        ]
      : ['PrivateDevices=yes']),
    '# No ProtectProc= and ProcSubset=: the monitor looks for leftover clients among all processes.',
    '# No UMask=: other users may read the CSV files.',
  ];
}

function confinedCalls({ cells, user }: UnitFacts): string[] {
  const cellsOfUser = cells && user !== undefined;
  return [
    'LockPersonality=yes',
    '# No MemoryDenyWriteExecute=: Node compiles code at run time.',
    '# No PrivateNetwork=, PrivateUsers= and IPAddressDeny=: the monitor tests through the network of the host.',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    ...(cellsOfUser
      ? [
          'ProtectKernelModules=yes',
          "# No ProtectKernelLogs= and ProtectKernelTunables=: they mount over parts of /proc, and then a cell can't have one of its own.",
        ]
      : ['ProtectKernelLogs=yes', 'ProtectKernelModules=yes', 'ProtectKernelTunables=yes']),
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    ...(cells
      ? [
          '# Cells are namespaces of these kinds.',
          `RestrictNamespaces=ipc mnt net pid${cellsOfUser ? ' user' : ''}`,
        ]
      : ['RestrictNamespaces=yes']),
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'SystemCallArchitectures=native',
    '# Node needs @pkey. Other system calls fail with EPERM; they do not kill the process.',
    `SystemCallFilter=@system-service @pkey${cells ? ' @mount' : ''}`,
    'SystemCallErrorNumber=EPERM',
  ];
}
