import { expect, test } from 'vitest';
import { checkUplink } from '../../src/check/check-uplink.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { never } from '../support/never.ts';
import { probeConfig } from '../support/probe.ts';
import { simulatedSite } from '../support/site.ts';

test('each control target: one that answers, one that is silent, and one that is a gateway', async () => {
  const { system } = fakeMachine({
    programs: {
      ping: (args) =>
        args.includes('192.0.2.1')
          ? [
              {
                after: 5,
                prints:
                  '1 packets transmitted, 1 received, 0% packet loss, time 0ms\nrtt min/avg/max/mdev = 1/2/3/0 ms\n',
              },
              { after: 0, exits: { code: 0, signal: 0 } },
            ]
          : [
              { after: 5, prints: '1 packets transmitted, 0 received, 100% packet loss, time 0ms\n' },
              { after: 0, exits: { code: 1, signal: 0 } },
            ],
    },
  });
  const config = probeConfig({
    sites: [simulatedSite('gw.example.com:4433', { externalIp: '192.0.2.10' })],
    uplink: ['192.0.2.1', '192.0.2.2', 'gw.example.com'].map((host) => ({ kind: 'ping', host })),
  });
  const findings = await checkUplink(config, system, never);
  expect(findings.map(({ verdict, words }) => [verdict, words])).toEqual([
    ['ok', 'uplink: ping://192.0.2.1 answers in 2.000 ms'],
    ['warning', expect.stringMatching(/^uplink: ping:\/\/192\.0\.2\.2: no reply to 1 echo request/)],
    [
      'warning',
      'uplink: ping://gw.example.com is the gateway of site1: if it fails, it looks like the line of this host',
    ],
  ]);
  expect(await checkUplink(probeConfig(), system, never)).toEqual([]);
});
