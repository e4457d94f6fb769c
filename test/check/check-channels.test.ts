import fs from 'node:fs';
import { expect, test } from 'vitest';
import { checkChannels } from '../../src/check/check-channels.ts';
import { checkExposed } from '../../src/check/check-exposed.ts';
import { createHome } from '../commands/support.ts';
import { seen } from './findings.ts';

const CLIENT = 'demo, realm: corp, timeout: 60';

test('programs are looked for, nothing is sent, and no URL is shown', () => {
  const channels = `channels:
  - { name: chat, webhook: { url: "https://chat.example.com/t0p" } }
  - { name: good, command: { run: [/bin/sh] } }
  - { name: bad, command: { run: [/nowhere/page] } }
`;
  expect(seen(checkChannels, CLIENT, {}, createHome(), channels)).toEqual([
    'ok channel chat: webhook, not tried: vpn-monitor test-notify chat',
    'ok channel good: /bin/sh, not tried: vpn-monitor test-notify good',
    'missing channel bad: there is no executable file /nowhere/page -> install it or make it executable (chmod +x), or correct channels, then: vpn-monitor test-notify bad',
  ]);
});

test('the proxy that the environment names is said, without its password', () => {
  const more = `channels:
  - { name: chat, webhook: { url: "https://chat.example.com/t0p" } }
  - { name: inner, webhook: { url: "https://chat.example.net/t0p" } }
  - { name: plain, webhook: { url: "http://chat.example.com/t0p" } }
heartbeat: { url: "https://hc.example.com/t0p" }
`;
  const env = {
    HTTPS_PROXY: 'http://me:s3cret@proxy.example.com:3128',
    HTTP_PROXY: 's3cret://x',
    NO_PROXY: '.example.net',
  };
  expect(seen(checkChannels, CLIENT, { env }, createHome(), more)).toEqual([
    'ok channel chat: webhook, not tried: vpn-monitor test-notify chat (by the proxy proxy.example.com:3128 (HTTPS_PROXY))',
    'ok channel inner: webhook, not tried: vpn-monitor test-notify inner',
    'warning channel plain: webhook, not tried: vpn-monitor test-notify plain: HTTP_PROXY is not the address of a proxy: write http://HOST:PORT -> correct the variable, or unset it',
    'ok heartbeat: not tried (by the proxy proxy.example.com:3128 (HTTPS_PROXY))',
  ]);
});

test('a program that others may change is said', () => {
  const home = createHome();
  const program = home.at('page');
  fs.writeFileSync(program, '#!/bin/sh\n');
  const channels = `channels: [{ name: pager, command: { run: [${program}] } }]\n`;
  const found = () => seen(checkExposed, CLIENT, {}, home, channels).filter((line) => line.includes(program));
  fs.chmodSync(program, 0o755);
  expect(found()).toEqual([]);
  fs.chmodSync(program, 0o777);
  expect(found()).toEqual([
    expect.stringContaining(
      `exposed: the program of the channel pager (${program}) can be changed by other users`,
    ),
  ]);
});
