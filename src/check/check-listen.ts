import { createServer } from 'node:net';
import { type Listen, listenName } from '../config/schema/address.ts';
import { reason } from '../files/reason.ts';
import { type Finding, ok, warning } from './finding.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there: choose another port',
  EADDRNOTAVAIL: 'no interface of this host has this address',
  EACCES: 'ports below 1024 are for root or CAP_NET_BIND_SERVICE',
};

/**
 * Whether the monitor can listen on an address.
 *
 * @param served what it serves there, and the key of the config that names the address
 * @param monitorRuns whether a monitor runs on this results folder: it then uses the address itself.
 */
export async function checkListen(
  listen: Listen,
  { what, key }: { readonly what: string; readonly key: string },
  monitorRuns: boolean,
): Promise<Finding> {
  const name = listenName(listen);
  const fault = await tryToListen(listen);
  if (fault === undefined) return ok(`${what}: can be served on ${name}`);
  const { code = '' } = fault;
  if (code === 'EADDRINUSE' && monitorRuns) return ok(`${what}: ${name} is in use, the monitor is running`);
  const remedy = REMEDIES[code];
  return warning(
    `${what}: can't listen on ${name}: ${reason(fault)}`,
    remedy === undefined ? `look at ${key}` : `${remedy}: ${key}`,
  );
}

function tryToListen(listen: Listen): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(listen, () => server.close(() => resolve(undefined)));
  });
}
