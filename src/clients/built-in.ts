import { demoClient } from './demo-client.ts';
import { openconnect } from './openconnect.ts';
import { openvpn } from './openvpn.ts';
import type { ClientProfile } from './profile.ts';
import { startct } from './startct.ts';

/** The clients that a site may name, by name. */
export const PROFILES: ReadonlyMap<string, ClientProfile> = new Map(
  [startct, openconnect, openvpn, demoClient].map((profile) => [profile.name, profile]),
);
