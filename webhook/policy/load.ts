import { reasonOf } from '../../core/problem/problem.ts';
import { type Finding, inOrder } from '../../document/finding.ts';
import { DocumentSource } from '../../document/source.ts';
import { checkMeaning } from './meaning.ts';
import { findOddities } from './oddity.ts';
import type { Policy, PolicyFile, Zone, ZoneDns } from './policy.ts';
import { checkShape } from './shape.ts';

export type Loaded =
  | { readonly ok: true; readonly policy: Policy; readonly warnings: readonly Finding[] }
  | { readonly ok: false; readonly errors: readonly Finding[] };

/** Reads a policy file: a policy whose every reference is resolved, or all that is wrong with it. */
export function loadPolicy(text: string): Loaded {
  let source: DocumentSource;
  let file: PolicyFile | Finding[];
  try {
    source = new DocumentSource(text);
    file = source.errors.length > 0 ? [...source.errors] : checkShape(source);
  } catch (error) {
    // yaml throws for aliases that multiply (the "billion laughs") and for thousands of nested brackets.
    const reason = `not readable as YAML: ${reasonOf(error)}`;
    return { ok: false, errors: [{ line: 1, column: 1, reason }] };
  }
  if (Array.isArray(file)) {
    return { ok: false, errors: inOrder(file) };
  }
  const errors = checkMeaning(file, source);
  if (errors.length > 0) {
    return { ok: false, errors: inOrder(errors) };
  }
  return { ok: true, policy: resolve(file), warnings: inOrder(findOddities(file, source)) };
}

function resolve(file: PolicyFile): Policy {
  const zones = new Map(Object.entries(file.zones).map(([name, zone]) => [name, zoneOf(name, zone)]));
  return {
    zones,
    rules: (file.rules ?? []).map((rule) => ({
      name: rule.name,
      match: { namespaces: rule.match?.namespaces ?? [], labels: rule.match?.labels ?? {} },
      zone: zones.get(rule.zone) ?? null,
    })),
    default: file.default === undefined ? null : (zones.get(file.default) ?? null),
  };
}

function zoneOf(name: string, zone: PolicyFile['zones'][string]): Zone {
  return {
    name,
    type: zone.type,
    nodeSelector: zone.nodeSelector ?? {},
    tolerations: zone.tolerations ?? [],
    ipResource: zone.ipResource ?? false,
    dns: dnsOf(zone.dns),
  };
}

function dnsOf(dns: PolicyFile['zones'][string]['dns']): ZoneDns {
  return dns?.policy === 'company'
    ? { policy: 'company', nameservers: dns.nameservers ?? [], search: dns.search ?? [] }
    : { policy: 'keep' };
}
