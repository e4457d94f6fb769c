// Makes config.schema.json, from which editors complete and check a config.yml, out of the schema that the program
// itself reads configs by. Run after tsc: node scripts/schema.mjs
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';

const FILE = fileURLToPath(new URL('../config.schema.json', import.meta.url));

/**
 * The text of config.schema.json for a schema of valibot.
 *
 * @param {import('valibot').GenericSchema} schema
 * @returns {string}
 */
export function jsonSchemaText(schema) {
  const json = toJsonSchema(schema, {
    typeMode: 'input',
    // What only code can check: an editor says nothing about that.
    ignoreActions: ['check', 'partial_check'],
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      ['strict_object', 'record'].includes(valibotSchema.type)
        ? { ...jsonSchema, patternProperties: { '^x-': {} } }
        : undefined,
  });
  return `${JSON.stringify({ title: 'vpn-monitor config.yml', ...json }, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ConfigSchema } = await import('../dist/config/schema.js');
  writeFileSync(FILE, jsonSchemaText(ConfigSchema));
}
