import { parseDuration } from '../../core/duration.ts';
import type { DnsFile, Policy, PolicyFile, Repair, RuleFile, Zone, ZoneDns, ZoneFile } from './policy.ts';
import { parentsFirst } from './zone-order.ts';

/** The policy that a checked file means: names resolved, inheritance done, absent fields filled. */
export function resolvePolicy(file: PolicyFile): Policy {
  const resolved = resolveZones(file.zones);
  // In the order of the file: that is how people see them listed.
  const zones = new Map(
    Object.keys(file.zones).flatMap((name) => {
      const zone = resolved.get(name);
      return zone === undefined ? [] : [[name, zone] as const];
    }),
  );
  const zoneNamed = (name: string | undefined) => (name === undefined ? null : (zones.get(name) ?? null));
  return {
    zones,
    rules: (file.rules ?? []).map((rule) => ({
      name: rule.name,
      match: {
        namespaces: rule.match?.namespaces ?? [],
        namespaceLabels: rule.match?.namespaceLabels ?? {},
        labels: rule.match?.labels ?? {},
        ownerKinds: rule.match?.ownerKinds ?? [],
        serviceAccounts: rule.match?.serviceAccounts ?? [],
      },
      zone: zoneOfRule(zoneNamed(rule.zone), rule),
    })),
    default: zoneNamed(file.default),
    repair: repairOf(file.repair),
  };
}

/** Every zone with all that it inherits; zones that hang on a loop or an unknown zone are left out. */
export function resolveZones(files: PolicyFile['zones']): Map<string, Zone> {
  const zones = new Map<string, Zone>();
  const byName = new Map(Object.entries(files));
  for (const name of parentsFirst(files).names) {
    const file = byName.get(name) ?? {};
    zones.set(name, zoneOf(name, file, zones.get(file.within ?? '')));
  }
  return zones;
}

function zoneOf(name: string, file: ZoneFile, parent: Zone | undefined): Zone {
  return {
    name,
    within: file.within ?? null,
    type: parent?.type ?? file.type ?? 'overlay',
    nodeSelector: { ...parent?.nodeSelector, ...file.nodeSelector },
    matchExpressions: [...(parent?.matchExpressions ?? []), ...(file.matchExpressions ?? [])],
    tolerations: [...(parent?.tolerations ?? []), ...(file.tolerations ?? [])],
    ipResource: file.ipResource ?? parent?.ipResource ?? false,
    dns: dnsOf(file.dns) ?? parent?.dns ?? { policy: 'keep' },
    fixedAddresses: allows(file.fixedAddresses) ?? parent?.fixedAddresses ?? true,
  };
}

/** The zone as one rule wants it: what the rule is silent about stays the zone's. */
function zoneOfRule(zone: Zone | null, rule: RuleFile): Zone | null {
  const { ipResource, dns, fixedAddresses } = rule;
  if (zone === null || (ipResource ?? dns ?? fixedAddresses) === undefined) {
    return zone;
  }
  return {
    ...zone,
    ipResource: ipResource ?? zone.ipResource,
    dns: dnsOf(dns) ?? zone.dns,
    fixedAddresses: allows(fixedAddresses) ?? zone.fixedAddresses,
  };
}

function dnsOf(dns: DnsFile | undefined): ZoneDns | undefined {
  if (dns === undefined || dns.policy === 'keep') {
    return dns && { policy: 'keep' };
  }
  return { policy: 'company', nameservers: dns.nameservers ?? [], search: dns.search ?? [] };
}

function allows(fixedAddresses: ZoneFile['fixedAddresses']): boolean | undefined {
  return fixedAddresses && fixedAddresses === 'allowed';
}

function repairOf(repair: PolicyFile['repair']): Repair {
  return {
    evict: repair?.evict ?? [],
    namespaces: repair?.namespaces ?? ['*'],
    afterMs: (parseDuration(repair?.after ?? '5m') ?? 300) * 1_000,
  };
}
