import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  createMonitoredWorld,
  type MonitoredWorld,
  type SiteSettings,
} from '../../support/monitored-world.ts';
import { until } from '../../support/until.ts';
import { stop } from '../../support/world.ts';
import { deviceTowards, type HostState, hostProcesses, hostState } from './client.ts';
import { type Fault, portSilent, serverKilled } from './faults.ts';
import { createLab, type Gateway, type GatewayOptions, type Lab } from './lab.ts';
import { type Client, logIn } from './log-in.ts';
import { siteSettings } from './site-keys.ts';
import { labUnavailable } from './unavailable.ts';
import { callWitness, type Look } from './witness.ts';

/** What is wrong with a site of a real gateway, and what must come of it. */
export interface FaultCase {
  /** The site's name too. */
  readonly name: string;
  /** What is special about its gateway. */
  readonly gateway?: Omit<GatewayOptions, 'kind'>;
  /** What is wrong with its gateway from the start on. */
  readonly fault?: Fault;
  /** What is wrong with the site itself. */
  readonly settings?: SiteSettings;
  /** What happens while its inside is about to be pinged, the tunnel being up. */
  readonly during?: (gateway: Gateway, world: MonitoredWorld) => Promise<void>;
  /** The outcomes of its row; `ok` is a number. */
  readonly outcomes: readonly [string, string, string];
  readonly cause: string;
  /** The mail's first line behind the site's name; `{key}` stands for what the gateway says. */
  readonly mail: string;
  /** How many passwords its gateway was given; none if left out. */
  readonly attempts?: number;
  /** How many echo requests came to its inside; none if left out. */
  readonly inside?: number;
  /** Whether its client ends by SIGKILL only. */
  readonly killed?: boolean;
  /** Whether it is over at once, so that it may be asked for with `once --json` as well. */
  readonly quick?: boolean;
}

/** An administrator ends the session; the client ends by that. */
export async function kick(gateway: Gateway, world: MonitoredWorld): Promise<void> {
  await gateway.kick();
  await clientEnds(world);
}

/** The server is killed; the client goes on trying. */
export async function kill(gateway: Gateway): Promise<void> {
  serverKilled(gateway);
}

/** An administrator ends the session; the client closes its tunnel, and would log in again if the gateway let it. */
export async function kickUntilTunnelEnds(gateway: Gateway, world: MonitoredWorld): Promise<void> {
  await gateway.kick();
  await tunnelEnds(gateway, world);
  portSilent(gateway);
}

/** The server is killed; the client closes its tunnel and tries again. */
export async function killUntilTunnelEnds(gateway: Gateway, world: MonitoredWorld): Promise<void> {
  serverKilled(gateway);
  await tunnelEnds(gateway, world);
}

async function tunnelEnds({ internal }: Gateway, world: MonitoredWorld): Promise<void> {
  await until('the tunnel is closed', () => !deviceTowards(world, internal)?.startsWith('tun'));
}

/** Only the operator's own is left then. */
async function clientEnds(world: MonitoredWorld): Promise<void> {
  const isClient = ({ name }: { name: string }) => name === 'openconnect' || name === 'openvpn';
  await until('the client ends', () => hostProcesses(world).filter(isClient).length === 1);
}

/** What one run of the monitor has left, in which a site that works came after each faulty one. */
interface Evidence {
  readonly lab: Lab<MonitoredWorld>;
  /** An operator's own session on the same host. */
  readonly operator: Client;
  /** The host before the monitor was started, and after it ended. */
  readonly clean: HostState;
  readonly end: HostState;
  /** The host at the beginning of each test. */
  readonly looks: readonly Look[];
  /** The fields of the rows. */
  readonly rows: readonly (readonly string[])[];
  readonly log: string;
  readonly mails: readonly string[];
}

/**
 * Defines the tests of a table of faults: one run of the monitor, with each fault at a gateway of its own, while an
 * operator is logged in at yet another one.
 */
