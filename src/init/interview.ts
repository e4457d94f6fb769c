import { PROFILES } from '../clients/built-in.ts';
import { type ClientProfile, offered } from '../clients/profile.ts';
import type { Config, SiteConfig } from '../config/config.ts';
import type { LoadResult } from '../config/load.ts';
import { parseServer } from '../config/schema/address.ts';
import { DEFAULT_CLIENT } from '../config/schema/site-schema.ts';
import { oneOf } from '../config/yaml/problem.ts';
import { isExtension } from '../config/yaml/tree.ts';
import type { Answers } from './compose-config.ts';

/** What {@link interview} needs. */
export interface InterviewParts {
  /** Asks a question and returns the typed line. `hidden`: the typed text is not shown. */
  readonly ask: (question: string, options?: { readonly hidden?: boolean }) => Promise<string>;
  /** Prints a line. */
  readonly say: (line: string) => void;
  /** Loads the config with these answers. */
  readonly load: (answers: Answers) => LoadResult;
  /** Whether a command exists on this host. */
  readonly hasCommand: (command: string) => boolean;
  /** Check an answer and print what they find. They refuse no answer. */
  readonly look: {
    readonly client: (client: ClientProfile) => void;
    readonly host: (host: string) => Promise<void>;
    /** A file that the config names. */
    readonly file: (name: string) => void;
    readonly mail: (config: Config) => Promise<void>;
  };
  readonly hostname: string;
}

/** The answer for no mail server. */
const NO_MAIL = 'none';
const IGNORED_NAME = 'expected a name that does not begin with x-: the config loader ignores such names';
/** The others have keys that are not asked for here. */
const CLIENTS = offered([...PROFILES.values()].filter(({ replaceable }) => replaceable !== true));

/**
 * Asks for the first site, the mail server and the recipients. The config loader checks each answer; if it refuses one, the
 * question is repeated.
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
  const where = keys['profile'] ? 'Gateway (the profile says where to log in)' : 'Gateway to log in to';
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
    answers = await question(answers, 'profile', 'Profile (.ovpn)', `${answers.name}.ovpn`);
    look.file(answers.profile ?? '');
  }
  answers = await question(answers, 'username', 'Username', example.username);
  answers = await question(answers, 'password', 'Password (not shown)', undefined);
  return question(answers, 'internal_ip', 'Host or address to ping through the tunnel', example.internalIp);
}

/** Returns the host of a gateway. Some clients accept `https://host/path` and a port. */
function hostOf(gateway: string): string {
  if (/^https?:\/\//i.test(gateway) && URL.canParse(gateway)) {
    return new URL(gateway).hostname.replace(/^\[(.*)\]$/, '$1');
  }
  return parseServer(gateway)?.host ?? gateway;
}

/** Returns the site of the example: the defaults of the questions. */
function exampleSite({ load }: InterviewParts): SiteConfig {
  const loaded = load({});
  const [site] = loaded.ok ? loaded.config.sites : [];
  if (site === undefined) throw new Error('the example is not a valid config');
  return site;
}

async function askClient({ ask, say, hasCommand }: InterviewParts): Promise<ClientProfile> {
  const byDefault = CLIENTS.find((name) => hasCommand(PROFILES.get(name)?.command ?? name)) ?? DEFAULT_CLIENT;
  for (;;) {
    const name = (await ask(`VPN client: ${oneOf(CLIENTS)} [${byDefault}]: `)).trim() || byDefault;
    const client = CLIENTS.includes(name) ? PROFILES.get(name) : undefined;
    if (client !== undefined) return client;
    say(`  expected ${oneOf(CLIENTS)}; describe other clients in the file`);
  }
}

async function askMail(site: Answers, parts: InterviewParts): Promise<Answers> {
  const { say, load, look, hostname } = parts;
  const question = questioner(parts);
  say('\nMail');
  let answers = await question(
    site,
    'server',
    `Mail server (host or host:port; ${NO_MAIL}: no mail)`,
    'localhost',
  );
  if (['no', NO_MAIL].includes(answers.server?.toLowerCase() ?? '')) return { ...answers, server: null };
  // smtp.example.com is usually the server of example.com.
  const domain = /^[^.]+\.([^:]+\.[a-z]+)(?::\d+)?$/i.exec(answers.server ?? '')?.[1];
  answers = await question(answers, 'from', 'From', `VPN monitor <vpn-monitor@${domain ?? hostname}>`);
  const to = domain === undefined ? 'root' : `noc@${domain}`;
  answers = await question(answers, 'to', 'To (one or more addresses, separated by commas)', to);
  const loaded = load(answers);
  if (loaded.ok) await look.mail(loaded.config);
  return answers;
}

type TextKey = Exclude<keyof Answers, 'client'>;

/** Returns a function that asks for one key until the loader accepts the answer. Without a default, it hides the typed text. */
function questioner({ ask, say, load }: InterviewParts) {
  return async (
    answers: Answers,
    key: TextKey,
    words: string,
    byDefault: string | undefined,
  ): Promise<Answers> => {
    const shown = byDefault === undefined || byDefault === '' ? '' : ` [${byDefault}]`;
    for (;;) {
      const hidden = byDefault === undefined;
      const typed = await ask(`${words}${shown}: `, { hidden });
      const next = { ...answers, [key]: hidden ? typed : typed.trim() || byDefault };
      const flaws = isExtension(next.name ?? '') ? [IGNORED_NAME] : flawsOf(key, load(next));
      if (flaws.length === 0) return next;
      for (const flaw of flaws) say(`  ${flaw}`);
    }
  };
}

/** Returns the problems of the key that was asked. Later questions ask for the other keys; for a site's name, all problems count. */
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
