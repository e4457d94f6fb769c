import * as v from 'valibot';
import { PROFILES } from '../clients/built-in.ts';
import { type ClientProfile, offered } from '../clients/profile.ts';
import type { Config, SiteConfig } from '../config/config.ts';
import { camelCase } from '../config/schema/camel-case.ts';
import { LoginSchema } from '../config/schema/login-schema.ts';
import { readSmallFile } from '../files/small-file.ts';
import { readTranscript, type SavedTranscript } from '../log/read-transcript.ts';
import { failed, good, type Result } from '../model/result.ts';
import { replay } from '../probe/replay.ts';
import { siteOfTranscript } from '../probe/replay-site.ts';
import { replayInWords } from '../ui/replay-in-words.ts';
import { nearest } from '../words/nearest.ts';
import { sitesNamed } from './choose-sites.ts';
import { startWithConfig } from './load-config.ts';
import { type CommonOptions, EXIT, type Shell } from './shell.ts';

/** The options of `test-client`. */
export interface TestClientOptions extends CommonOptions {
  /** The name of the client. */
  readonly client: string;
  /** A transcript. */
  readonly file: string;
  /** The site whose keys decide which prompts are asked; `undefined`: those that the transcript shows. */
  readonly site: string | undefined;
}

/** More than the largest transcript, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Plays a transcript through the profile of a client, and prints what each line is to it and what the log-in comes to. Needs no gateway
 * and no secret. Exit status: 0: the log-in succeeds; 1: it fails; 2: wrong usage, a bad config or no transcript.
 */
export async function testClient(options: TestClientOptions, shell: Shell): Promise<number> {
  const { screen, system } = shell;
  const refuse = (why: string) => {
    screen.diagnose(`error: ${why}`);
    return EXIT.usage;
  };
  const read = readSmallFile(system.files, options.file, MAX_BYTES);
  const transcript = read.ok ? readTranscript(read.value.text) : read;
  if (!transcript.ok) return refuse(`the transcript ${options.file} can't be read: ${transcript.why}`);
  const needsConfig = options.site !== undefined || !PROFILES.has(options.client);
  const started = needsConfig ? startWithConfig(options.config, shell, { configOnly: true }) : undefined;
  if (started?.ok === false) return started.status;
  const config = started?.value.config;
  const site = siteFor(options, config, transcript.value);
  if (!site.ok) return refuse(site.why);
  const login = config?.login ?? camelCase(v.parse(LoginSchema, {}));
  const replayed = await replay(transcript.value, site.value, { login });
  for (const line of replayInWords(transcript.value, site.value, replayed)) screen.print(line);
  return replayed.result.outcome === 'ok' ? EXIT.good : EXIT.failed;
}

/** The site whose log-in is played. Fails if the client or the site is unknown. */
function siteFor(
  { client: name, site }: TestClientOptions,
  config: Config | undefined,
  transcript: SavedTranscript,
): Result<SiteConfig> {
  const clients: ReadonlyMap<string, ClientProfile> = config?.clients ?? PROFILES;
  const client = clients.get(name);
  if (client === undefined) {
    const guess = nearest(name, offered(clients.values()));
    return failed(`unknown client '${name}'${guess === undefined ? '' : `, did you mean ${guess}?`}`);
  }
  if (config === undefined || site === undefined) return good(siteOfTranscript(transcript, client));
  const named = sitesNamed(config, [site]);
  if (!named.ok) return named;
  const [chosen] = named.value;
  return chosen === undefined ? failed(`unknown site '${site}'`) : good({ ...chosen, client });
}
