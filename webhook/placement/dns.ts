import { mostNameservers, mostSearches } from '../policy/dns-limits.ts';
import type { Pod } from '../policy/pod.ts';
import type { Zone } from '../policy/policy.ts';
import type { Change } from './change.ts';

/**
 * The company's DNS in place of the cluster's. Only where the pod would use the cluster's (any other
 * dnsPolicy is a choice of its author), and in front of the pod's own entries, which all stay, as do its
 * options. Entries of the company that no longer fit beside the pod's own are left out.
 */
export function dnsChanges(pod: Pod, { dns }: Zone): Change[] {
  const { dnsPolicy, dnsConfig } = pod.spec;
  if (dns.policy !== 'company' || (dnsPolicy || 'ClusterFirst') !== 'ClusterFirst') {
    return [];
  }
  return [
    { path: ['spec', 'dnsPolicy'], value: 'None' },
    ...inFront('nameservers', dns.nameservers, dnsConfig?.nameservers ?? [], mostNameservers),
    ...inFront('searches', dns.search, dnsConfig?.searches ?? [], mostSearches),
  ];
}

function inFront(field: string, entries: readonly string[], own: readonly string[], most: number): Change[] {
  return [...new Set(entries)]
    .filter((entry) => !own.includes(entry))
    .slice(0, Math.max(0, most - own.length))
    .map((value, index) => ({ path: ['spec', 'dnsConfig', field, index], value }));
}
