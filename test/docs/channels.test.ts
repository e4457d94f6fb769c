import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { messageSchemaText } from '../../scripts/schema.mjs';
import { MessageSchema } from '../../src/alerts/document.ts';
import { EVENT_NAMES } from '../../src/model/event-kinds.ts';
import { PLACEHOLDERS } from '../../src/model/json-template.ts';
import { configOf, load, shortConfig } from '../config/write-config.ts';
import { ROOT } from '../support/paths.ts';

const PAGE = readFileSync(path.join(ROOT, 'docs/channels.md'), 'utf8');
const blocks = (language: string) =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);

test('message.schema.json is what the schema says (else: npm run build)', () => {
  const text = readFileSync(path.join(ROOT, 'message.schema.json'), 'utf8');
  expect(text).toBe(messageSchemaText(MessageSchema));
});

test.each(EVENT_NAMES)('the event %s is named', (name) => {
  expect(/^\| `events` \|.*$/m.exec(PAGE)?.[0]).toContain(`\`${name}\``);
});

test.each(PLACEHOLDERS)('the placeholder %s is explained', (name) => {
  expect(PAGE).toMatch(new RegExp(`^\\|.*\`\\{${name}\\}\`.* \\|.*\\|$`, 'm'));
});

test('the document is one', () => {
  const [document = ''] = blocks('json');
  expect(v.parse(MessageSchema, JSON.parse(document))).toEqual(JSON.parse(document));
});

test.each(blocks('yaml'))('the channels of an example are good: %s', (text) => {
  const list = text.replace(/^channels:\n/, '');
  const yaml = `${shortConfig()}channels:\n${list}`.replace('sites: [oslo, rome]', 'sites: [site1]');
  expect(configOf(load(yaml, { configOnly: true })).channels.length).toBeGreaterThan(0);
});
