import { fileURLToPath } from 'node:url';
import { formatProblems } from '../config/yaml/problem.ts';
import { hasUser } from '../rights/user-name.ts';
import { type UnitFacts, unitFacts } from '../service/facts.ts';
import { fitsUnit } from '../service/quote.ts';
import { unitText } from '../service/unit.ts';
import { readConfig } from './load-config.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/** What `systemd` takes. */
export interface SystemdOptions extends Pick<CommonOptions, 'config'> {
  /** The ordinary user that the service is to run as; `undefined`: root. */
  readonly user: string | undefined;
}

/** As useradd takes them, without those that sudoers(5) or a unit would read as something else. */
const USER_NAME = /^[a-z_][a-z0-9_-]{0,31}$/i;

/**
 * Prints the unit file of a service for this host and this config. What is to be seen to first is said on stderr. 0:
 * printed; 2: the config or the name of the user is wrong.
 */
export async function systemd({ config: file, user }: SystemdOptions, shell: Shell): Promise<number> {
  const { screen, system, version } = shell;
  if (user !== undefined && !USER_NAME.test(user)) {
    screen.diagnose(`error: expected the name of a user, got '${user}'`);
    return EXIT.usage;
  }
  // Passwords may be where only the service can read them.
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
  const odd = [facts.node, facts.main, facts.config, facts.results].find((path) => !fitsUnit(path));
  if (odd !== undefined) {
    screen.diagnose(`error: a unit file can't name ${JSON.stringify(odd)}: it holds a control character`);
    return EXIT.usage;
  }
  screen.print(unitText(facts));
  for (const words of hints(facts, shell)) screen.diagnose(`warning: ${words}`);
  return EXIT.good;
}

/** What would keep the service from its work. */
function hints({ main, results, user }: UnitFacts, { system }: Shell): readonly string[] {
  return [
    ...(main.includes('/_npx/')
      ? [`${main} is in the cache of npx, which does not keep it: install the package first`]
      : []),
    ...(user !== undefined && !system.files.existsSync(results)
      ? [`${results} is not there yet: make it first, as the unit says`]
      : []),
  ];
}
