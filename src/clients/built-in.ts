import { charonCmd } from './charon-cmd.ts';
import { demoClient } from './demo-client.ts';
import { openconnect } from './openconnect.ts';
import { openfortivpn } from './openfortivpn.ts';
import { openvpn } from './openvpn.ts';
import type { ClientProfile } from './profile.ts';
import { startct } from './startct.ts';
import { vpnc } from './vpnc.ts';
import { wireguard } from './wireguard.ts';

/** The clients that a site may name, by name. */
export const PROFILES: ReadonlyMap<string, ClientProfile> = new Map(
  [startct, openconnect, openvpn, wireguard, charonCmd, vpnc, openfortivpn, demoClient].map((profile) => [
    profile.name,
    profile,
  ]),
);
