/**
 * Replaces what follows the heading in config.example.yml with the optional sections of the config.
 *
 * @param example the text of config.example.yml.
 * @param schema the text of config.schema.json.
 */
export function withSettings(example: string, schema: string): string;
