import childProcess from 'node:child_process';
import dns from 'node:dns/promises';
import fs from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { openconnect } from '../../src/clients/openconnect.ts';
import { openHostKeeper } from '../../src/host/keeper.ts';
import { testLimits } from '../../src/monitor/deadlines.ts';
import { probeSite } from '../../src/probe/site.ts';
import type { FileSeen, Place, ProcessInfo } from '../../src/system/place.ts';
import { fakeMachine, type ProgramStep } from '../support/fake-machine.ts';
import { memoryNotes } from '../support/host-notes.ts';
import { machine as realMachine } from '../support/machine.ts';
import { never } from '../support/never.ts';
import { MARK, PROGRAMS, probeConfig, probeContext } from '../support/probe.ts';
import { PASSWORD, simulatedSite } from '../support/site.ts';

const RESOLV = '/etc/resolv.conf';
const OURS = 'nameserver 192.0.2.53\n';
const GATEWAY = '198.51.100.9';
const DEFAULT_ROUTE = 'default via 192.0.2.1 dev up0';
const HOST_ROUTE = `${GATEWAY} via 192.0.2.1 dev up0`;

afterEach(() => {
  vi.restoreAllMocks();
});

/** A client that logs in, leaves its mark in resolv.conf and its route, and ends at SIGINT without cleaning up. */
const client: readonly ProgramStep[] = [
  { after: 10, prints: 'Username:' },
  { reads: 'monitor' },
  { after: 10, prints: '\r\nPassword:' },
  { reads: PASSWORD },
  { after: 10, prints: '\r\nConfigured as 10.0.0.99, with SSL connected and DTLS disabled\r\n' },
];

/** A machine that is nowhere: its processes, devices, routes, names and files exist in here alone. */
function inventedMachine() {
  let resolv = OURS;
  let leftover: ProcessInfo | undefined = {
    ...{ pid: 1, name: 'openconnect', state: 'S', ppid: 0, pgrp: 1, session: 1, startTicks: 7 },
    ...{ args: ['openconnect', 'gw.example.com'], uid: 0 },
  };
  const routes = [DEFAULT_ROUTE];
  const changes: string[] = [];
  const connected = () => machine.typed.includes(`${PASSWORD}\n`);
  const seen = (text: string): FileSeen => ({ state: 'read', text, exact: true, version: text, mode: 0o644 });

  const machine = fakeMachine({
    programs: { ...PROGRAMS, openconnect: () => client, ip: () => [], restore: () => [] },
    onTyped: (text) => {
      if (text !== `${PASSWORD}\n`) return;
      resolv = '#@VPNC_GENERATED@\nnameserver 10.0.0.53\n';
      routes.push(HOST_ROUTE);
    },
    system: {
      resolve: async (host) => (host === 'gw.example.com' ? [GATEWAY] : []),
      listFolder: (folder) =>
        folder === '/sys/class/net' ? ['lo', 'up0', ...(connected() ? ['tun7'] : [])] : [],
      readLink: () => undefined,
      readFile: (file) => (file === RESOLV ? seen(resolv) : { state: 'missing' }),
      overwriteFile: () => {
        throw new Error('the restore command helps');
      },
      listPids: async () => [1, 42],
      readProcess: (pid) => (pid === 1 ? leftover : undefined),
      hasInEnvironment: (pid, entry) => pid === 1 && entry === MARK,
      run: async (file, args) => {
        if (file.endsWith('/restore')) {
          resolv = OURS;
          changes.push('restore');
          return { code: 0, output: '' };
        }
        const [family = '', , verb = ''] = args;
        if (verb === 'get') return { code: 0, output: '10.0.0.1 dev tun7 src 10.0.0.99\n' };
        if (verb === 'show') return { code: 0, output: family === '-4' ? routes.join('\n') : '' };
        changes.push(args.join(' '));
        return { code: 0, output: '' };
      },
    },
  });
  const { kill } = machine.system;
  const place: Place = {
    ...machine.system,
    kill: (pid, signal) => {
      if (pid !== 1 || leftover === undefined) return kill(pid, signal);
      changes.push(`${signal} to process 1`);
      leftover = undefined;
      return 'sent';
    },
  };
  return { machine, place, changes };
}

/** The real machine, and what was asked of it. */
function recorded(): { readonly real: Place; readonly asked: string[] } {
  const asked: string[] = [];
  const real = new Proxy<Place>(realMachine, {
    get: (target, name, receiver) => {
      asked.push(String(name));
      return Reflect.get(target, name, receiver);
    },
  });
  return { real, asked };
}

test('a whole test of a site in a place that was put around it: not one look at the real machine', async () => {
  const { machine, place: invented, changes } = inventedMachine();
  const { real, asked } = recorded();
  // All that the invented machine does not answer for goes to the real one, and is recorded.
  const place = new Proxy(real, {
    get: (target, name, receiver) =>
      Reflect.has(invented, name) ? Reflect.get(invented, name) : Reflect.get(target, name, receiver),
  });
  const looks: string[] = [];
  for (const method of [
    'openSync',
    'readFileSync',
    'readdirSync',
    'readlinkSync',
    'statSync',
    'lstatSync',
  ] as const)
    vi.spyOn(fs, method).mockImplementation((file: unknown) => {
      looks.push(`${method} ${file}`);
      throw new Error('a look at the real machine');
    });
  for (const [library, method] of [
    [childProcess, 'spawn'],
    [dns, 'lookup'],
  ] as const)
    vi.spyOn(library as unknown as Record<string, () => unknown>, method).mockImplementation(() => {
      looks.push(method);
      throw new Error('a look at the real machine');
    });

  const site = simulatedSite('gw.example.com', { client: openconnect, clientKeys: new Map() });
  const config = probeConfig({ sites: [site], dns: { file: RESOLV, restore: ['restore'] } });
  const { context, log } = probeContext(machine.system, { config });
  const host = openHostKeeper({
    place,
    log,
    redact: context.redact,
    dns: config.dns,
    notes: memoryNotes(),
    measure: () => undefined,
  });
  const result = await probeSite(site, testLimits(config, openconnect), { ...context, place, host }, never);

  expect(result.stages.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
  expect([...result.host.values()].filter((fault) => fault !== null)).toEqual([]);
  expect(changes).toEqual(['SIGTERM to process 1', `-4 route del ${HOST_ROUTE}`, 'restore']);
  expect(result.left).toEqual([
    `The route "${HOST_ROUTE}" was left by the client: removing it`,
    'Invalid DNS settings. Forcing refresh',
  ]);
  expect({ asked, looks }).toEqual({ asked: [], looks: [] });
});
