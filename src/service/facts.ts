import type fs from 'node:fs';
import path from 'node:path';
import type { ClientProfile } from '../clients/profile.ts';
import type { Config } from '../config/config.ts';
import type { Listen } from '../config/schema/address.ts';
import { usedClients } from '../config/used-clients.ts';
import { findRestoreCommand, restoreArgv } from '../host/dns/restore-command.ts';
import { timeoutStopMs, usesCells, watchdogMs } from '../monitor/deadlines.ts';
import { groupMayPing } from '../rights/ping-group.ts';
import { privilegedClients } from '../rights/privileged-clients.ts';
import { sudoersLine } from '../rights/sudoers.ts';
import { groupOf } from '../rights/user-name.ts';
import type { System } from '../system/system.ts';

/** What a unit file needs to know about this host and the config. Paths are absolute. */
export interface UnitFacts {
  readonly version: string;
  readonly hostname: string;
  readonly node: string;
  /** The program, dist/main.js. */
  readonly main: string;
  readonly config: string;
  /** The results folder. */
  readonly results: string;
  /** The folder of the log; `undefined`: the results folder. */
  readonly logFolder: string | undefined;
  /** The user that the service runs as; `undefined`: root. */
  readonly user: { readonly name: string; readonly exists: boolean } | undefined;
  /** The group of `control.group`; `null`: none is configured. */
  readonly controlGroup: string | null;
  /** Names of clients that become root through a setuid file. */
  readonly setuid: readonly string[];
  /** The line of sudoers(5) that lets this user restore resolv.conf; `undefined`: none is needed, or dns.restore has no plain sudo. */
  readonly sudoers: string | undefined;
  /** Whether a client may create a tunnel device with the rights of the service. */
  readonly tunnel: boolean;
  /** Whether pppd makes the tunnel of one of them. */
  readonly ppp: boolean;
  /** Whether such a client may run on the host: with `isolation: auto` too, where the host allows no cells. */
  readonly tunnelOnHost: boolean;
  /** Whether the kernel lets the service ping without a capability. */
  readonly pingAllowed: boolean;
  /** Whether sites may be tested in cells. */
  readonly cells: boolean;
  /** Whether leftover clients are killed by name, whoever started them. */
  readonly kills: boolean;
  /** Whether only the config's owner and group may read it. */
  readonly configClosed: boolean;
  /** The existing files with passwords that others may not read, each once. */
  readonly closedSecrets: readonly string[];
  /** Files and folders that are written to, without the results, the log and resolv.conf. */
  readonly writable: readonly string[];
  /** Those of them, and the folder of the log, that are missing or not writable by everybody. */
  readonly toOwn: readonly string[];
  /** The keys of the config with a port that only root may use, such as `web.listen`. */
  readonly lowPorts: readonly string[];
  /** The resolv.conf that a client changes; `undefined` if no client does. */
  readonly resolvConf: string | undefined;
  /** Whether any of these files is in /tmp or /var/tmp. */
  readonly usesTmp: boolean;
  /** Folders of commands that are not in the PATH of a service. */
  readonly folders: readonly string[];
  readonly timeoutStopSeconds: number;
  readonly watchdogSeconds: number;
}

/** The PATH of a service (systemd.exec(5)). */
export const SERVICE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Where systemd puts the passwords of LoadCredential=, readable by the service (systemd.exec(5)). */
const CREDENTIALS = '/run/credentials/';
/** Belongs to the whole host: nobody may be told to give it to a user. */
const SHARED_LOGS = '/var/log';
const READABLE_BY_ALL = 0o004;
const WRITABLE_BY_ALL = 0o002;
const TEMPORARY = /^\/(?:var\/)?tmp\//;
/** Lower ports need CAP_NET_BIND_SERVICE (ip(7)). */
const FIRST_FREE_PORT = 1024;

/** The program that the service runs, and its user. */
export interface Installed {
  readonly node: string;
  readonly main: string;
  readonly version: string;
  /** Absolute paths of the files with passwords. */
  readonly secretFiles: readonly string[];
  readonly user: UnitFacts['user'];
}

