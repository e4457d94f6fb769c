import { expect, test } from 'vitest';
import { configChanges } from '../../src/config/changes.ts';
import { configOf, load, shortConfig } from './write-config.ts';

const folder = '/tmp';
/** The config with some texts replaced. */
const config = (...replaced: readonly (readonly [string, string])[]) => {
  const text = replaced.reduce((all, [from, to]) => all.replace(from, to), shortConfig());
  return { ...configOf(load(text)), file: folder };
};
const second = `  site2:
    external_ip: 192.0.2.11
    vpn_gw: site2.example.com
    realm: corp
    username: monitor
    internal_ip: 10.0.0.1
    password: other
`;

test.each<[string, readonly (readonly [string, string])[], readonly string[]]>([
  ['nothing', [], []],
  ['a password, which is not said', [['secret', 'an0ther']], ['changed sites: site1']],
  ['a key of the client', [['realm: corp', 'realm: lab']], ['changed sites: site1']],
  ['a site more', [['sites:\n', `sites:\n${second}`]], ['new sites: site2']],
  [
    'another name, another frequency',
    [
      ['site1:', 'berlin:'],
      ['600', '300'],
    ],
    ['new sites: berlin', 'removed sites: site1', 'changed: frequency'],
  ],
  ['a section', [['sites:\n', 'alerts: { after: 3 }\nsites:\n']], ['changed: alerts']],
])('a reload that changes %s', (_, replaced, changes) => {
  const [before, after] = [config(), config(...replaced)];
  // Each was in a folder of its own.
  const { dir, log } = before.logging;
  expect(configChanges(before, { ...after, logging: { ...after.logging, dir, log } })).toEqual(changes);
});
