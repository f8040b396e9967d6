import { BlockList, isIP } from 'node:net';
import { Problem } from '../core/problem/problem.ts';

/** Where to listen: host and port as written in `host:port`. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const hostPort = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):([0-9]{1,5})$/;

/** `127.0.0.1:8080`, `[::1]:8080`, `:8080` (every address); @throws Problem FLAG_INVALID */
export function parseListen(text: string): ListenAddress {
  const [, bracketed, plain, digits] = hostPort.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new Problem('FLAG_INVALID', `"${text}" is not host:port, such as 127.0.0.1:8080`);
  }
  return { host: bracketed ?? (plain === undefined || plain === '' ? '::' : plain), port };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Reports whether only processes of this machine reach an address. */
export function isLoopback({ host }: ListenAddress): boolean {
  switch (isIP(host)) {
    case 4:
      return loopback.check(host, 'ipv4');
    case 6:
      // An IPv4 address in IPv6 form, such as ::ffff:127.0.0.1, is looked up as the IPv4 address.
      return loopback.check(host, 'ipv6');
    default:
      return host.toLowerCase() === 'localhost';
  }
}

/** The URL that an address is reached by, such as `https://[::1]:9443`. */
export function urlOf(scheme: 'http' | 'https', { host, port }: ListenAddress): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
