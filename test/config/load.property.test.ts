import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LoadResult } from '../../src/config/load.ts';
import { formatProblems } from '../../src/config/yaml/problem.ts';
import { CASES } from '../support/property.ts';
import { loadFromMemory } from './memory-files.ts';

/** The lines of a result, each of which must be one printable line. */
function linesOf(result: LoadResult): readonly string[] {
  if (result.ok) return result.config.warnings;
  expect(result.errors.length).toBeGreaterThan(0);
  const lines = formatProblems('config.yml', result.errors);
  for (const line of lines)
    expect(line).toMatch(/^config\.yml(?::[1-9]\d*)?: [^\p{Cc}\p{Cs}\u2028\u2029]+$/u);
  return lines;
}

const SIGNS = [
  ...'&*!|>%@`#:,[]{}?-"\'\\\n\t ~=<.',
  '<<: ',
  '- ',
  ': ',
  ' #',
  '---\n',
  '...\n',
  '\r\n',
  '&a ',
  '*a',
  '!!str ',
];

/** Nested as deep as a file of 1 MB can be, and aliases of aliases. */
const deep = fc.oneof(
  fc
    .tuple(fc.constantFrom('[', '{a: ', '- ', '? ', '&a [', '!!seq ['), fc.integer({ min: 1, max: 200_000 }))
    .map(([open, depth]) => `sites: ${open.repeat(depth)}`),
  fc
    .integer({ min: 1, max: 2000 })
    .map((depth) => Array.from({ length: depth }, (_, n) => `${' '.repeat(n)}a:`).join('\n')),
  fc
    .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 40 }), fc.boolean())
    .map(([levels, width, merges]) =>
      Array.from({ length: levels }, (_, n) => {
        const aliases = `[${Array(width)
          .fill(n === 0 ? '{ a: 1 }' : `*l${n - 1}`)
          .join(', ')}]`;
        return `x-${n}: &l${n} ${merges && n > 0 ? `{ <<: *l${n - 1}, k${n}: 1 }` : merges ? '{ a: 1 }' : aliases}`;
      }).join('\n'),
    ),
);

test('any bytes: a config or messages', () => {
  const bytes = fc.oneof(
    { weight: 4, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)) },
    {
      weight: 8,
      arbitrary: fc
        .array(fc.constantFrom(...SIGNS, 'sites', 'a', 'frequency', '1', 'x-a', '\u2028', '\x00'), {
          maxLength: 60,
        })
        .map((parts) => Buffer.from(parts.join(''))),
    },
    { weight: 1, arbitrary: deep.map((text) => Buffer.from(text)) },
  );
  fc.assert(
    fc.property(bytes, (text) => {
      linesOf(loadFromMemory(text));
    }),
    CASES,
  );
});

/** Found nowhere by chance. */
const SECRET = 's3cr3t-marker';
/** What a password may look like: with signs that mean something to YAML, or such that the rest of the line is no YAML. */
const password = fc
  .tuple(
    fc.constantFrom('', ...SIGNS.filter((sign) => !sign.includes('\n'))),
    fc.constantFrom('', ...SIGNS.filter((sign) => !/[\r\n]/.test(sign))),
  )
  .map(([before, after]) => `${before}${SECRET}${after}`);

/** A scalar as somebody may write it, the password among them. */
const scalar = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '600',
      '0',
      '-1',
      '0x1F',
      '1e400',
      '.nan',
      '~',
      'true',
      'yes',
      '""',
      "''",
      '0123',
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom('results', 'site1.example.com', '192.0.2.10', 'startct', 'debug', 'corp'),
  },
  { weight: 2, arbitrary: password },
  { weight: 2, arbitrary: password.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }).map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.constantFrom('*a', '*b', '*none', '!tag x', '|\n      text', '>-\n      text') },
);

