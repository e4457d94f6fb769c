// Installs what some tests need beyond what all need and what is missing of it, without starting or enabling any
// service: real VPN gateways (test/real/lab), a browser, Prometheus, pandas, systemd, a tracer. As root:
// `node scripts/test-packages.mjs`. Silent when there is nothing to do. A plain `apt-get install ocserv` would start a
// gateway on this host.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installPackages } from './setup/packages.mjs';
import { run, SetupError, say } from './setup/say.mjs';

/** Programs, and Debian's packages of them. */
const PROGRAMS = {
  openconnect: 'openconnect',
  ocserv: 'ocserv',
  openvpn: 'openvpn',
  wg: 'wireguard-tools',
  'wireguard-go': 'wireguard-go',
  'charon-cmd': 'charon-cmd',
  swanctl: 'strongswan-swanctl',
  vpnc: 'vpnc',
  openfortivpn: 'openfortivpn',
  nft: 'nftables',
  'iptables-nft': 'iptables',
  'iptables-legacy': 'iptables',
  ip: 'iproute2',
  openssl: 'openssl',
  chromium: 'chromium',
  zsh: 'zsh',
  promtool: 'prometheus',
  amtool: 'prometheus-alertmanager',
  sudo: 'sudo',
  'systemd-analyze': 'systemd',
  strace: 'strace',
  slirp4netns: 'slirp4netns',
  lintian: 'lintian',
};
/** Debian's packages of what is no program, and the libraries of {@link EXTRACTED}. */
const LIBRARIES = [
  'python3-pandas',
  'locales',
  'libdb5.3',
  'libevent-2.1-7',
  'libgnutls-dane0',
  'libicu72',
  'libidn12',
  'libnsl2',
  'libpam-oath',
  'charon-systemd',
  'libcharon-extauth-plugins',
  'libcharon-extra-plugins',
  'libstrongswan-extra-plugins',
  'libstrongswan-standard-plugins',
];
/** Mail servers, which Debian does not install beside each other: each is only unpacked, into a folder of its own outside of what it is laid over. */
const EXTRACTED = ['postfix', 'exim4-base', 'exim4-daemon-light', 'opensmtpd'];
/** Other versions of Node that the program is tried with, as packages of npm, by the names of their folders. */
const NODES = { 'node-22': '22.23.5', 'node-24': '24.22.3' };
const UNPACKED = '/opt/vpn-monitor-test-packages';
/** What the packages would have systemd start at the next boot. */
const UNITS = {
  ocserv: ['ocserv.service', 'ocserv.socket'],
  openvpn: ['openvpn.service'],
  'charon-systemd': ['strongswan.service'],
  prometheus: ['prometheus.service'],
  'prometheus-alertmanager': ['prometheus-alertmanager.service'],
};
const POLICY = '/usr/sbin/policy-rc.d';
const FROM_DEBIAN = 'apt-get -o APT::Sandbox::User=root -q download "$2" && dpkg -x "$2"_*.deb whole';
const FROM_NPM = 'npm pack --silent "$2" && mkdir whole && tar -xzf node-*.tgz -C whole --strip-components=1';
const SET_ASIDE = `${POLICY}.vpn-monitor`;
const FORBIDS_ALL =
  '#!/bin/sh\n# Of vpn-monitor, scripts/test-packages.mjs: gone when it has ended.\nexit 101\n';

try {
  const missing = missingPackages();
  if (missing.length > 0) withoutServices(() => installPackages(missing));
  const still = missingPackages();
  if (still.length > 0)
    throw new SetupError(`${still.join(' ')} is installed, but not in ${process.env.PATH}`);
  for (const name of EXTRACTED) unpack(name, 'apt-get download', FROM_DEBIAN, name);
  for (const [name, version] of Object.entries(NODES))
    unpack(name, 'npm pack', FROM_NPM, `node-linux-${process.arch}@${version}`);
  const units = missing.flatMap((name) => UNITS[name] ?? []);
  // Debian enables them for the next boot; where there is no systemd there is nothing to disable.
  if (units.length > 0) run('systemctl', ['disable', ...units]);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}

function missingPackages() {
  const programs = Object.entries(PROGRAMS)
    .filter(([program]) => !run('sh', ['-c', `command -v ${program}`]).good)
    .map(([, name]) => name);
  return [
    ...new Set(programs),
    ...LIBRARIES.filter(
      (name) => !run('sh', ['-c', `dpkg-query -W -f '\${Status}' ${name} | grep -q 'ok installed'`]).good,
    ),
  ];
}

/** Unpacks a package into a folder of its own, by a script that leaves it in `whole`. */
function unpack(name, how, script, asked) {
  const folder = path.join(UNPACKED, name);
  if (existsSync(folder)) return;
  if (process.getuid() !== 0) throw new SetupError(`${folder} is missing: run this script as root`);
  say(`unpacking ${name} (${how})`);
  const download = `${folder}.download`;
  rmSync(download, { recursive: true, force: true });
  mkdirSync(download, { recursive: true });
  // Renamed when it is whole.
  const { good, output } = run('sh', [
    '-c',
    `cd "$1" && ${script} && mv whole "$3"`,
    'sh',
    download,
    asked,
    folder,
  ]);
  rmSync(download, { recursive: true });
  if (!good) throw new SetupError(`${name} can't be downloaded: ${output}`);
}

// Packages ask policy-rc.d before they start their service; 101 forbids it.
function withoutServices(install) {
  if (process.getuid() !== 0) return install();
  // A handler keeps an interrupt from skipping the tidying: it runs once apt-get has ended, which gets it too.
  process.once('SIGINT', () => process.exit(130));
  if (existsSync(POLICY) && readFileSync(POLICY, 'utf8') !== FORBIDS_ALL) renameSync(POLICY, SET_ASIDE);
  writeFileSync(POLICY, FORBIDS_ALL);
  chmodSync(POLICY, 0o755);
  try {
    return install();
  } finally {
    rmSync(POLICY);
    if (existsSync(SET_ASIDE)) renameSync(SET_ASIDE, POLICY);
  }
}
