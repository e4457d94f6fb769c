import type { GenericSchema } from 'valibot';

/** The text of config.schema.json for a schema of valibot. */
export function jsonSchemaText(schema: GenericSchema): string;
