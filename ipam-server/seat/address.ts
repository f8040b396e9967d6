import { networkInterfaces } from 'node:os';
import { type ListenAddress, urlOf } from '../../service/listen.ts';

const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * Where other servers reach this one when nobody says so: where it listens, and for a server that listens on every
 * address this machine's first one that others could reach.
 */
export function ownUrl(
  scheme: 'http' | 'https',
  { host, port }: ListenAddress,
  interfaces = networkInterfaces(),
): string {
  if (!wildcards.has(host)) {
    return urlOf(scheme, { host, port });
  }
  const addresses = Object.values(interfaces)
    .flatMap((each) => each ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  const first = addresses.find(({ family }) => family === 'IPv4') ?? addresses[0];
  return urlOf(scheme, { host: first?.address ?? '127.0.0.1', port });
}
