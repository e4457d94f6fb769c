import { expect, test } from 'vitest';
import { commandName } from '../../src/process/command-name.ts';

test.each([
  ['/usr/bin/vpn-monitor', '/usr/local/bin:/usr/bin', '/root', 'vpn-monitor'],
  ['/srv/m/node_modules/.bin/vpn-monitor', '/srv/m/node_modules/.bin:/usr/bin', '/srv/m', 'npx vpn-monitor'],
  ['/opt/tool/vpn-monitor', '/usr/bin', '/root', 'node /opt/tool/vpn-monitor'],
  ['/home/a/vpn-monitor/dist/main.js', '/usr/bin', '/home/a/vpn-monitor', 'node dist/main.js'],
  ['/home/a/vpn-monitor/dist/main.js', undefined, '/tmp', 'node /home/a/vpn-monitor/dist/main.js'],
  ['/home/a b/dist/main.js', '/usr/bin', '/tmp', "node '/home/a b/dist/main.js'"],
])('%s with PATH %s, from %s, is typed again as %s', (script, searchPath, folder, command) => {
  expect(commandName(script, searchPath, folder)).toBe(command);
});
