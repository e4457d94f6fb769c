import { shellWord } from '../words/shell-word.ts';
import { SERVICE_PATH, type UnitFacts } from './facts.ts';
import { unitArgument, unitPath } from './quote.ts';
import { ownFolders, sandbox } from './sandbox.ts';

/** Returns the unit file for these facts. Comments say what root must do once, and which directives are left out. */
export function unitText(facts: UnitFacts): string {
  const sections = [
    head(facts),
    service(facts),
    ...sandbox(facts),
    ['[Install]', 'WantedBy=multi-user.target'],
  ];
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

function head(facts: UnitFacts): string[] {
  return [
    `# vpn-monitor.service for ${facts.hostname}, printed by vpn-monitor ${facts.version}. Print it again after a change of`,
    '# clients, folders or the user. Put your own settings in a drop-in: systemctl edit vpn-monitor',
    ...once(facts),
    '',
    '[Unit]',
    'Description=vpn-monitor: tests the VPN gateways',
    'Wants=network-online.target',
    'After=network-online.target',
    `RequiresMountsFor=${[facts.config, ...ownFolders(facts)].map(unitPath).join(' ')}`,
  ];
}

/** Comments for what root must do once, before the first start. */
function once({ user, results, config, configClosed, closedSecrets, toOwn, sudoers }: UnitFacts): string[] {
  if (user === undefined) return [];
  const { name } = user;
  const folders = toOwn.filter((folder) => folder !== results);
  // The config names programs to run, so this user gets it only if it could not read it otherwise.
  const whole = [results, ...(configClosed ? [config] : [])];
  return [
    '#',
    '# Once, as root:',
    ...(user.exists ? [] : [`#   useradd --system --shell /usr/sbin/nologin ${name}`]),
    `#   mkdir -p ${[results, ...folders].map(shellWord).join(' ')}`,
    `#   chown -R ${name} ${whole.map(shellWord).join(' ')}`,
    ...[...closedSecrets, ...folders].map((file) => `#   chown ${name} ${shellWord(file)}`),
    ...(sudoers === undefined
      ? []
      : [
          '# To let it restore resolv.conf, add this line (visudo -f /etc/sudoers.d/vpn-monitor):',
          `#   ${sudoers}`,
        ]),
  ];
}

function service(facts: UnitFacts): string[] {
  const { node, main, config, user, folders, cells, controlGroup } = facts;
  return [
    '[Service]',
    'Type=notify',
    '# The child process systemd-notify sends the notifications: Node has no datagram sockets of that kind.',
    'NotifyAccess=all',
    ...(user === undefined
      ? [`ExecStartPre=+/bin/mkdir -p ${ownFolders(facts).map(unitArgument).join(' ')}`]
      : [`User=${user.name}`]),
    ...(cells && user === undefined
      ? [
          '# Cells reach the gateways through this host. The setting stays when the service stops.',
          "ExecStartPre=+/bin/sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'",
        ]
      : []),
    ...(controlGroup === null
      ? []
      : [
          '# control.group: its members leave silences and acknowledgements for the monitor.',
          `SupplementaryGroups=${controlGroup}`,
        ]),
    `ExecStart=${unitPath(node)} ${unitArgument(main)} run --config ${unitArgument(config)}`,
    'ExecReload=/bin/kill -HUP $MAINPID',
    'SyslogIdentifier=vpn-monitor',
    ...(folders.length === 0 ? [] : [`Environment=${unitPath(`PATH=${SERVICE_PATH}:${folders.join(':')}`)}`]),
    '# To keep a password in a file that only root can read, write in config.yml:',
    '#   password_file: /run/credentials/vpn-monitor.service/site1',
    '#LoadCredential=site1:/etc/vpn-monitor/site1.password',
    '# Restart, but not after status 2 (bad config). Status 3 can pass: another monitor is running, or a secret is not readable yet.',
    'Restart=on-failure',
    'RestartSec=15',
    'RestartPreventExitStatus=2',
    '# Longer than any step of the monitor with this config. After a reload, the monitor asks systemd for more time if it needs it.',
    `WatchdogSec=${facts.watchdogSeconds}`,
    '# Only the monitor gets SIGTERM: it logs its client out. The time is login.quit_timeout and 20 s.',
    'KillMode=mixed',
    `TimeoutStopSec=${facts.timeoutStopSeconds}`,
    '# A core dump would contain passwords.',
    'LimitCORE=0',
  ];
}
