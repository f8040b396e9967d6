import type { SeenLink, SeenNode, SeenPod } from './picture.ts';

/** What a node's kernel has that belongs to none of its pods. */
export function leftovers(
  node: SeenNode,
  pods: readonly SeenPod[],
  isReal: (address: string) => boolean,
): string[] {
  const rightful = new Set(
    pods.filter((pod) => pod.node === node.name).flatMap(({ addresses }) => addresses),
  );
  const isStray = (address: string) => isReal(address) && !rightful.has(address);
  const entries = [
    ['a route', node.routes],
    ['a permanent neighbour', node.neighbours],
    ['a proxy entry', node.proxies],
  ] as const;
  return [
    ...entries.flatMap(([what, found]) =>
      found
        .filter(({ address }) => isStray(address))
        .map(
          ({ address, device }) => `${node.name} has ${what} for ${address} by ${device}, which no pod has`,
        ),
    ),
    ...strayLinks(node).map(({ name, kind }) => `${node.name} has a ${kind} ${name} that serves no pod`),
    ...node.namespaces.flatMap(({ name, links }) =>
      links.flatMap((link) => strayInterface(`${node.name} in ${name}`, link, isStray)),
    ),
  ];
}

/** One shim serves all pods of a master; a pair serves the pod whose route leads by it. */
function strayLinks({ links, routes }: SeenNode): SeenLink[] {
  const isUsed = ({ name }: SeenLink) => routes.some(({ device }) => device === name);
  const shims = links.filter(({ kind, name }) => kind === 'macvlan' && /^realip\d+$/.test(name));
  const shim = shims.find(isUsed) ?? shims[0];
  return links.filter(
    (link) =>
      (link.kind === 'macvlan' && link !== shim) ||
      (link.kind === 'veth' && link.name.startsWith('realip') && !isUsed(link)),
  );
}

/** A pod's interface without any address was begun and never ended, or forgotten. */
function strayInterface(place: string, link: SeenLink, isStray: (address: string) => boolean): string[] {
  const { name, kind, addresses } = link;
  if (kind === 'macvlan' && addresses.length === 0) {
    return [`${place}: the interface ${name} has no address`];
  }
  return addresses.filter(isStray).map((address) => `${place}: ${name} has ${address}, which no pod has`);
}
