import type { Ip } from '../../core/address/ip.ts';
import { Range } from '../../core/address/range.ts';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { Link } from '../../netlink/message/link.ts';
import { Netlink } from '../../netlink/netlink.bun.ts';
import { defaultDevice } from '../node/default-device.bun.ts';
import { printLine, printOutput } from '../plugin/streams.bun.ts';
import type { Claim } from '../probe/claim.ts';
import { probeBy } from '../probe/prober.bun.ts';

export interface SweepFlags {
  readonly range: string;
  readonly master?: string;
  readonly output: 'text' | 'json';
}

/** Addresses that are asked for at once: a broadcast each, thrice, which a switch takes easily. */
const atOnce = 64;

/** A /16 takes two minutes; more is rather a mistake in the range. */
const most = 65_536n;

/**
 * Asks the network of an interface who has the addresses of a range, by ARP or neighbour discovery, and prints each
 * that answers with its MAC. The questions are probes, from which nobody learns anything.
 *
 * @returns the exit status: 1 when it could not ask
 */
export function sweep({ range, master, output }: SweepFlags): number {
  try {
    const found = sweepBy(linkOf(master), addressesOf(Range.parse(range)));
    if (output === 'json') {
      printOutput(JSON.stringify(found));
    } else if (found.length > 0) {
      printOutput(found.map(({ ip, mac }) => `${ip} ${mac}`).join('\n'));
    }
    return 0;
  } catch (error) {
    printLine(`realip sweep: ${reasonOf(error)}`);
    return 1;
  }
}

function sweepBy({ name, index, mac }: Link, ips: readonly Ip[]): Claim[] {
  if (mac === undefined) {
    throw new Problem('INVALID_NETWORK_CONFIG', `${name} is no Ethernet interface`);
  }
  const found: Claim[] = [];
  for (let at = 0; at < ips.length; at += atOnce) {
    let rest = ips.slice(at, at + atOnce);
    // A round ends soon after the first answer, because a pod would wait for it: until one ends without.
    for (let isAnswered = true; isAnswered && rest.length > 0; ) {
      const claims = probeBy([{ index, mac, askersFor: () => ['nobody'] }], rest);
      found.push(...claims);
      rest = rest.filter((ip) => !claims.some((claim) => claim.ip.equals(ip)));
      isAnswered = claims.length > 0;
    }
  }
  return found.sort((a, b) => a.ip.compare(b.ip));
}

function linkOf(master: string | undefined): Link {
  const host = Netlink.open();
  try {
    const link = master === undefined ? defaultDevice(host) : host.links.find(master);
    if (link === undefined) {
      const words =
        master === undefined ? 'there is no default route: name --master' : `there is no ${master}`;
      throw new Problem('INVALID_NETWORK_CONFIG', words);
    }
    if (!link.up || !link.carrier || link.flags.includes('loopback')) {
      const state = link.up && link.carrier ? 'the loopback interface' : 'down or without carrier';
      throw new Problem('INVALID_NETWORK_CONFIG', `${link.name} is ${state}, and hears nobody`);
    }
    return link;
  } finally {
    host.close();
  }
}

function addressesOf(range: Range): Ip[] {
  if (range.size > most) {
    throw new Problem('INVALID_RANGE', `${range} holds more than ${most} addresses: sweep a part of it`);
  }
  return Array.from({ length: Number(range.size) }, (_, n) => range.first.plus(BigInt(n)));
}
