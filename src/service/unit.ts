import { shellWord } from '../words/shell-word.ts';
import { SERVICE_PATH, type UnitFacts } from './facts.ts';
import { unitArgument, unitPath } from './quote.ts';
import { sandbox } from './sandbox.ts';

/** The unit file for these facts: its directives, and as comments what is to be done once and what is left out. */
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
    `# vpn-monitor.service for ${facts.hostname}, printed by vpn-monitor ${facts.version}. Print it again when clients, folders or the`,
    '# user change. What you add is kept apart from it: systemctl edit vpn-monitor',
    ...once(facts),
    '',
    '[Unit]',
    'Description=vpn-monitor: tests the VPN gateways',
    'Wants=network-online.target',
    'After=network-online.target',
    `RequiresMountsFor=${[facts.config, facts.results].map(unitPath).join(' ')}`,
  ];
}

/** What root does once, before the first start. */
function once({ user, results, config, configClosed, closedSecrets, toOwn, sudoers }: UnitFacts): string[] {
  if (user === undefined) return [];
  const { name } = user;
  const folders = toOwn.filter((folder) => folder !== results);
  // The config says what is run: it is not for this user to change unless it could not be read.
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
          '# and, so that it can restore resolv.conf, this line (visudo -f /etc/sudoers.d/vpn-monitor):',
          `#   ${sudoers}`,
        ]),
  ];
}

function service(facts: UnitFacts): string[] {
  const { node, main, config, results, user, folders } = facts;
  return [
    '[Service]',
    'Type=notify',
    '# It is systemd-notify, a child, that tells systemd: Node has no datagram sockets of that kind.',
    'NotifyAccess=all',
    ...(user === undefined
      ? [`ExecStartPre=+/bin/mkdir -p ${unitArgument(results)}`]
      : [`User=${user.name}`]),
    `ExecStart=${unitPath(node)} ${unitArgument(main)} run --config ${unitArgument(config)}`,
    'ExecReload=/bin/kill -HUP $MAINPID',
    'SyslogIdentifier=vpn-monitor',
    ...(folders.length === 0 ? [] : [`Environment=${unitPath(`PATH=${SERVICE_PATH}:${folders.join(':')}`)}`]),
    '# Passwords from systemd, which only root need be able to read: write into config.yml',
    '#   password_file: /run/credentials/vpn-monitor.service/site1',
    '#LoadCredential=site1:/etc/vpn-monitor/site1.password',
    '# Not after a wrong config (2), which does not mend itself. But after 3: another monitor runs, a secret is not there yet.',
    'Restart=on-failure',
    'RestartSec=15',
    'RestartPreventExitStatus=2',
    '# Longer than any step of the loop with this config. The monitor asks for more when a config that is read again needs it.',
    `WatchdogSec=${facts.watchdogSeconds}`,
    '# A stop is for the monitor alone: it logs its client out. login.quit_timeout, and 20 s.',
    'KillMode=mixed',
    `TimeoutStopSec=${facts.timeoutStopSeconds}`,
    '# A core dump would hold the passwords.',
    'LimitCORE=0',
  ];
}
