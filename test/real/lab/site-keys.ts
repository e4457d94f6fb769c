import type { SiteSettings } from '../../support/monitored-world.ts';
import type { Gateway } from './lab.ts';
import { STAND_INS } from './stand-in.ts';
import { interfacesOf } from './wireguard.ts';

/** The keys, in config.yml, of a site at a real gateway. */
export function siteKeys(gateway: Gateway): Readonly<Record<string, string>> {
  const { kind, external, internal, username, password, server, pin, profile, folder } = gateway;
  const common = { external_ip: external, internal_ip: internal, username, password };
  if (kind === 'wireguard') {
    const { external_ip, internal_ip } = common;
    const { good } = interfacesOf(gateway);
    return { external_ip, internal_ip, client: 'wireguard', vpn_gw: external, interface: good };
  }
  if (kind === 'strongswan') {
    const ike = { vpn_gw: external, ca: `${folder}/certificate.pem`, remote_ts: `${gateway.inner}.0/24` };
    return { ...common, client: 'charon-cmd', ...ike };
  }
  if (kind === 'openvpn') return { ...common, client: 'openvpn', vpn_gw: external, profile: profile ?? '' };
  const openconnect = { ...common, client: 'openconnect', vpn_gw: server, server_cert: pin };
  return kind === 'ocserv' ? openconnect : { ...openconnect, protocol: STAND_INS[kind] };
}

/** The same for {@link MonitoredWorld.config}, without what only Connect Tunnel takes. */
export function siteSettings(gateway: Gateway, more: SiteSettings = {}): SiteSettings {
  const none = { realm: undefined, timeout: undefined };
  const unnamed = gateway.kind === 'wireguard' ? { username: undefined, password: undefined } : {};
  return { ...unnamed, ...siteKeys(gateway), ...none, ...more };
}
