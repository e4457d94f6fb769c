// Writes what users read of the program's schemas: config.schema.json, with which editors complete and check a config.yml,
// the settings in config.example.yml, and message.schema.json, which describes what channels send. Run after tsc: node
// scripts/schema.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { withSettings } from './example.mjs';

const SCHEMA = fileURLToPath(new URL('../config.schema.json', import.meta.url));
const MESSAGE = fileURLToPath(new URL('../message.schema.json', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../config.example.yml', import.meta.url));

/**
 * The text of config.schema.json for a schema of valibot.
 *
 * @param {import('valibot').GenericSchema} schema of the whole config.
 * @param {ReadonlyMap<string, import('../src/clients/profile.ts').ClientProfile>} clients the built-in ones.
 * @param {string} defaultClient the client of a site without the key `client`.
 * @returns {string}
 */
export function jsonSchemaText(schema, clients, defaultClient) {
  const json = toJsonSchema(schema, {
    // JSON Schema has no words for checks in code, nor for what the program makes of a value.
    ignoreActions: ['check', 'partial_check', 'raw_transform', 'transform'],
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      ['strict_object', 'record'].includes(valibotSchema.type)
        ? { ...jsonSchema, patternProperties: { '^x-': {} } }
        : undefined,
  });
  const { sites } = json.properties;
  sites.additionalProperties = siteOf(sites.additionalProperties, clients, defaultClient);
  return `${JSON.stringify({ title: 'vpn-monitor config.yml', ...json }, null, 2)}\n`;
}

/**
 * The text of message.schema.json for a schema of valibot.
 *
 * @param {import('valibot').GenericSchema} schema of the document.
 * @returns {string}
 */
export function messageSchemaText(schema) {
  // Other keys are allowed: later versions may add some.
  const json = toJsonSchema(schema);
  return `${JSON.stringify({ title: 'A message of vpn-monitor', ...json }, null, 2)}\n`;
}

/** A secret has three keys. */
function namesOf(keys) {
  return Object.entries(keys).flatMap(([key, { secret }]) =>
    secret ? [key, `${key}_file`, `${key}_env`] : [key],
  );
}

/** A site may have the keys of its client. Those of a client that the config describes may have any name. */
function siteOf(site, clients, defaultClient) {
  const ofClients = new Set([...clients.values()].flatMap((client) => namesOf(client.keys)));
  return {
    ...site,
    additionalProperties: { type: 'string' },
    anyOf: [{ required: ['internal_ip'] }, { required: ['inside'] }],
    allOf: [...clients].map(([name, { keys }]) => ({
      if: {
        properties: { client: { const: name } },
        ...(name === defaultClient ? {} : { required: ['client'] }),
      },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
      then: {
        required: Object.keys(keys).filter((key) => keys[key].required),
        ...choicesOf(keys),
        propertyNames: {
          anyOf: [
            {
              enum: Object.keys(site.properties).filter(
                (key) => !ofClients.has(key) || namesOf(keys).includes(key),
              ),
            },
            { pattern: '^x-' },
          ],
        },
      },
    })),
  };
}

/** The values of the keys that have only some. */
function choicesOf(keys) {
  const chosen = Object.entries(keys).filter(([, { choices }]) => choices);
  if (chosen.length === 0) return {};
  return { properties: Object.fromEntries(chosen.map(([key, { choices }]) => [key, { enum: choices }])) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ConfigSchema } = await import('../dist/config/schema/config-schema.js');
  const { DEFAULT_CLIENT } = await import('../dist/config/schema/site-schema.js');
  const { PROFILES } = await import('../dist/clients/built-in.js');
  const schema = jsonSchemaText(ConfigSchema, PROFILES, DEFAULT_CLIENT);
  writeFileSync(SCHEMA, schema);
  const { MessageSchema } = await import('../dist/alerts/document.js');
  writeFileSync(MESSAGE, messageSchemaText(MessageSchema));
  writeFileSync(EXAMPLE, withSettings(readFileSync(EXAMPLE, 'utf8'), schema));
}
