import { type Family, Ip } from '../../core/address/ip.ts';
import { concat, text, u16, u16BigEndian, u32 } from '../../netlink/message/octets.ts';
import type { HttpRequest } from './http.ts';

/** Where a plain HTTP server is: at a numeric address, or at a Unix socket. */
export interface Place {
  /** As the URL has it, for the field Host: `10.9.0.5:8080`. */
  readonly authority: string;
  /** AF_* of the socket. */
  readonly domain: number;
  /** `struct sockaddr_in`, `sockaddr_in6` or `sockaddr_un`. */
  readonly address: Uint8Array;
  /** What a connection to it is kept under. */
  readonly key: string;
  readonly isLocal: boolean;
}

/** Of `struct sockaddr_un`, without the closing zero (unix(7)). */
export const longestSocketPath = 107;

const scheme = 'http://';
const [AF_UNIX, AF_INET, AF_INET6] = [1, 2, 10];

/** The server of a request; undefined for HTTPS, and for a name, which somebody else must look up. */
export function placeOf({ url, socket }: Pick<HttpRequest, 'url' | 'socket'>): Place | undefined {
  if (!url.startsWith(scheme)) {
    return undefined;
  }
  const slash = url.indexOf('/', scheme.length);
  const authority = url.slice(scheme.length, slash < 0 ? undefined : slash);
  if (socket !== undefined) {
    const address = concat([u16(AF_UNIX), text(socket)]);
    return { authority, domain: AF_UNIX, address, key: `unix:${socket}`, isLocal: true };
  }
  const [host, port] = split(authority);
  if (port === undefined || host === undefined) {
    return undefined;
  }
  const octets = host.toBytes();
  const common = { authority, key: authority, isLocal: false };
  return host.family === 'ipv4'
    ? {
        ...common,
        domain: AF_INET,
        address: concat([u16(AF_INET), u16BigEndian(port), octets, u32(0), u32(0)]),
      }
    : {
        ...common,
        domain: AF_INET6,
        address: concat([u16(AF_INET6), u16BigEndian(port), u32(0), octets, u32(0)]),
      };
}

/** `10.9.0.5:8080`, `[fd00::5]`: address and port. */
function split(authority: string): [host: Ip | undefined, port: number | undefined] {
  if (authority.startsWith('[')) {
    const end = authority.indexOf(']');
    return end < 0
      ? [undefined, undefined]
      : [addressOf(authority.slice(1, end), 'ipv6'), portOf(authority.slice(end + 1))];
  }
  const colon = authority.indexOf(':');
  const host = colon < 0 ? authority : authority.slice(0, colon);
  // A name ends in a letter, mostly; a look spares the cost of an exception.
  return [endsInDigit(host) ? addressOf(host, 'ipv4') : undefined, portOf(authority.slice(host.length))];
}

function addressOf(text: string, family: Family): Ip | undefined {
  try {
    const ip = Ip.parse(text);
    return ip.family === family ? ip : undefined;
  } catch {
    return undefined;
  }
}

function endsInDigit(text: string): boolean {
  const last = text[text.length - 1] ?? '';
  return last >= '0' && last <= '9';
}

/** @param text `:8080`, or '' for HTTP's own */
function portOf(text: string): number | undefined {
  if (text === '') {
    return 80;
  }
  const port = Number(text.slice(1));
  const isPlain = text.startsWith(':') && String(port) === text.slice(1);
  return isPlain && port > 0 && port < 65_536 ? port : undefined;
}
