import type { GenericSchema } from 'valibot';
import type { ClientProfile } from '../src/clients/profile.ts';

/** The text of config.schema.json for a schema of valibot, the built-in clients and the one of a site that names none. */
export function jsonSchemaText(
  schema: GenericSchema,
  clients: ReadonlyMap<string, ClientProfile>,
  defaultClient: string,
): string;

/** The text of message.schema.json for a schema of valibot. */
export function messageSchemaText(schema: GenericSchema): string;
