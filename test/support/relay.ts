import http, { type IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MonitoredWorld } from './monitored-world.ts';
import { until } from './until.ts';

const RELAY = fileURLToPath(new URL('../fixtures/relay.mjs', import.meta.url));

/** What a server in a world has answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Asks a server on the world's loopback; `undefined`: there is none, or it says nothing. */
export type Ask = (
  port: number,
  path: string,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer | undefined>;

/** Lets a test speak with servers in a world, at these ports. */
export async function openRelay(world: MonitoredWorld, ports: readonly number[]): Promise<Ask> {
  const relay = world.start([process.execPath, RELAY, world.folder, ...ports.map(String)]);
  await until('the relay listens', () => relay.stdout().includes('listening'));
  return (port, target, headers = {}) =>
    new Promise((resolve) => {
      const socketPath = path.join(world.folder, String(port));
      const request = http.get({ socketPath, path: target, headers, agent: false, timeout: 10_000 });
      request.on('error', () => resolve(undefined));
      request.on('timeout', () => request.destroy());
      request.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part) => (text += part));
        response.on('error', () => resolve(undefined));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
    });
}
