import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openvpn } from '../../../src/clients/openvpn.ts';
import { createRedactor } from '../../../src/log/redact.ts';
import { logIn } from '../../../src/probe/login.ts';
import { realSystem } from '../../../src/system/real-system.ts';
import { missingPrograms } from '../../support/missing-programs.ts';
import { never } from '../../support/never.ts';
import { MARK, probeConfig } from '../../support/probe.ts';
import { recordingLog } from '../../support/recording-log.ts';
import { simulatedSite } from '../../support/site.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const system = realSystem({ PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` });
const reason = missingPrograms(['openvpn']);

test.for<[string, string, RegExp]>([
  [
    'a mistyped option',
    'client\ndev tun\nremote 127.0.0.1 1\nremot-cert-tls server\n',
    /^Options error: Unrecognized option or missing or extra parameter\(s\) in .*site\.ovpn:4: remot-cert-tls \(.*\)$/,
  ],
  [
    'a file that is not there',
    'client\ndev tun\nremote 127.0.0.1 1\nca nowhere.pem\n',
    /^Options error: --ca fails with 'nowhere\.pem': No such file or directory \(errno=2\)$/,
  ],
])(
  'the real client says what is wrong with a profile, and that is told: %s',
  async ([, text, words], { skip }) => {
    skip(reason !== undefined, reason);
    const folder = temporaryFolder();
    const profile = path.join(folder, 'site.ovpn');
    writeFileSync(profile, text);
    const site = simulatedSite('site1', { client: openvpn, clientKeys: new Map([['profile', profile]]) });
    const session = await logIn(
      site,
      {
        place: system,
        log: recordingLog(),
        resultLog: recordingLog(),
        redact: createRedactor([site.password]),
        config: probeConfig(),
        force: never,
        mark: MARK,
      },
      never,
    );
    expect(await session.close(never)).toBe(true);
    expect(session.result).toEqual({
      outcome: 'error',
      cause: 'client-exited',
      detail: expect.stringMatching(words),
    });
  },
);