export function testFaults(kind: Gateway['kind'], cases: readonly FaultCase[]): void {
  const reason = labUnavailable();
  let lab: Lab<MonitoredWorld> | undefined;
  let untouched: HostState;
  let seen: Evidence;
  beforeAll(async () => {
    if (reason !== undefined) return;
    const wanted = cases.map(({ gateway }) => ({ ...gateway, kind }));
    lab = await createLab([...wanted, { kind }, { kind: 'ocserv' }], createMonitoredWorld());
    untouched = hostState(lab.world);
    seen = await monitorAll(lab, cases);
  }, 1_500_000);
  afterAll(() => lab?.end());
  beforeEach(({ skip }) => skip(reason !== undefined, reason));

  test.each(cases.map((one, index) => ({ ...one, index })))('$name', ({ index, ...one }) => {
    const gateway = seen.lab.gateways[index] as Gateway;
    const [row = [], next = []] = seen.rows.slice(2 * index);
    const outcomes = row.slice(3).map((value) => (/^\d+\.\d{3}$/.test(value) ? 'ok' : value.toLowerCase()));
    expect([row[1], row[2], ...outcomes]).toEqual([one.name, 'FAILURE', ...one.outcomes]);
    const line = `${one.name}: ${one.mail.replace(/\{(\w+)\}/g, (_, key: keyof Gateway) => String(gateway[key]))}`;
    const mail = seen.mails[index] ?? '';
    expect(mail).toMatch(new RegExp(`\nSubject: VPN ${one.name} DOWN: .+\n`));
    expect(mail.split('\n\n')[1]).toBe(line);
    expect(mail).toContain(`\nCause:         ${one.cause}\n`);
    // The log-out itself leaves nothing that a clean-up would have to put right.
    expect(mail).not.toContain('Found on this host');
    expect(mail.includes('Repeated rejections may lock the account')).toBe(
      one.cause === 'credentials-rejected',
    );
    expect(seen.log).toContain(` - ERROR - Cause: ${one.cause}. ${line}\n`);
    if (one.killed) expect(closingMs(seen.log, one.name)).toBeGreaterThan(2900);

    expect(gateway.attempts()).toBe(one.attempts ?? 0);
    expect(gateway.echoes().inside).toBe(one.inside ?? 0);
    expect([next[1], next[2]]).toEqual([`after-${one.name}`, 'SUCCESS']);
    const [before, after] = seen.looks.slice(2 * index);
    const { host, programs } = seen.looks[0] as Look;
    expect(host).toEqual(seen.clean);
    expect(before).toMatchObject({ target: gateway.external, host, programs });
    expect(after).toMatchObject({ host, programs });
  });

  test('the site that works was answered by its own inside, each time; the host is clean in the end', () => {
    const healthy = seen.lab.gateways.at(-2) as Gateway;
    expect(healthy.echoes()).toEqual({ outside: cases.length, inside: cases.length });
    expect(seen.end).toEqual(seen.clean);
    expect(hostProcesses(seen.lab.world).map(({ name }) => name)).toEqual(['openconnect', 'node']);
  });

  test('once --json says the same', async () => {
    const quick = cases.filter((one) => one.quick);
    const once = seen.lab.world.monitor(['once', '--json', ...quick.map(({ name }) => name)]);
    expect(await once.ended, once.stderr()).toBe(1);
    const { sites } = JSON.parse(once.stdout());
    const said = sites.map(({ name, summary, cause, stages }: Record<string, unknown>) => ({
      name,
      summary,
      cause,
      outcomes: (stages as { outcome: string }[]).map(({ outcome }) => outcome),
    }));
    expect(said).toEqual(
      quick.map(({ name, cause, outcomes }) => ({ name, summary: 'FAILURE', cause, outcomes })),
    );
  });

  test("an operator's own session has survived it all", async () => {
    const { lab, operator } = seen;
    const gateway = lab.gateways.at(-1) as Gateway;
    lab.world.run(`/bin/ping -n -c 1 -W 10 ${gateway.internal}`);
    expect(gateway.echoes()).toEqual({ outside: 0, inside: 1 });
    expect(await operator.logOut()).toBe(0);
    expect(hostState(lab.world)).toEqual(untouched);
  });
}

/** In seconds. OpenVPN asks again after 5 s where its request for settings came too early or was lost. */
const STEP_TIMEOUT = 8;

async function monitorAll(lab: Lab<MonitoredWorld>, cases: readonly FaultCase[]): Promise<Evidence> {
  const { world, gateways } = lab;
  const witness = callWitness(world);
  const [healthy, operators] = gateways.slice(-2) as [Gateway, Gateway];
  const operator = logIn(world, operators);
  await operator.inside();
  const clean = hostState(world);
  const faulty = cases.map(({ gateway: _, ...one }, index) => ({
    ...one,
    gateway: gateways[index] as Gateway,
  }));
  await world.mailServer();
  world.config(
    Object.fromEntries(
      faulty.flatMap(({ name, gateway, settings }) => [
        [name, siteSettings(gateway, settings)],
        [`after-${name}`, siteSettings(healthy)],
      ]),
    ),
    `frequency: 3600
alerts: { after: 1, group_seconds: 0 }
login: { step_timeout: ${STEP_TIMEOUT}, quit_timeout: 20 }
ping: { count: 1, timeout: 60 }
dns: { restore: ['true'] }`,
  );
  const sessions = faulty.filter(({ during }) => during !== undefined);
  for (const { fault, gateway } of faulty) fault?.(gateway);
  for (const { gateway } of sessions) witness.hold(gateway.internal);
  const daemon = world.monitor();
  const rowByRow = { progress: () => world.csv().length };
  for (const { name, gateway, during } of sessions) {
    await until(`${name} is about to ping inside`, () => witness.holds(gateway.internal), rowByRow);
    await during?.(gateway, world);
    witness.release(gateway.internal);
  }
  await until('all rows', () => world.csv().length === 1 + 2 * cases.length, rowByRow);
  await until('all mails', () => world.mails().length === cases.length);
  await stop(daemon);
  const outside = gateways.map(({ external }) => external);
  return {
    lab,
    operator,
    clean,
    end: hostState(world),
    looks: witness.looks().filter(({ target }) => outside.includes(target)),
    rows: world
      .csv()
      .slice(1)
      .map((row) => row.split(',')),
    log: world.log(),
    mails: world.mails(),
  };
}

/** From the last ping of a site's test to its end, by the log: ending the client and cleaning the host. */
function closingMs(log: string, site: string): number {
  const [, test = ''] = log.split(`Running internal delay test for ${site}\n`);
  const timeOf = (words: string) => {
    const [, clock = '', ms] =
      new RegExp(`^=(\\S+ \\S+),(\\d{3}) - \\S+ - \\w+ - ${words}`, 'm').exec(test) ?? [];
    return Date.parse(`${clock}.${ms}Z`);
  };
  return timeOf('Stages results') - timeOf('Ping (?:results|failed)');
}
