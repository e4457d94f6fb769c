import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { jsonSchemaText } from '../../scripts/schema.mjs';
import { ConfigSchema } from '../../src/config/schema.ts';
import { configOf, load, temporaryFolder } from './write-config.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const EXAMPLE = fs.readFileSync(path.join(ROOT, 'config.example.yml'), 'utf8');
const SCHEMA = fs.readFileSync(path.join(ROOT, 'config.schema.json'), 'utf8');
const CA = fs.readFileSync(path.join(import.meta.dirname, 'good/ca.pem'), 'utf8');

/** The example with all that may be left out. */
function complete(): string {
  return EXAMPLE.replaceAll(/^( *)#(?=[\w<])/gm, '$1');
}

interface JsonSchema {
  description?: string;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | false;
}

function* keysOf(schema: JsonSchema): Generator<[string, JsonSchema]> {
  for (const [key, below] of Object.entries(schema.properties ?? {})) {
    yield [key, below];
    yield* keysOf(below);
  }
  if (schema.additionalProperties) yield* keysOf(schema.additionalProperties);
}

const KEYS = [...keysOf(JSON.parse(SCHEMA))];

test('config.schema.json is what the schema says (else: npm run build)', () => {
  expect(SCHEMA).toBe(jsonSchemaText(ConfigSchema));
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
  const files = { 'company-ca.pem': CA, 'smtp-password': 'secret', 'site2-password': 'secret' };
  const text = complete().replaceAll('/etc/vpn-monitor/', `${folder}/`);
  const config = configOf(load(text, { folder, files, env: { VPN_PASSWORD: 'secret' } }));
  const short = configOf(load(EXAMPLE, { folder }));
  expect(config.sites.map((site) => site.name)).toEqual(['site1', 'site2', 'site3', 'site4']);
  expect(config.clients.get('startct')).toEqual({ command: '/usr/bin/startct' });
  expect(config.logging.email?.ca).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
  expect({ ...config, clients: 0, sites: config.sites[0], logging: 0 }).toEqual({
    ...short,
    clients: 0,
    sites: short.sites[0],
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
