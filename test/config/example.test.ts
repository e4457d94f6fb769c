import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { withSettings } from '../../scripts/example.mjs';
import { jsonSchemaText } from '../../scripts/schema.mjs';
import { PROFILES } from '../../src/clients/built-in.ts';
import { ConfigSchema } from '../../src/config/schema/config-schema.ts';
import { DEFAULT_CLIENT } from '../../src/config/schema/site-schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { configOf, load } from './write-config.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const EXAMPLE = fs.readFileSync(path.join(ROOT, 'config.example.yml'), 'utf8');
const SCHEMA = fs.readFileSync(path.join(ROOT, 'config.schema.json'), 'utf8');
const CA = fs.readFileSync(path.join(import.meta.dirname, 'good/ca.pem'), 'utf8');

/** The example with all that may be left out. */
function complete(): string {
  return EXAMPLE.replaceAll(/^( *)#(?=[\w<-])/gm, '$1');
}

interface JsonSchema {
  description?: string;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | false;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

function* keysOf(schema: JsonSchema): Generator<[string, JsonSchema]> {
  for (const [key, below] of Object.entries(schema.properties ?? {})) {
    yield [key, below];
    yield* keysOf(below);
    if (below.items) yield* keysOf(below.items);
  }
  for (const form of schema.anyOf ?? []) yield* keysOf(form);
  if (schema.additionalProperties) yield* keysOf(schema.additionalProperties);
}

const KEYS = [...keysOf(JSON.parse(SCHEMA))];

test('config.schema.json is what the schema says (else: npm run build)', () => {
  expect(SCHEMA).toBe(jsonSchemaText(ConfigSchema, PROFILES, DEFAULT_CLIENT));
});

test('the example lists the settings as the schema has them (else: npm run build)', () => {
  expect(EXAMPLE).toBe(withSettings(EXAMPLE, SCHEMA));
});

test.each(KEYS)('%s has a description that says its default', (_key, { description, default: otherwise }) => {
  expect(description).toMatch(/\.$/);
  if (otherwise === undefined || JSON.stringify(otherwise) === '{}') return;
  expect(description).toContain(`Default: ${written(otherwise)}.`);
});

test('the example names the schema on its first line', () => {
  const [first] = EXAMPLE.split('\n');
  expect(first).toBe('# yaml-language-server: $schema=node_modules/vpn-monitor/config.schema.json');
});

test('the example is a good config', () => {
  expect(configOf(load(EXAMPLE)).warnings).toEqual([]);
});

test('the example is a good config with all that may be left out, too, and says the defaults', () => {
  const folder = temporaryFolder();
  const names = [
    'smtp',
    'web',
    'site2',
    'site5',
    'site6',
    'site7',
    'site8-key',
    'site10',
    'site12',
    'site13',
    'site14',
  ].map((name) => `${name}-password`);
  const files = {
    'company-ca.pem': CA,
    'site6.ovpn': 'client',
    'site7.pem': CA,
    'site8.pem': CA,
    'site8-key.pem': CA,
    'site9.p12': '',
    'tickets-url': 'https://tickets.example.com/vpn\n',
    'heartbeat-url': 'https://hc.example.com/uuid\n',
    'tickets-secret': 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'tickets-token': 'secret',
    'site12-ca.pem': CA,
    'site13.conf': '',
    'site6-totp': 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n',
    ...Object.fromEntries(names.map((name) => [name, 'secret'])),
  };
  const text = complete().replaceAll('/etc/vpn-monitor/', `${folder}/`);
  const config = configOf(
    load(text, {
      folder,
      files,
      clients: PROFILES,
      env: {
        VPN_PASSWORD: 'secret',
        VPN_KEY_PASSWORD: 'secret',
        VPN_TOTP_SECRET: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      },
    }),
  );
  const short = configOf(load(EXAMPLE, { folder }));
  expect(config.sites.map((site) => `${site.name} ${site.client.name}`)).toEqual([
    'site1 startct',
    'site2 startct',
    'site3 startct',
    'site4 startct',
    'site5 openconnect',
    'site6 openvpn',
    'site8 openconnect',
    'site9 openconnect',
    'site10 openconnect',
    'site11 wireguard',
    'site12 charon-cmd',
    'site13 vpnc',
    'site14 openfortivpn',
    'site7 my-openconnect',
  ]);
  expect(config.sites.flatMap(({ name, totp }) => (totp === undefined ? [] : [name]))).toEqual([
    'site4',
    'site5',
    'site6',
  ]);
  expect(config.clients.get('startct')?.command).toBe('/usr/bin/startct');
  expect([...config.clients.keys()]).toEqual([...PROFILES.keys(), 'my-openconnect', 'my-wireguard']);
  expect(config.logging.email?.ca).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
  expect(config.heartbeat?.everyMs).toBeNull();
  expect(config.channels.map(({ name, way }) => `${name} ${way.kind}`)).toEqual([
    'managers mail',
    'tickets webhook',
    'chat webhook',
    'pager command',
  ]);
  expect({ ...config.web, password: config.web?.password?.reveal() }).toEqual({
    listen: { host: '127.0.0.1', port: 8069 },
    hosts: ['vpn-monitor.example.com', '192.0.2.20'],
    password: 'secret',
  });
  expect(config.metrics).toEqual({
    listen: { host: '127.0.0.1', port: 9469 },
    textfile: '/var/lib/prometheus/node-exporter/vpn-monitor.prom',
  });
  expect({
    ...config,
    channels: 0,
    clients: 0,
    controlGroup: 0,
    heartbeat: 0,
    metrics: 0,
    web: 0,
    maintenance: 0,
    uplink: 0,
    sites: { ...config.sites[0], client: 0, slowMs: 0 },
    logging: 0,
    report: 0,
  }).toEqual({
    ...short,
    channels: 0,
    report: 0,
    clients: 0,
    controlGroup: 0,
    heartbeat: 0,
    metrics: 0,
    web: 0,
    maintenance: 0,
    uplink: 0,
    sites: { ...short.sites[0], client: 0, slowMs: 0 },
    logging: 0,
  });
});

test.each(KEYS)('the example says %s, with its default', (key, { default: otherwise }) => {
  const isPlain = otherwise !== undefined && JSON.stringify(otherwise) !== '{}';
  const line = isPlain ? `${key}: ${written(otherwise)}` : `${key}:`;
  expect(
    complete()
      .split('\n')
      .map((text) => text.trim()),
  ).toContainEqual(isPlain ? line : expect.stringContaining(line));
});

function written(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}
