import { where } from '../../document/shape.ts';
import type { Path } from '../../document/source.ts';
import type { Report } from './field-meaning.ts';
import type { DnsFile, Policy, PolicyFile, Toleration, Zone } from './policy.ts';

export function findZoneOddities(file: PolicyFile, policy: Policy, report: Report): void {
  const used = usedZones(policy);
  const files = new Map(Object.entries(file.zones));
  for (const [name, zone] of policy.zones) {
    const path = ['zones', name];
    const ownFile = files.get(name);
    const { nodeSelector, matchExpressions } = zone;
    if (Object.keys(nodeSelector).length === 0 && matchExpressions.length === 0) {
      report.atKey(path, `zone "${name}" has no nodeSelector: its pods may land on any node`);
    }
    findDnsOddities(ownFile?.dns, [...path, 'dns'], report);
    if (zone.type === 'overlay' && ownFile?.ipResource === true) {
      report.at([...path, 'ipResource'], overlayResource(`zone "${name}"`));
    }
    // What a part inherits is told of the whole.
    if (zone.within === null && zone.type === 'macvlan' && !zone.tolerations.some(passesTaints)) {
      report.atKey(
        path,
        `zone "${name}" tolerates no taint, so its nodes can't have one, and nothing keeps pods off them that the webhook did not see`,
      );
    }
    if (used !== null && zone.within === null && !used.has(name)) {
      report.atKey(
        path,
        `zone "${name}" is used by no rule, default or other zone: only pods and namespaces that name it get there`,
      );
    }
  }
}

export function overlayResource(what: string): string {
  return `${what} is overlay, whose nodes offer no realip.io/ip: with ipResource its pods stay Pending`;
}

export function findDnsOddities(dns: DnsFile | undefined, path: Path, report: Report): void {
  if (dns?.policy === 'keep' && (dns.nameservers ?? dns.search) !== undefined) {
    report.at(path, `${where(path)}: nameservers and search count only with policy company`);
  }
}

/** PreferNoSchedule keeps nobody off, so tolerating it says nothing of a taint that does. */
function passesTaints({ effect }: Toleration): boolean {
  return effect !== 'PreferNoSchedule';
}

/** The zones that rules and default lead to, and all that these are within; null where they lead nowhere. */
function usedZones({ zones, rules, default: fallback }: Policy): Set<string> | null {
  const used = new Set<string>();
  const mark = (zone: Zone | null | undefined) => {
    for (let at = zone; at && !used.has(at.name); at = zones.get(at.within ?? '')) {
      used.add(at.name);
    }
  };
  mark(fallback);
  for (const { zone } of rules) {
    mark(zone);
  }
  // A policy that steers nothing by itself is there for pods and namespaces that name their zones.
  if (used.size === 0) {
    return null;
  }
  for (const { within } of zones.values()) {
    mark(zones.get(within ?? ''));
  }
  return used;
}
