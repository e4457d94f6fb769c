/** What the answers are about: a site by its index from 0, mail, or what follows the questions. */
export type Place = number | 'mail' | 'end';

/** What a question asks for: mostly the config's key of that name. */
export type Key =
  | 'name'
  | 'client'
  | 'vpn_gw'
  | 'external_ip'
  | 'realm'
  | 'profile'
  | 'server_cert'
  | 'username'
  | 'password'
  | 'totp_secret'
  | 'totp_with_password'
  | 'internal_ip'
  | 'more'
  | 'server'
  | 'from'
  | 'to'
  | 'test';

/** The answers about one place. */
export type Given = Readonly<Partial<Record<Key, string>>>;

/** The answers that `init` has so far. For a missing one, the config has the example's value. */
export type Answers = ReadonlyMap<Place, Given>;

/** The answer to a question that means yes; otherwise it is {@link NO}. */
export const YES = 'yes';
/** See {@link YES}. */
export const NO = 'no';
/** The answer for no mail server. */
export const NO_MAIL = 'none';
/** The answer for a certificate that the client trusts, whichever it is. */
export const VERIFY = 'verify';

/** Returns the answers about a place. */
export function givenAt(answers: Answers, place: Place): Given {
  return answers.get(place) ?? {};
}

/** Returns the answers with one replaced; `undefined` removes it. */
export function withAnswer(answers: Answers, place: Place, key: Key, value: string | undefined): Answers {
  const { [key]: _, ...others } = givenAt(answers, place);
  return new Map([...answers, [place, value === undefined ? others : { ...others, [key]: value }]]);
}

/** Returns the answers about each site: one, and another for each time that the user wanted one more. */
export function sitesIn(answers: Answers): readonly Given[] {
  const sites = [givenAt(answers, 0)];
  while (sites.at(-1)?.more === YES) sites.push(givenAt(answers, sites.length));
  return sites;
}
