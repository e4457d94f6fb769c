import { writeFileSync } from 'node:fs';
import { createServer as createTcpServer, type Server } from 'node:net';
import path from 'node:path';
import { createServer, type TlsOptions } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CertificateLooks } from '../../src/certificates/certificate-looks.ts';
import { openconnect } from '../../src/clients/openconnect.ts';
import { openvpn } from '../../src/clients/openvpn.ts';
import type { SiteConfig } from '../../src/config/config.ts';
import { Secret } from '../../src/model/secret.ts';
import { testSystem } from '../alerts/support.ts';
import certificates from '../fixtures/certificates.json' with { type: 'json' };
import { never } from '../support/never.ts';
import { recordingLog } from '../support/recording-log.ts';
import { simulatedSite } from '../support/site.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** Of test/fixtures/certificates.json, as openssl prints them. */
const FINGERPRINT =
  '6D:A4:EC:FD:AC:E9:70:B1:76:FF:E1:95:08:69:89:91:D6:93:4B:AD:86:72:1B:6A:18:F4:A1:EC:4A:DA:52:0F';
const OTHER_FINGERPRINT =
  '26:69:97:4D:0C:C8:9A:38:62:BF:5A:CA:E1:9F:22:F3:B0:57:AC:6A:DF:2C:CA:22:BB:0F:C3:53:0C:41:48:76';
const UNTIL = new Date('2126-10-30T05:47:50.000Z');
const HOUR = 3600_000;

