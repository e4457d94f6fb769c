import type { UnitFacts } from './facts.ts';
import { unitPath } from './quote.ts';

/** Paragraphs of a unit file: what the service may not do, and why it may do the rest. */
export function sandbox(facts: UnitFacts): string[][] {
  if (facts.setuid.length > 0) return [barelyConfined(facts)];
  return [confinedRights(facts), confinedFiles(facts), confinedCalls()];
}

/** For clients of which nobody knows what they write, load and call, but only that they get root's rights. */
function barelyConfined(facts: UnitFacts): string[] {
  return [
    `# ${facts.setuid.join(', ')} starts a program that has root's rights by its file. So there is no NoNewPrivileges=, and nothing of`,
    '# what that program may write, load or call is forbidden: no ProtectSystem=, CapabilityBoundingSet=, SystemCallFilter=, ...',
    ...(facts.user === undefined
      ? ['ProtectClock=yes', 'ProtectHostname=yes', 'ProtectKernelLogs=yes', 'RestrictRealtime=yes']
      : [
          '# Even ProtectClock= and the like would set NoNewPrivileges= for an ordinary user.',
          ...reasons(facts),
          `AmbientCapabilities=${capabilities(facts)}`,
        ]),
    'ProtectControlGroups=yes',
  ];
}

/** Each capability and what it is for. */
function rights({ user, tunnel, lowPort, kills }: UnitFacts): readonly (readonly [string, string])[] {
  return [
    ['CAP_NET_RAW', 'ping'],
    ...(tunnel ? ([['CAP_NET_ADMIN', 'devices and routes']] as const) : []),
    ...(lowPort ? ([['CAP_NET_BIND_SERVICE', 'the port of the metrics']] as const) : []),
    ...(user === undefined
      ? ([
          ['CAP_DAC_OVERRIDE', 'files of others'],
          ['CAP_CHOWN', 'what it makes goes to the owner of the results folder'],
        ] as const)
      : []),
    ...(user === undefined && kills ? ([['CAP_KILL', 'left-over clients of others']] as const) : []),
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
  return [
    ...reasons(facts),
    ...(facts.user === undefined
      ? [
          '# A client that changes its user, as the directive user of openvpn does, needs CAP_SETUID CAP_SETGID as well.',
        ]
      : [`AmbientCapabilities=${all}`]),
    `CapabilityBoundingSet=${all}`,
    'NoNewPrivileges=yes',
    ...(facts.user === undefined
      ? ['# No User=: `vpn-monitor systemd --user NAME` prints the unit for an ordinary user.']
      : []),
  ];
}

function confinedFiles({ results, writable, resolvConf, user, tunnel, usesTmp }: UnitFacts): string[] {
  const optional = [...writable, ...(resolvConf === undefined ? [] : [resolvConf, '/run/resolvconf'])];
  return [
    'ProtectSystem=strict',
    ...(resolvConf === undefined
      ? []
      : [
          user === undefined
            ? '# resolv.conf can be written in place here, not replaced; where DHCP has replaced it, again after the next start.'
            : '# resolv.conf is there for a client to write only if this user may write it; else DNS stays as it is.',
        ]),
    `ReadWritePaths=${[unitPath(results), ...optional.map((path) => `-${unitPath(path)}`)].join(' ')}`,
    ...(resolvConf !== undefined && tunnel
      ? [
          '# vpnc-script, which openconnect runs, keeps the resolv.conf of before in there.',
          'RuntimeDirectory=vpnc',
          'RuntimeDirectoryPreserve=yes',
        ]
      : []),
    '# Not yes: config, secrets or Node may lie there.',
    'ProtectHome=read-only',
    ...(usesTmp ? ['# No PrivateTmp=: something that is named here lies there.'] : ['PrivateTmp=yes']),
    'ProtectControlGroups=yes',
    ...(tunnel
      ? ['# No PrivateDevices=: tunnels are made there.', 'DeviceAllow=/dev/net/tun rw']
      : ['PrivateDevices=yes']),
    '# No ProtectProc= and ProcSubset=: left-over clients are looked for among all processes.',
    '# No UMask=: the CSV files are for others to read.',
  ];
}

function confinedCalls(): string[] {
  return [
    'LockPersonality=yes',
    '# No MemoryDenyWriteExecute=: Node compiles as it runs.',
    '# No PrivateNetwork=, PrivateUsers= and IPAddressDeny=: the network of the host is what it works with.',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'SystemCallArchitectures=native',
    '# Node itself needs @pkey. What is not in there fails and kills nothing.',
    'SystemCallFilter=@system-service @pkey',
    'SystemCallErrorNumber=EPERM',
  ];
}
