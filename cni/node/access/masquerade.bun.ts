import type { Family } from '../../../core/address/ip.ts';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { readFile } from '../../../netlink/file.bun.ts';
import type { Statement } from '../../../netlink/message/nft-statement.ts';
import type { NatTable } from '../../../netlink/message/nft-table.ts';
import { Netfilter } from '../../../netlink/netfilter.bun.ts';
import { isOlder } from './kernel-release.ts';
import { hostCallers, hostSidePrefix } from './shim-identity.ts';

/** Where the rules are. */
const place = { name: 'realip', chain: 'postrouting' } as const;
const comments = ['pod to pod by the host', 'pod to pod by the host', 'pod to others by the host'] as const;

/**
 * Brings the replies of what a pod sent by its host, and the host translated (a ClusterIP), back by the host: else
 * the one who answers would speak to the pod directly, from an address that the pod never asked.
 *
 * Towards other pods of the node it is told from which address: the shim has none, and the kernel's masquerade would
 * take any of the host's (for IPv4 in the order of its interfaces, the one on `lo` first), where the pods have no route
 * to.
 *
 * It stands before 100, where kube-proxy has its own: the first chain that translates a connection decides.
 */
function table(): NatTable {
  const fromPod = { match: 'iifname', startsWith: hostSidePrefix } as const;
  const toPod = { match: 'oifname', startsWith: hostSidePrefix } as const;
  const dnat = { match: 'dnat' } as const;
  const toPodOf = (family: Family): Statement[] => [
    { match: 'family', is: family },
    fromPod,
    toPod,
    dnat,
    { act: 'snat', to: hostCallers[family] },
  ];
  return {
    ...place,
    priority: 99,
    rules: [
      { comment: comments[0], statements: toPodOf('ipv4') },
      { comment: comments[1], statements: toPodOf('ipv6') },
      { comment: comments[2], statements: [fromPod, dnat, { act: 'masquerade' }] },
    ],
  };
}

/** Says why the kernel would not make the rules, if it wouldn't; nothing is made. */
export function masqueradeFault(): string | undefined {
  try {
    within((netfilter) => netfilter.check(table()));
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Reports whether the rules are there. @throws NetlinkError */
export function isMasquerading(): boolean {
  return within(isThere);
}

/**
 * Makes the rules where any is missing, in a table of our own. Any number of processes may do this at once.
 *
 * @throws Problem MASQUERADE_IMPOSSIBLE
 */
export function ensureMasquerade(warn: (message: string) => void): void {
  try {
    within((netfilter) => {
      if (!isThere(netfilter)) {
        netfilter.replace(table());
        doubtKernel(warn);
      }
    });
  } catch (error) {
    const why = `the replies of translated connections can't be led back to pods: ${reasonOf(error)}`;
    throw new Problem('MASQUERADE_IMPOSSIBLE', why, {}, error);
  }
}

/** Takes the rules away. @returns whether there were any; @throws NetlinkError */
export function removeMasquerade(): boolean {
  return within((netfilter) => {
    const isAny = netfilter.comments(place).length > 0;
    if (isAny) {
      netfilter.drop(place);
    }
    return isAny;
  });
}

/** Before 5.7 `iifname` was empty after routing, so that the rules met nothing; some distributions took that back. */
function doubtKernel(warn: (message: string) => void): void {
  const release = String.fromCharCode(...readFile('/proc/sys/kernel/osrelease')).trim();
  if (isOlder(release, 5, 7)) {
    warn(`on Linux ${release} replies of services may not come back to pods: that needs 5.7`);
  }
}

function isThere(netfilter: Netfilter): boolean {
  return netfilter.comments(place).join() === comments.join();
}

function within<T>(act: (netfilter: Netfilter) => T): T {
  const netfilter = Netfilter.open();
  try {
    return act(netfilter);
  } finally {
    netfilter.close();
  }
}
