import { PROFILES } from '../clients/built-in.ts';
import { type ClientProfile, offered } from '../clients/profile.ts';
import type { Config, SiteConfig } from '../config/config.ts';
import type { LoadResult } from '../config/load.ts';
import { parseServer } from '../config/schema/address.ts';
import { DEFAULT_CLIENT } from '../config/schema/site-schema.ts';
import { oneOf } from '../config/yaml/problem.ts';
import { isExtension } from '../config/yaml/tree.ts';
import type { Answers } from './compose-config.ts';

/** The parts of the world that an interview needs. */
export interface InterviewParts {
  /** Asks, and gives the line that is typed. */
  readonly ask: (question: string, options?: { readonly hidden?: boolean }) => Promise<string>;
  readonly say: (line: string) => void;
  /** The config that these answers make, as its loader sees it. */
  readonly load: (answers: Answers) => LoadResult;
  /** Whether a command is there. */
  readonly hasCommand: (command: string) => boolean;
  /** Looks at what was answered, and says what it finds; nothing of that is a refusal. */
  readonly look: {
    readonly client: (client: ClientProfile) => void;
    readonly host: (host: string) => Promise<void>;
    /** A file that the config names. */
    readonly file: (name: string) => void;
    readonly mail: (config: Config) => Promise<void>;
  };
  readonly hostname: string;
}

/** What no mail server is called. */
const NO_MAIL = 'none';
const IGNORED_NAME = 'expected a name that does not begin with x-: what is called so is ignored';
const CLIENTS = offered(PROFILES.values());

/**
 * Asks for the first site, the mail server and who gets mail. Each answer is checked at once by the config's own
 * loader, and asked for again if that refuses it.
 */
export async function interview(parts: InterviewParts): Promise<Answers> {
  return askMail(await askSite(parts), parts);
}

async function askSite(parts: InterviewParts): Promise<Answers> {
  const { say, look } = parts;
  const question = questioner(parts);
  const example = exampleSite(parts);
  say('\nThe first site');
  let answers = await question({}, 'name', 'Name', example.name);
  const client = await askClient(parts);
  answers = { ...answers, client };
  look.client(client);
  const { keys } = client;
  const where = keys['profile'] ? 'Gateway (its profile says where it logs in)' : 'Gateway to log in at';
  answers = await question(answers, 'vpn_gw', where, example.vpnGw);
  const gateway = hostOf(answers.vpn_gw ?? '');
  await look.host(gateway);
  answers = await question(answers, 'external_ip', 'Host or address to ping from outside', gateway);
  if (answers.external_ip !== gateway) await look.host(answers.external_ip ?? '');
  if (keys['realm']?.required) {
    answers = await question(answers, 'realm', 'Realm', example.clientKeys.get('realm') ?? '');
  } else if (keys['realm']) {
    answers = await question(answers, 'realm', 'Auth group, if the gateway asks for one', '');
  }
  if (keys['profile']) {
    answers = await question(answers, 'profile', 'Its profile (.ovpn)', `${answers.name}.ovpn`);
    look.file(answers.profile ?? '');
  }
  answers = await question(answers, 'username', 'Username', example.username);
  answers = await question(answers, 'password', 'Password (is not shown)', undefined);
  return question(answers, 'internal_ip', 'Host or address to ping through the tunnel', example.internalIp);
}

/** The host of a gateway: some clients take `https://host/path` too, and a port. */
function hostOf(gateway: string): string {
  if (/^https?:\/\//i.test(gateway) && URL.canParse(gateway)) {
    return new URL(gateway).hostname.replace(/^\[(.*)\]$/, '$1');
  }
  return parseServer(gateway)?.host ?? gateway;
}

/** What is in the brackets. */
function exampleSite({ load }: InterviewParts): SiteConfig {
  const loaded = load({});
  const [site] = loaded.ok ? loaded.config.sites : [];
  if (site === undefined) throw new Error('the example is no good config');
  return site;
}

async function askClient({ ask, say, hasCommand }: InterviewParts): Promise<ClientProfile> {
  const otherwise = CLIENTS.find((name) => hasCommand(PROFILES.get(name)?.command ?? name)) ?? DEFAULT_CLIENT;
  for (;;) {
    const name = (await ask(`VPN client: ${oneOf(CLIENTS)} [${otherwise}]: `)).trim() || otherwise;
    const client = CLIENTS.includes(name) ? PROFILES.get(name) : undefined;
    if (client !== undefined) return client;
    say(`  expected ${oneOf(CLIENTS)}; others can be described in the file`);
  }
}

async function askMail(site: Answers, parts: InterviewParts): Promise<Answers> {
  const { say, load, look, hostname } = parts;
  const question = questioner(parts);
  say('\nMail');
  let answers = await question(
    site,
    'server',
    `Mail server, host or host:port; ${NO_MAIL}: no mail`,
    'localhost',
  );
  if (['no', NO_MAIL].includes(answers.server?.toLowerCase() ?? '')) return { ...answers, server: null };
  // smtp.example.com is mostly the server of example.com.
  const domain = /^[^.]+\.([^:]+\.[a-z]+)(?::\d+)?$/i.exec(answers.server ?? '')?.[1];
  answers = await question(answers, 'from', 'From', `VPN monitor <vpn-monitor@${domain ?? hostname}>`);
  const to = domain === undefined ? 'root' : `noc@${domain}`;
  answers = await question(answers, 'to', 'To, several separated by commas', to);
  const loaded = load(answers);
  if (loaded.ok) await look.mail(loaded.config);
  return answers;
}

type TextKey = Exclude<keyof Answers, 'client'>;

/** Asks for one key until the loader takes the answer. Without `otherwise` there is no default, and nothing is shown. */
function questioner({ ask, say, load }: InterviewParts) {
  return async (
    answers: Answers,
    key: TextKey,
    words: string,
    otherwise: string | undefined,
  ): Promise<Answers> => {
    const shown = otherwise === undefined || otherwise === '' ? '' : ` [${otherwise}]`;
    for (;;) {
      const hidden = otherwise === undefined;
      const typed = await ask(`${words}${shown}: `, { hidden });
      const next = { ...answers, [key]: hidden ? typed : typed.trim() || otherwise };
      const flaws = isExtension(next.name ?? '') ? [IGNORED_NAME] : flawsOf(key, load(next));
      if (flaws.length === 0) return next;
      for (const flaw of flaws) say(`  ${flaw}`);
    }
  };
}

/** What the loader says of a key. What the others lack is still to be asked for; of a site's name, all is. */
function flawsOf(key: TextKey, loaded: LoadResult): readonly string[] {
  if (loaded.ok) return [];
  const isAbout = (path: string) =>
    key === 'name' ||
    path
      .replace(/\[\d+\]$/, '')
      .split('.')
      .at(-1) === key;
  return [...new Set(loaded.errors.filter(({ path }) => isAbout(path)).map(({ text }) => text))];
}
