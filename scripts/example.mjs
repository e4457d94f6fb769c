// The part of config.example.yml that the build writes: the settings that may all be left out, from config.schema.json.

/** The line of config.example.yml after which the build writes. What is above it is written by hand. */
const HEADING = '# Further settings. Each of them may be left out, and so may each section.';
/** Optional sections with keys that exclude each other: their examples are written by hand. */
const BY_HAND = ['heartbeat'];
/** The longest line of a comment. */
const WIDTH = 118;

/**
 * Replaces what follows the heading in config.example.yml with the optional sections of the config.
 *
 * @param {string} example the text of config.example.yml.
 * @param {string} schema the text of config.schema.json.
 * @returns {string}
 */
export function withSettings(example, schema) {
  const { properties, required } = JSON.parse(schema);
  const [byHand, ...rest] = example.split(`${HEADING}\n`);
  if (rest.length !== 1) throw new Error(`config.example.yml has not exactly one line "${HEADING}"`);
  const sections = Object.entries(properties)
    // The names in `clients` are the user's: its example is written by hand.
    .filter(([name, { properties }]) => properties !== undefined && ![...required, ...BY_HAND].includes(name))
    .map(([name, section]) => [...comment(section, ''), `#${name}:`, ...keysOf(section)].join('\n'));
  return `${byHand}${HEADING}\n\n${sections.join('\n\n')}\n`;
}

function keysOf({ properties }, indent = '  ') {
  return Object.entries(properties).flatMap(([key, schema]) => [
    ...comment(schema, indent),
    ...(schema.properties === undefined
      ? [`${indent}#${key}: ${written(schema.default ?? schema.examples?.[0])}`]
      : [`${indent}#${key}:`, ...keysOf(schema, `${indent}  `)]),
  ]);
}

/** The description as comment lines. Without the default: that is the value shown. */
function comment({ description, default: byDefault }, indent) {
  const text = description.replace(` Default: ${written(byDefault)}.`, '');
  const lines = [`${indent}#`];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length > WIDTH) lines.push(`${indent}# ${word}`);
    else lines[lines.length - 1] = line;
  }
  return lines;
}

function written(value) {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}
