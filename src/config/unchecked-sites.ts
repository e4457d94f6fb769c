import type { Config } from './config.ts';
import { enabledClients } from './used-clients.ts';

/** What is allowed but unwise about sites, in words. */
export interface Remark {
  readonly words: string;
  readonly remedy: string;
  /** The site, if it is about one. */
  readonly site?: string;
}

/** The enabled sites at which the client does not check the gateway's certificate, one entry for each client. */
export function uncheckedSites({ sites }: Pick<Config, 'sites'>): readonly Remark[] {
  return enabledClients({ sites }).flatMap(({ name, uncheckedWithout: key }) => {
    const names = sites
      .filter((site) => site.enabled && site.client.name === name)
      .filter(({ clientKeys }) => key !== undefined && !clientKeys.has(key))
      .map((site) => site.name);
    if (key === undefined || names.length === 0) return [];
    return [
      {
        words: `${name} does not check the gateway's certificate at ${names.join(', ')}: whoever sits between this host and the gateway gets the password`,
        remedy: `set ${key}: the fingerprint of the certificate, or verify`,
      },
    ];
  });
}
