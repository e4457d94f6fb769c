import type { SiteSettings } from '../../support/monitored-world.ts';
import type { Gateway } from './lab.ts';

/** The keys, in config.yml, of a site at a real gateway. */
export function siteKeys(gateway: Gateway): Readonly<Record<string, string>> {
  const { kind, external, internal, username, password, server, pin, profile } = gateway;
  const common = { external_ip: external, internal_ip: internal, username, password };
  return kind === 'ocserv'
    ? { ...common, client: 'openconnect', vpn_gw: server, server_cert: pin }
    : { ...common, client: 'openvpn', vpn_gw: external, profile: profile ?? '' };
}

/** The same for {@link MonitoredWorld.config}, without what only Connect Tunnel takes. */
export function siteSettings(gateway: Gateway, more: SiteSettings = {}): SiteSettings {
  return { ...siteKeys(gateway), realm: undefined, timeout: undefined, ...more };
}
