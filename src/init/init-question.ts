import { PROFILES } from '../clients/built-in.ts';
import type { ClientProfile } from '../clients/profile.ts';
import type { SiteConfig } from '../config/config.ts';
import { failed, good, type Result } from '../model/result.ts';
import { type Given, type Key, NO, YES } from './answers.ts';

/** What the questions know of this host and of the example. */
export interface Facts {
  readonly hostname: string;
  /** Whether a command exists on this host. */
  readonly hasCommand: (command: string) => boolean;
  /** The site of the example: the defaults of the questions. */
  readonly example: SiteConfig;
}

/** What a question, and the meaning of its answer, depend on. */
export interface About {
  /** The answers about the same place. */
  readonly given: Given;
  /** The answers about the site before; `undefined` for the first. */
  readonly previous: Given | undefined;
  /** The names of the other sites. */
  readonly names: readonly string[];
  /** The number of the site, from 1; of no meaning elsewhere. */
  readonly number: number;
  readonly facts: Facts;
  /** The fingerprint of the certificate that was shown before the question; `undefined`: there is none. */
  readonly fingerprint?: string | undefined;
}

/** Something that is looked at, whose result is printed and refuses no answer. */
export type Look =
  | { readonly kind: 'client'; readonly client: ClientProfile }
  | { readonly kind: 'host'; readonly host: string }
  /** A file that the config names. */
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'mail' };

/** One question, as data. */
export interface Question {
  readonly key: Key;
  /** Names the answer in the summary. */
  readonly label: string;
  readonly words: string | ((about: About) => string);
  /** Whether it is asked. Default: always. */
  readonly when?: (about: About) => boolean;
  /** The answer of Enter. Default: the empty text. */
  readonly byDefault?: (about: About) => string;
  /** Whether the typed text is hidden. It is then kept as it is, spaces included. */
  readonly hidden?: true;
  /** Whether there may be no value. A `-` then removes an earlier one. */
  readonly optional?: true;
  /** Returns the answer that a text means. A failure follows "expected". Default: the text itself. The config loader then checks it. */
  readonly read?: (text: string, about: About) => Result<string>;
  /** The answers that are asked for again if this one changes. */
  readonly outdates?: readonly Key[];
  /** Whether the gateway's certificate is shown before the question. */
  readonly showsCertificate?: true;
  /** What to look at after the answer. */
  readonly look?: (about: About) => Look | undefined;
}

/** Returns the client that was chosen for a site; `undefined` before that. */
export function clientOf({ client = '' }: Given): ClientProfile | undefined {
  return PROFILES.get(client);
}

/** Reads the answer to a question about a yes or a no. */
export function readYesOrNo(text: string): Result<string> {
  if (/^y(?:es)?$/i.test(text)) return good(YES);
  return /^no?$/i.test(text) ? good(NO) : failed(`${YES} or ${NO}`);
}

/** Returns the question as it is printed. `draft`: an earlier answer, which Enter accepts again. */
export function promptOf(
  { words, byDefault, hidden, optional }: Question,
  about: About,
  draft?: string,
): string {
  const asked = typeof words === 'string' ? words : words(about);
  const value = draft ?? byDefault?.(about) ?? '';
  if (value === '') return `${asked}: `;
  const shown = hidden ? 'as before' : value;
  return `${asked} [${shown}${optional ? '; -: none' : ''}]: `;
}

/** Returns the answer that a typed line means. A failure follows "expected". */
export function readAnswer(question: Question, typed: string, about: About, draft?: string): Result<string> {
  const { byDefault, hidden, optional, read = good } = question;
  const line = hidden ? typed : typed.trim();
  if (optional && line === '-') return good('');
  return read(line || (draft ?? byDefault?.(about) ?? ''), about);
}
