import type { Link } from '../../netlink/message/link.ts';
import { isMasquerading } from './access/masquerade.bun.ts';
import { dataplaneOf, hostAccessOf } from './choice.bun.ts';
import type { Plan } from './plan.ts';
import { layingFaults } from './pod/laying.bun.ts';
import type { KernelPod } from './pod/pod.bun.ts';
import type { Site } from './site.bun.ts';

/**
 * Holds a plan against the kernel, for CHECK. What is there beyond the plan is no fault: plugins later in the chain
 * add to it.
 */
export function inspect(site: Site, plan: Plan): string[] {
  const { pod } = site;
  const link = pod.findLink(plan.ifname);
  if (link === undefined) {
    return [`the interface ${plan.ifname} is gone`];
  }
  return [
    ...linkFaults(site, link, plan),
    ...addressFaults(pod, link, plan),
    ...layingFaults(pod, link, plan),
    ...(plan.host === undefined ? [] : hostAccessOf(plan.host).faults(site, link, plan)),
    ...(plan.forwards.length === 0 || isMasquerading()
      ? []
      : ['the host’s rules that lead translated connections back to pods are gone']),
  ];
}

function linkFaults(site: Site, link: Link, plan: Plan): string[] {
  const faults = [
    ...dataplaneOf(plan).faults(site, link, plan),
    !link.mac?.equals(plan.mac) && `has the MAC ${link.mac} and not ${plan.mac}`,
    link.mtu !== plan.mtu && `has the MTU ${link.mtu} and not ${plan.mtu}`,
    !link.up && 'is down',
  ];
  return faults.filter((fault) => fault !== false).map((fault) => `${link.name} ${fault}`);
}

function addressFaults(pod: KernelPod, link: Link, plan: Plan): string[] {
  const found = pod.netlink.addresses.list({ link });
  return plan.ips.flatMap((ip) => {
    const address = found.find(({ prefix }) => prefix.toString() === ip.toString());
    if (address === undefined) {
      return [`${link.name} has no address ${ip}`];
    }
    return address.flags.includes('dadfailed') ? [`another host on the network uses ${ip}`] : [];
  });
}
