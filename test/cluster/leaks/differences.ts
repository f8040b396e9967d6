import { Ip } from '../../../core/address/ip.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { leftovers } from './leftovers.ts';
import type { Picture, SeenAllocation, SeenNode, SeenPod } from './picture.ts';

/**
 * Where API server, ledger and kernels tell different stories, each difference in words; none where they agree.
 * Addresses that rest, are reserved or kept warm are nobody's, and right so.
 */
export function differencesIn(picture: Picture): string[] {
  const nets = picture.subnets.map((text) => Prefix.parseNetwork(text));
  const isReal = (address: string) => nets.some((net) => net.contains(Ip.parse(address)));
  const pods = picture.pods.filter(
    ({ node, hostNetwork, phase }) =>
      node !== undefined && picture.realNodes.includes(node) && !hostNetwork && phase !== 'over',
  );
  const underWay = pods.filter(({ phase, addresses }) => phase !== 'running' || addresses.length === 0);
  return [
    ...underWay.map(({ name, node, phase }) => `the pod ${name} on ${node} is ${phase}`),
    ...pods.filter((pod) => !underWay.includes(pod)).flatMap((pod) => missing(pod, picture)),
    ...sharedAddresses(pods),
    ...unknownAllocations(pods, picture),
    ...states(picture),
    ...picture.nodes.flatMap((node) => leftovers(node, pods, isReal)),
  ];
}

/** What a running pod lacks in ledger and kernel. */
function missing(pod: SeenPod, { allocations, nodes }: Picture): string[] {
  return pod.addresses.flatMap((address) => {
    const whose = `${address} of the pod ${pod.name}`;
    const held = allocations.filter(({ addresses }) => addresses.includes(address));
    const homes = nodes.flatMap((node) => homesOf(address, node));
    const node = nodes.find(({ name }) => name === pod.node);
    return [
      ...inLedger(whose, pod, held),
      ...(node === undefined ? [] : inNamespace(whose, node, homes, held[0]?.mac)),
      ...(node === undefined ? [] : waysTo(whose, address, node, homes[0]?.mac)),
    ];
  });
}

function inLedger(whose: string, pod: SeenPod, held: readonly SeenAllocation[]): string[] {
  const [allocation] = held;
  if (held.length !== 1) {
    return [`the ledger has ${whose} ${held.length} times`];
  }
  return allocation?.node === pod.node && (allocation?.pod ?? pod.name) === pod.name
    ? []
    : [`the ledger gives ${whose} to ${allocation?.pod} on ${allocation?.node}`];
}

function inNamespace(
  whose: string,
  node: SeenNode,
  homes: readonly Home[],
  mac: string | undefined,
): string[] {
  const [home] = homes;
  if (home === undefined || homes.length > 1) {
    return [`${whose} is in ${homes.length} network namespaces ${told(homes)}`.trimEnd()];
  }
  if (home.node !== node.name) {
    return [`${whose}, which is to be on ${node.name}, is on ${home.node}`];
  }
  return mac === undefined || mac === home.mac
    ? []
    : [`${whose} has the MAC ${home.mac}, and in the ledger ${mac}`];
}

/** What leads a node to its pod. */
function waysTo(whose: string, address: string, node: SeenNode, mac: string | undefined): string[] {
  const ways = [
    ['route', node.routes],
    ['permanent neighbour', node.neighbours],
  ] as const;
  return ways.flatMap(([what, entries]) => {
    const found = entries.filter((entry) => entry.address === address);
    const astray = found.filter((entry) => mac !== undefined && entry.mac !== undefined && entry.mac !== mac);
    return [
      ...(found.length === 1 ? [] : [`${node.name} has ${found.length} times a ${what} for ${whose}`]),
      ...astray.map((entry) => `${node.name} looks for ${whose} at ${entry.mac}, and it is at ${mac}`),
    ];
  });
}

interface Home {
  readonly node: string;
  readonly namespace: string;
  readonly mac: string;
}

/** Where a node has an address outside of its own network namespace. */
function homesOf(address: string, { name, namespaces }: SeenNode): Home[] {
  return namespaces.flatMap(({ name: namespace, links }) =>
    links
      .filter(({ addresses }) => addresses.includes(address))
      .map(({ mac }) => ({ node: name, namespace, mac })),
  );
}

function told(homes: readonly Home[]): string {
  return homes.map(({ node, namespace }) => `${namespace} on ${node}`).join(', ');
}

function sharedAddresses(pods: readonly SeenPod[]): string[] {
  return pods.flatMap(({ name, addresses }, index) =>
    pods
      .slice(index + 1)
      .filter((other) => other.addresses.some((address) => addresses.includes(address)))
      .map((other) => `the pods ${name} and ${other.name} both have ${addresses}`),
  );
}

function unknownAllocations(pods: readonly SeenPod[], { allocations }: Picture): string[] {
  return allocations.flatMap((allocation) =>
    allocation.addresses
      .filter(
        (address) => !pods.some((pod) => pod.node === allocation.node && pod.addresses.includes(address)),
      )
      .map((address) => {
        const { pod = 'nobody', node, containerId } = allocation;
        return `the ledger holds ${address} for ${pod} on ${node} (${containerId}): no such pod has it`;
      }),
  );
}

/** The ledger must agree with itself, and have heard of nobody else with one of its addresses. */
function states({ states, allocations }: Picture): string[] {
  const held = new Set(allocations.flatMap(({ addresses }) => addresses));
  return states.flatMap(({ address, state }) => {
    if (state === 'quarantined') {
      return [`${address} is in quarantine`];
    }
    const isOdd = (state === 'allocated') !== held.has(address);
    return isOdd
      ? [
          `${address} is ${state} by the ledger’s map, and ${held.has(address) ? '' : 'not '}allocated by its list`,
        ]
      : [];
  });
}
