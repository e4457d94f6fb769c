import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMonitoredWorld, type MonitoredWorld } from '../../support/monitored-world.ts';
import { ROOT } from '../../support/paths.ts';
import { until } from '../../support/until.ts';
import { makeCertificate } from '../lab/certificate.ts';
import { hostState } from '../lab/client.ts';
import { createLab, type Gateway, type Lab } from '../lab/lab.ts';
import { siteSettings } from '../lab/site-keys.ts';
import { labUnavailable } from '../lab/unavailable.ts';

const reason = labUnavailable();
let lab: Lab<MonitoredWorld> | undefined;
beforeEach(({ skip }) => skip(reason !== undefined, reason));
afterEach(async () => {
  await lab?.end();
  lab = undefined;
});

/** What people use behind a gateway; resolves to what it prints. */
async function openInside(world: MonitoredWorld, { name, internal, run }: Gateway): Promise<() => string> {
  const folder = world.at(`${name}-inside`);
  const output = path.join(folder, 'output');
  world.run(`mkdir '${folder}' && ${makeCertificate(folder, internal)}`);
  const program = path.join(ROOT, 'test/fixtures/inside-server.mjs');
  run(
    `setsid -f sh -c "exec '${process.execPath}' '${program}' ${internal} '${folder}' >'${output}' 2>&1 </dev/null"`,
  );
  await until('the inside is open', () => readFileSync(output, 'utf8').includes('listening'));
  return () => readFileSync(output, 'utf8');
}

test('behind a real ocserv: what works has a value, what refuses is ERROR, what is silent is TIMEOUT, and nothing is asked outside the tunnel', async () => {
  lab = await createLab([{ kind: 'ocserv' }], createMonitoredWorld());
  const { gateways, world } = lab;
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  const asked = await openInside(world, gateway);
  const { internal, external, server, pool } = gateway;
  const before = hostState(world);
  const ca = world.at(`${gateway.name}-inside`, 'certificate.pem');
  const web = { target: `https://${internal}/health`, ca };
  const site = (inside: unknown) => siteSettings(gateway, { internal_ip: undefined, inside });
  const all = [
    { ...web, text: 'ready' },
    `tcp://${internal}:443`,
    `dns://${internal}/intranet.test`,
    `ping://${internal}`,
  ];
  world.config(
    {
      works: site(all),
      broken: site([{ ...web, target: `https://${internal}/broken` }, `tcp://${internal}:443`]),
      untrusted: site(web.target),
      closed: site(`tcp://${internal}:9`),
      silent: site({ ...web, target: `https://${internal}:444/` }),
      unknown: site(`dns://${internal}/other.test`),
      outside: site(`tcp://${server}`),
    },
    `login: { step_timeout: 20, quit_timeout: 20 }
dns: { restore: ['true'] }
ping: { count: 1, timeout: 6 }
`,
  );
  const once = world.monitor(['once', '--json']);
  expect(await once.ended, once.stderr()).toBe(1);
  const { sites } = JSON.parse(once.stdout());
  const found = Object.fromEntries(
    sites.map(
      (each: { name: string; stages: { outcome: string }[]; cause: string | null; detail: string }) => [
        each.name,
        [each.stages.map(({ outcome }) => outcome).join(), each.cause, each.detail],
      ],
    ),
  );
  const failed = (outcome: string, cause: string, detail: unknown) => [`ok,ok,${outcome}`, cause, detail];
  expect(found).toEqual({
    works: ['ok,ok,ok', null, null],
    broken: failed('error', 'inside-wrong', `https://${internal}/broken: status 503 instead of 200 to 299`),
    untrusted: failed('error', 'inside-wrong', expect.stringMatching(/self.signed certificate/)),
    closed: failed('error', 'inside-wrong', expect.stringContaining('ECONNREFUSED')),
    silent: failed('timeout', 'inside-unreachable', `https://${internal}:444/: no answer within 6 s`),
    unknown: failed(
      'error',
      'inside-wrong',
      `dns://${internal}/other.test: the server does not know other.test`,
    ),
    outside: failed(
      'error',
      'tunnel-no-traffic',
      `tcp://${server}: tunnel up but no traffic: the route to ${external} leaves through wan`,
    ),
  });
  const [works, broken] = sites;
  expect(
    works.inside.map(({ target, outcome }: { target: string; outcome: string }) => [target, outcome]),
  ).toEqual([
    [web.target, 'ok'],
    [`tcp://${internal}:443`, 'ok'],
    [`dns://${internal}/intranet.test`, 'ok'],
    [`ping://${internal}`, 'ok'],
  ]);
  expect(works.stages[2].ms).toBe(works.inside[0].ms);
  expect(broken.inside.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['error', 'ok']);
  // All came through the tunnel, with an address that the gateway gave.
  const from = [...asked().matchAll(/ from (\S+)/g)].map(([, address = '']) => address);
  expect(from.length).toBeGreaterThanOrEqual(5);
  expect(from.filter((address) => !address.startsWith(`${pool}.`))).toEqual([]);
  expect(hostState(world)).toEqual(before);
  const status = world.monitor(['status']);
  await status.ended;
  expect(status.stdout()).toMatch(new RegExp(`inside dns://${internal}/intranet.test: \\d+\\.\\d{3} ms`));
});
