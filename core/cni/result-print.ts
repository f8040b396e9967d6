import type { CniResult, CniRoute } from './result.ts';
import { atLeast, type CniVersion } from './version.ts';

/** Reports whether an address or prefix is written as IPv6. */
export function isIpv6Text(text: string): boolean {
  return text.includes(':');
}

/**
 * A result as the given version of the specification writes it, ready for JSON. What a version has no room for is
 * left out: 0.1 and 0.2 know one address a family and no interfaces, those below 1.1 no MTU.
 */
export function printResult(result: CniResult, version: CniVersion): object {
  if (!atLeast(version, '0.3.0')) {
    return printAncient(result, version);
  }
  const newest = atLeast(version, '1.1.0');
  const interfaces = result.interfaces.map(({ name, mac, sandbox, ...rest }) => ({
    name,
    mac,
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(newest ? rest : {}),
  }));
  return {
    cniVersion: version,
    // An IPAM plugin's result has none.
    ...(interfaces.length > 0 && { interfaces }),
    ips: result.ips.map((ip) => ({
      ...(atLeast(version, '1.0.0') ? {} : { version: isIpv6Text(ip.address) ? '6' : '4' }),
      ...ip,
    })),
    routes: result.routes.map((route) => (newest ? route : plainRoute(route))),
    dns: result.dns,
  };
}

function plainRoute({ dst, gw }: CniRoute): CniRoute {
  return { dst, ...(gw === undefined ? {} : { gw }) };
}

/** 0.1.0 and 0.2.0: `ip4` and `ip6`, each with its own routes. */
function printAncient(result: CniResult, version: CniVersion): object {
  const family = (six: boolean) => {
    const first = result.ips.find((ip) => isIpv6Text(ip.address) === six);
    return (
      first && {
        ip: first.address,
        ...(first.gateway === undefined ? {} : { gateway: first.gateway }),
        routes: result.routes.filter((route) => isIpv6Text(route.dst) === six).map(plainRoute),
      }
    );
  };
  const [ip4, ip6] = [family(false), family(true)];
  return { cniVersion: version, ...(ip4 && { ip4 }), ...(ip6 && { ip6 }), dns: result.dns };
}
