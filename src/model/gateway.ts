import { isIP } from 'node:net';

/** Returns the host of a gateway as clients accept it: `HOST`, `HOST:PORT`, `[v6]:PORT` or a URL. */
export function gatewayHost(gateway: string): string {
  const bare = withoutScheme(gateway);
  if (isIP(bare) !== 0) return bare;
  return /^\[([^\]]+)\]/.exec(bare)?.[1] ?? bare.replace(/:\d+$/, '');
}

/** Returns the port of a gateway that names one, as clients accept it; else `undefined`. */
export function gatewayPort(gateway: string): number | undefined {
  const bare = withoutScheme(gateway);
  const digits = isIP(bare) !== 0 ? undefined : /:(\d{1,5})$/.exec(bare)?.[1];
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function withoutScheme(gateway: string): string {
  return gateway.replace(/^\w+:\/\//, '').replace(/[/?#].*$/, '');
}