/** Collects the facts about this host. Does not throw for missing files. */
export function unitFacts(config: Config, system: System, installed: Installed): UnitFacts {
  const { user, node, main, version, secretFiles } = installed;
  const clients = usedClients(config);
  const onHost = usedClients({ sites: config.sites.filter(({ isolation }) => isolation !== 'cell') });
  const privileged = privilegedClients(clients, system);
  const commands = [...clients.map(({ command }) => command), 'ping', 'ps', 'ip', 'systemd-notify'];
  const found = commands.map((command) => [command, system.findCommand(command)] as const);
  const files = config.sites.flatMap((site) => [...site.clientKeys.values()].filter(path.isAbsolute));
  const paths = [
    node,
    main,
    config.file,
    config.logging.dir,
    config.logging.log,
    ...files,
    ...found.map(([, file]) => file ?? ''),
  ];
  // The folder: the file is replaced, not written in place.
  const writable = config.metrics?.textfile === undefined ? [] : [path.dirname(config.metrics.textfile)];
  const makesDevice = (client: ClientProfile) => client.tunnel !== 'none' && !privileged.includes(client);
  const logFolder = path.dirname(config.logging.log);
  const ownLog = logFolder === config.logging.dir ? [] : [logFolder];
  const mode = (file: string) => modeOf(file, system.files);
  return {
    version,
    node,
    main,
    user,
    hostname: system.hostname,
    config: config.file,
    results: config.logging.dir,
    logFolder: ownLog[0],
    controlGroup: config.controlGroup,
    setuid: privileged.map(({ name }) => name),
    // Clients without root's rights can change only what this user may restore.
    sudoers:
      user !== undefined && changesDns(privileged.filter((client) => onHost.includes(client)))
        ? sudoersOf(user.name, config, system)
        : undefined,
    tunnel: clients.some(makesDevice),
    ppp: clients.some((client) => client.ppp === true && makesDevice(client)),
    tunnelOnHost: onHost.some(makesDevice),
    configClosed: isClosed(mode(config.file), READABLE_BY_ALL),
    closedSecrets: [...new Set(secretFiles)].filter(
      (file) => !file.startsWith(CREDENTIALS) && isClosed(mode(file), READABLE_BY_ALL),
    ),
    writable,
    toOwn: [...writable, ...ownLog.filter((folder) => folder !== SHARED_LOGS)].filter((folder) => {
      const found = mode(folder);
      return found === undefined || isClosed(found, WRITABLE_BY_ALL);
    }),
    lowPorts: lowPortsOf(config),
    pingAllowed: user !== undefined && groupMayPing(system, groupOf(system, user.name)),
    cells: usesCells(config),
    kills: onHost.some(({ own }) => own.by === 'name' && own.processes.length > 0),
    resolvConf: changesDns(onHost) ? config.dns.file : undefined,
    usesTmp: paths.some((file) => TEMPORARY.test(file)),
    folders: [
      ...new Set(
        found.flatMap(([command, file]) =>
          file === undefined || command.includes('/') ? [] : [path.dirname(file)],
        ),
      ),
    ].filter((folder) => !SERVICE_PATH.split(':').includes(folder)),
    timeoutStopSeconds: Math.ceil(timeoutStopMs(config) / 1000),
    watchdogSeconds: Math.ceil(watchdogMs(config) / 1000),
  };
}

/** The permission bits; `undefined` if the file is missing or can't be read. */
function modeOf(file: string, files: typeof fs): number | undefined {
  try {
    return files.statSync(file).mode;
  } catch {
    return undefined;
  }
}

/** Whether a file exists that others may not use in this way. */
function isClosed(mode: number | undefined, bits: number): boolean {
  return mode !== undefined && (mode & bits) === 0;
}

function lowPortsOf({ metrics, web }: Config): readonly string[] {
  const isLow = (listen: Listen | undefined) => listen !== undefined && listen.port < FIRST_FREE_PORT;
  return [
    ...(isLow(metrics?.listen) ? ['metrics.listen'] : []),
    ...(isLow(web?.listen) ? ['web.listen'] : []),
  ];
}

function changesDns(clients: readonly ClientProfile[]): boolean {
  return clients.some(({ dns }) => dns !== undefined);
}

/** The line of sudoers(5) for dns.restore; `undefined` if that has no plain sudo. */
function sudoersOf(user: string, { dns }: Config, system: System): string | undefined {
  // What root would run: the command without a plain sudo.
  const [command = '', ...args] = restoreArgv(dns.restore, 0);
  if (command === dns.restore[0]) return undefined;
  const file = findRestoreCommand(system, command) ?? path.resolve('/usr/sbin', command);
  return sudoersLine(user, [file, ...args]);
}
