import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openvpn } from '../../src/clients/openvpn.ts';
import { argumentsFor } from '../../src/probe/template.ts';
import { realSystem } from '../../src/system/real-system.ts';
import { simulatedSite } from '../support/site.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test.each([
  ['nothing, which is UDP', '', true],
  ['UDP', 'proto udp\nremote a 1194', true],
  ['UDP of one family', 'proto udp4\nremote a 1194 udp6', true],
  ['a comment about TCP', '# proto tcp\n;remote a 443 tcp\nremote tcp 1194', true],
  ['TCP', 'proto tcp\nremote a 443', false],
  ['TCP as a client', '  proto\ttcp-client', false],
  ['TCP of one remote', 'remote a 1194\nremote b 443 tcp', false],
  ['TCP of one connection', '<connection>\nremote a 1194 tcp4\n</connection>', false],
  ['TCP in quotes', 'proto "tcp"', false],
  ['a proxy', 'http-proxy p 3128', false],
  ['its own word about it', 'explicit-exit-notify 3', false],
])('a session is ended at the server where the profile has %s: %j', (_, lines, isAdded) => {
  const profile = path.join(temporaryFolder(), 'site.ovpn');
  writeFileSync(profile, `client\n${lines}\n`);
  const site = simulatedSite('site1', { client: openvpn, clientKeys: new Map([['profile', profile]]) });
  const given = argumentsFor(openvpn, site, realSystem({}));
  expect(given.slice(0, 2)).toEqual(isAdded ? ['--explicit-exit-notify', '1'] : ['--log', '/dev/stdout']);
  expect(given).toContain(profile);
});
