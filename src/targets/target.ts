/** Something in a network that is asked whether it works, and how fast it answers. */
export type Target =
  | { readonly kind: 'ping'; readonly host: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'https';
      readonly host: string;
      readonly port: number;
      /** With its query. */
      readonly path: string;
      /** The status that is right; `undefined`: any of 200 to 299. */
      readonly status?: number | undefined;
      /** What the response must contain. */
      readonly text?: string | undefined;
      /** The absolute path of a PEM file of authorities that are trusted beside the system's. */
      readonly ca?: string | undefined;
    }
  /** A name server, and the name whose address it is asked for. */
  | { readonly kind: 'dns'; readonly host: string; readonly port: number; readonly name: string };

const PORTS = { https: 443, dns: 53 } as const;

/** The text of a target, as the config has it: `tcp://10.0.0.1:443`. */
export function targetName(target: Target): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  switch (target.kind) {
    case 'ping':
      return `ping://${host}`;
    case 'tcp':
      return `tcp://${host}:${target.port}`;
    case 'https':
      return `https://${host}${target.port === PORTS.https ? '' : `:${target.port}`}${target.path}`;
    case 'dns':
      return `dns://${host}${target.port === PORTS.dns ? '' : `:${target.port}`}/${target.name}`;
  }
}

/** The port of a target that does not name one; `undefined`: it must name one. */
export function defaultPort(kind: 'tcp' | 'https' | 'dns'): number | undefined {
  return kind === 'tcp' ? undefined : PORTS[kind];
}
