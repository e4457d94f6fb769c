import { fileURLToPath } from 'node:url';
import { formatProblems } from '../config/yaml/problem.ts';
import { hasUser } from '../rights/user-name.ts';
import { type UnitFacts, unitFacts } from '../service/facts.ts';
import { fitsUnit } from '../service/quote.ts';
import { ownFolders } from '../service/sandbox.ts';
import { unitText } from '../service/unit.ts';
import { readConfig } from './load-config.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/** The options of `systemd`. */
export interface SystemdOptions extends Pick<CommonOptions, 'config'> {
  /** The user that the service runs as; `undefined`: root. */
  readonly user: string | undefined;
}

/** The names that useradd accepts, without those that have a special meaning in sudoers(5) or a unit file. */
const USER_NAME = /^[a-z_][a-z0-9_-]{0,31}$/i;

/**
 * Prints a systemd unit file for this host and this config, and warnings on stderr. Exit status: 0: printed; 2: a bad config,
 * or a wrong user name.
 */
export async function systemd({ config: file, user }: SystemdOptions, shell: Shell): Promise<number> {
  const { screen, system, version } = shell;
  if (user !== undefined && !USER_NAME.test(user)) {
    screen.diagnose(`error: --user: expected a user name, got '${user}'`);
    return EXIT.usage;
  }
  // Not the secrets: perhaps only the service can read their files.
  const loaded = readConfig(file, shell, { configOnly: true });
  if (!loaded.ok) {
    for (const line of formatProblems(file, loaded.errors)) screen.diagnose(line);
    return EXIT.usage;
  }
  const facts = unitFacts(loaded.config, system, {
    node: process.execPath,
    main: fileURLToPath(new URL('../main.js', import.meta.url)),
    version,
    secretFiles: loaded.secretFiles,
    user: user === undefined || user === 'root' ? undefined : { name: user, exists: hasUser(system, user) },
  });
  const odd = [facts.node, facts.main, facts.config, ...ownFolders(facts)].find((path) => !fitsUnit(path));
  if (odd !== undefined) {
    screen.diagnose(`error: ${JSON.stringify(odd)} has a control character, which a unit file can't contain`);
    return EXIT.usage;
  }
  screen.print(unitText(facts));
  for (const words of obstacles(facts, shell)) screen.diagnose(`warning: ${words}`);
  return EXIT.good;
}

/** What would keep the service from starting. */
function obstacles({ main, results, user }: UnitFacts, { system }: Shell): readonly string[] {
  return [
    ...(main.includes('/_npx/')
      ? [
          `${main} is in the npx cache, which npm may delete: install the package first (npm install -g ./vpn-monitor-*.tgz)`,
        ]
      : []),
    ...(user !== undefined && !system.files.existsSync(results)
      ? [`${results} does not exist: create it first with the commands in the unit file`]
      : []),
  ];
}