/** Keys of the schema, and others that look like them or mean something to JavaScript. */
const KEYS = [
  ...[
    'frequency',
    'logging',
    'dir',
    'file',
    'log',
    'level',
    'email',
    'server',
    'security',
    'ca',
    'username',
    'password',
  ],
  ...[
    'password_file',
    'password_env',
    'from',
    'to',
    'sites',
    'external_ip',
    'vpn_gw',
    'realm',
    'internal_ip',
    'timeout',
  ],
  ...[
    'client',
    'enabled',
    'clients',
    'command',
    'args',
    'keys',
    'dialogue',
    'expect',
    'send',
    'success',
    'unless',
    'failures',
  ],
  ...[
    'logout',
    'own',
    'tunnel',
    'tls',
    'port',
    'dns',
    'mark',
    'alerts',
    'after',
    'remind_hours',
    'expiry_days',
    'recovery',
    'group_seconds',
    'recover_after',
    'control',
    'uplink',
    'targets',
    'slow_ms',
    'flap',
    'changes',
    'log_in',
    'group',
    'subjects',
    'ping',
    'count',
    'login',
  ],
  ...[
    'step_timeout',
    'cleanup',
    'settle_seconds',
    'restore',
    'metrics',
    'web',
    'hosts',
    'listen',
    'extrenal_ip',
    'Frequency',
    'x-shared',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '2',
    '<<',
    'site1',
    'startct',
    'cause',
    'line',
    'signal',
  ],
];
const key = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...KEYS) },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }).map((text) => JSON.stringify(text)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('? [a]', '? {a: b}', '""', '"\\u0000"', '"\\u2028"', '=1+1', '-a'),
  },
);

/** A document of any shape in flow style, with anchors, aliases and merge keys. */
const { document } = fc.letrec<{ document: string; node: string }>((tie) => ({
  document: fc.array(fc.tuple(key, tie('node')), { maxLength: 6 }).map(mappingOf),
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    scalar,
    fc
      .tuple(fc.constantFrom('', '', '&a ', '&b ', '!!map '), tie('document'))
      .map(([anchor, text]) => anchor + text),
    fc.array(tie('node'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  ),
}));

function mappingOf(entries: readonly (readonly [string, string])[]): string {
  return `{ ${entries.map(([name, value]) => `${name}: ${value}`).join(', ')} }`;
}

const GOOD = `x-shared: &a { username: monitor, password: "${SECRET}", timeout: 60, realm: corp }
frequency: 600
logging:
  dir: results
  file: result
  email: { server: smtp.example.com, from: a@example.com, to: b@example.com }
sites:
  site1:
    <<: *a
    external_ip: 192.0.2.10
    vpn_gw: site1.example.com
    internal_ip: 10.0.0.1
  site2: &b
    external_ip: 192.0.2.20
    vpn_gw: site2.example.com
    internal_ip: 10.0.0.2
    username: other
    password: ${SECRET}
    client: own
    pin: sha256
clients:
  own:
    command: own-vpn
    keys: { pin: required }
    dialogue:
      - { expect: "^Password:", send: "{password}" }
    success: { expect: "^Connected$" }
alerts: { after: 2, remind_hours: 24, recovery: true }
ping: { count: 5, timeout: 20 }
`;
const GOOD_LINES = GOOD.split('\n');

/** A good config in which some lines were changed. */
const nearlyGood = fc
  .array(
    fc.record({
      at: fc.nat({ max: GOOD_LINES.length - 1 }),
      does: fc.constantFrom('replace', 'replace', 'remove', 'double', 'indent', 'cut', 'insert', 'key'),
      value: fc.oneof(scalar, document),
      key,
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((changes) => {
    const lines = [...GOOD_LINES];
    for (const { at, does, value, key } of changes) {
      const line = lines[at] ?? '';
      const [indent = ''] = /^ */.exec(line) ?? [];
      if (does === 'replace') lines[at] = line.replace(/(?<=:).*$/, ` ${value}`);
      if (does === 'remove') lines.splice(at, 1);
      if (does === 'double') lines.splice(at, 0, line);
      if (does === 'indent') lines[at] = ` ${line}`;
      if (does === 'cut') lines[at] = line.slice(0, line.length / 2);
      if (does === 'insert') lines.splice(at, 0, `${indent}${key}: ${value}`);
      if (does === 'key') lines[at] = line.replace(/[\w-]+(?=:)/, key.replaceAll('$', ''));
    }
    return lines.join('\n');
  });

/**
 * A word that may be a key is said, so that a mistyped one can be found: who writes the password in its place, with a colon
 * behind it, reads it in the message.
 */
const named = (line: string) => line.replace(/(?<=[:.] ?)[\w-]*s3cr3t-marker[\w-]*(?=: )/g, '');

test('any document of any shape: a config or messages, and the password in none of them', () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 5, arbitrary: nearlyGood }, document), (text) => {
      const result = loadFromMemory(text, { files: { [SECRET]: 'x' } });
      for (const line of linesOf(result)) expect(named(line)).not.toContain('s3cr3t');
    }),
    CASES,
  );
});

test('what the properties begin with is a good config', () => {
  expect(linesOf(loadFromMemory(GOOD))).toEqual([]);
});