/** A server on loopback, which ends with the test. */
async function listen<S extends Server>(server: S): Promise<number> {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A gateway that speaks TLS, its port, and the names that its clients asked for (SNI). */
async function gateway(options: TlsOptions = {}) {
  const names: string[] = [];
  let connections = 0;
  const server = createServer({
    key: certificates.key,
    cert: certificates.cert,
    SNICallback: (name, done) => {
      names.push(name);
      done(null);
    },
    ...options,
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.on('secureConnection', (socket) => void socket.on('error', () => undefined));
  server.on('tlsClientError', () => undefined);
  return { port: await listen(server), names, connections: () => connections };
}

function setUp() {
  const system = testSystem('2126-10-20T05:47:50.000Z');
  const log = recordingLog();
  const looks = new CertificateLooks({
    ...system,
    now: system.now,
    resolve: async (host) => (host.endsWith('localhost') ? ['127.0.0.1'] : []),
  });
  const look = (site: Partial<SiteConfig>, signal = never) =>
    looks.look(simulatedSite('', { client: openconnect, clientKeys: new Map(), ...site }), log, signal);
  return { system, log, look };
}

describe('the certificate of a gateway', () => {
  test('is read where the client logs in, by its name, and at most once an hour', async () => {
    const { port, names, connections } = await gateway();
    const { system, look, log } = setUp();
    const site = { vpnGw: `https://localhost:${port}/group` };
    const seen = {
      owner: 'gateway',
      certificate: {
        owner: 'gateway',
        fingerprint: FINGERPRINT,
        from: new Date('2026-11-23T05:47:50.000Z'),
        until: UNTIL,
        wrongName: null,
      },
    };
    expect(await look(site)).toEqual([seen]);
    expect(names).toEqual(['localhost']);
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^DEBUG site1: the certificate of the gateway expires in 10 days \(valid from 2026-/,
      ),
    ]);
    expect(await look(site)).toBeUndefined();
    system.advance(HOUR - 1000);
    expect(await look(site)).toBeUndefined();
    system.advance(1000);
    expect(await look(site)).toEqual([seen]);
    expect(connections()).toBe(2);
  });

  test('is read again at once where the config names another gateway', async () => {
    const [one, other] = [await gateway(), await gateway({ cert: certificates.otherCert })];
    const { look } = setUp();
    await look({ vpnGw: `127.0.0.1:${one.port}` });
    const seen = await look({ vpnGw: `127.0.0.1:${other.port}` });
    expect(seen?.[0]?.certificate?.fingerprint).toBe(OTHER_FINGERPRINT);
    // An address is no name.
    expect(other.names).toEqual([]);
  });

  test.each([
    ['a name', 'localhost', 'it is for DNS:mail.example.com, not for localhost'],
    ['an address', '127.0.0.1', 'it is for DNS:mail.example.com, not for 127.0.0.1'],
  ])('that is not for %s says so, also in the log', async (_, host, words) => {
    const { port } = await gateway({ cert: certificates.otherCert });
    const { look, log } = setUp();
    const seen = await look({ vpnGw: `${host}:${port}` });
    expect(seen?.[0]?.certificate?.wrongName).toBe(words);
    expect(log.lines).toContain(`WARNING site1: the certificate of the gateway has another name: ${words}`);
  });

  test('that has expired is in the log with its dates', async () => {
    const { port } = await gateway();
    const { look, log, system } = setUp();
    system.clock = new Date('2126-11-01T00:00:00Z');
    await look({ vpnGw: `localhost:${port}` });
    const lines = log.lines.filter((line) => line.startsWith('WARNING'));
    expect(lines).toEqual([
      expect.stringMatching(
        /^WARNING site1: the certificate of the gateway has expired \(valid from 2026-11-23 .* to 2126-10-30 .*\)$/,
      ),
    ]);
  });

  test.each([
    ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' }],
    [
      'TLS 1.2, and wants the certificate of a user',
      { maxVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: true, ca: certificates.ca },
    ],
  ] as const)('is read if it speaks %s', async (_, options) => {
    const { port } = await gateway({ ...options });
    const seen = await setUp().look({ vpnGw: `localhost:${port}` });
    expect(seen?.[0]?.certificate?.fingerprint).toBe(FINGERPRINT);
  });

  test('that does not come within 3 s is none, and the test continues', async () => {
    const port = await listen(createTcpServer((socket) => void socket.on('error', () => undefined)));
    const { look, system } = setUp();
    const looking = look({ vpnGw: `localhost:${port}` });
    await until('it waits', () => system.waits().includes(3000));
    system.strike(3000);
    expect(await looking).toEqual([{ owner: 'gateway', certificate: null, why: 'no answer within 3 s' }]);
  });

  test.each([
    ['nobody listens', 'localhost:1', /connection refused/],
    ['its name is not known', 'gw.example.com', /gw\.example\.com was not resolved/],
  ])('is none where %s', async (_, vpnGw, why) => {
    const { look, log } = setUp();
    expect(await look({ vpnGw })).toEqual([
      { owner: 'gateway', certificate: null, why: expect.stringMatching(why) },
    ]);
    expect(log.lines).toEqual([
      expect.stringMatching(/^DEBUG site1: the certificate of the gateway can't be read/),
    ]);
  });

  test('is none of a server that speaks no TLS', async () => {
    const port = await listen(createTcpServer((socket) => socket.end('220 mail\r\n')));
    const seen = await setUp().look({ vpnGw: `localhost:${port}` });
    expect(seen?.[0]?.certificate).toBeNull();
  });

  test('ends early when the test is stopped', async () => {
    const port = await listen(createTcpServer((socket) => void socket.on('error', () => undefined)));
    const { look, system } = setUp();
    const stop = new AbortController();
    const looking = look({ vpnGw: `localhost:${port}` }, stop.signal);
    await until('it waits', () => system.waits().includes(3000));
    stop.abort(new Error('stopped'));
    expect(await looking).toEqual([{ owner: 'gateway', certificate: null, why: 'stopped' }]);
    expect(system.waits()).toEqual([]);
  });

  test('is not looked for where the client does not log in by TLS at vpn_gw', async () => {
    const { port, connections } = await gateway();
    expect(await setUp().look({ client: openvpn, vpnGw: `localhost:${port}` })).toBeUndefined();
    expect(connections()).toBe(0);
  });
});

describe('the certificate of a user', () => {
  const client = { ...openconnect, tls: undefined };
  const site = (file: string, secret?: string): Partial<SiteConfig> => {
    const { tls: _, ...withoutTls } = client;
    return {
      client: withoutTls,
      clientKeys: new Map([['certificate', file]]),
      ...(secret === undefined ? {} : { clientSecrets: new Map([['key_password', new Secret(secret)]]) }),
    };
  };
  const write = (content: string | Buffer) => {
    const file = path.join(temporaryFolder(), 'user');
    writeFileSync(file, content);
    return file;
  };
  const pkcs12 = Buffer.from(certificates.pkcs12, 'base64');

  test.each([
    ['PEM', certificates.cert, undefined],
    ['PEM with its key before it', `${certificates.key}${certificates.cert}`, undefined],
    ['PKCS#12 with a pass phrase', pkcs12, 'secret'],
  ])('is read from %s', async (_, content, secret) => {
    const seen = await setUp().look(site(write(content), secret));
    expect(seen).toEqual([
      {
        owner: 'user',
        certificate: expect.objectContaining({
          owner: 'user',
          fingerprint: FINGERPRINT,
          until: UNTIL,
          wrongName: null,
        }),
      },
    ]);
  });

  test.each([
    ['no file', () => '/nowhere/user.pem', undefined, '/nowhere/user.pem: no such file'],
    ['the key alone', () => write(certificates.key), undefined, /user: /],
    ['no certificate at all', () => write('nothing'), undefined, /user: /],
    ['a wrong pass phrase', () => write(pkcs12), 'another', /user: mac verify failure/],
  ])('is none with %s', async (_, file, secret, why) => {
    const seen = await setUp().look(site(file(), secret));
    expect(seen).toEqual([
      { owner: 'user', certificate: null, why: typeof why === 'string' ? why : expect.stringMatching(why) },
    ]);
  });
});
