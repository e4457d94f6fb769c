import type { Log } from '../../log/log.ts';
import { failed, good, type Result } from '../../model/result.ts';
import type { IpsecNote } from '../../state/host-note.ts';
import type { Place } from '../../system/place.ts';
import { inParentheses } from '../../words/printable.ts';
import { change, ip } from './ip-command.ts';

/** A policy or an association of the kernel. */
interface Transform {
  readonly kind: 'policy' | 'state';
  /** The words that name it for ip-xfrm(8). */
  readonly id: readonly string[];
  /** The addresses between which its packets travel. */
  readonly ends: readonly string[];
}

/** Notes what a client whose tunnel is policies of the kernel may add to; `undefined`: it can't be read. Rejects with the reason of `signal`. */
export async function noteIpsec(place: Place, signal: AbortSignal): Promise<IpsecNote | undefined> {
  const transforms = await transformsOf(place, signal);
  const addresses = await addressesOf(place, signal);
  if (!transforms.ok || !addresses.ok) return undefined;
  return { transforms: transforms.value.map(inWords), addresses: [...addresses.value] };
}

/**
 * Removes the new policies and associations between this host and one of `gateways`, which would swallow packets to the inside, and the
 * new addresses for which they were: a gateway gives the client one, which is put on a device that is there already. Returns what failed.
 */
export async function removeIpsec(
  place: Place,
  log: Log,
  before: IpsecNote | undefined,
  gateways: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  if (before === undefined) return [];
  const found = await transformsOf(place, signal);
  if (!found.ok) return [`the IPsec policies can't be read${found.why}`];
  const left = found.value.filter(
    (each) => !before.transforms.includes(inWords(each)) && each.ends.some((end) => gateways.includes(end)),
  );
  if (left.length === 0) return [];
  const staying: string[] = [];
  const remove = async (what: string, args: readonly string[]) => {
    log.critical(`The ${what} was left by the client: removing it`);
    const changed = await change(place, args, signal);
    if (!changed.ok) staying.push(`the ${what} could not be removed${changed.why}`);
  };
  for (const each of left) await remove(`IPsec ${inWords(each)}`, ['xfrm', each.kind, 'delete', ...each.id]);
  const inside = new Set(left.filter(({ kind }) => kind === 'policy').flatMap(({ id }) => id));
  const addresses = await addressesOf(place, signal);
  if (!addresses.ok) return [...staying, `the addresses can't be read${addresses.why}`];
  for (const each of addresses.value.filter((each) => !before.addresses.includes(each))) {
    const [device = '', address = ''] = each.split(' ');
    if (inside.has(address)) {
      await remove(`address ${address} of ${device}`, ['address', 'del', address, 'dev', device]);
    }
  }
  return staying;
}

function inWords({ kind, id }: Transform): string {
  return `${kind} ${id.join(' ')}`;
}

/** The policies and associations. A line is `SELECTOR \ dir out ... \ tmpl src A dst B \ ...`, or `src A dst B \ proto esp spi 0x1 ... \ ...`. */
async function transformsOf(place: Place, signal: AbortSignal): Promise<Result<readonly Transform[]>> {
  const policies = await ip(place, ['-o', 'xfrm', 'policy', 'list'], signal);
  // Else their keys would be printed.
  const states = await ip(place, ['-o', 'xfrm', 'state', 'list', 'nokeys'], signal);
  for (const { code, output } of [policies, states]) if (code !== 0) return failed(inParentheses(output));
  return good([
    ...parts(policies.output).map(([selector = [], direction = [], ...more]): Transform => {
      const templates = more.filter(([word]) => word === 'tmpl').flat();
      return { kind: 'policy', id: [...selector, ...direction.slice(0, 2)], ends: templates };
    }),
    ...parts(states.output).map(([ends = [], protocol = []]): Transform => {
      return { kind: 'state', id: [...ends, ...protocol.slice(0, 4)], ends };
    }),
  ]);
}

/** The words of each line, part by part. */
function parts(output: string): string[][][] {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => line.split('\\').map((part) => part.trim().split(/\s+/)));
}

/** The addresses of devices: `eth0 10.99.0.1/32`. */
async function addressesOf(place: Place, signal: AbortSignal): Promise<Result<readonly string[]>> {
  const { code, output } = await ip(place, ['-o', 'address', 'show'], signal);
  if (code !== 0) return failed(inParentheses(output));
  const found = [...output.matchAll(/^\d+: +(\S+) +inet6? (\S+)/gm)];
  return good(found.map(([, device, address]) => `${device} ${address}`));
}
