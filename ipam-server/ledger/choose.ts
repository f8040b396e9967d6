import type { Family, Ip } from '../../core/address/ip.ts';
import { Problem } from '../../core/problem/problem.ts';
import { describe } from './attachment.ts';
import type { Ledger } from './ledger.ts';
import type { Source } from './plan.ts';
import { quarantineOf } from './quarantine.ts';
import type { Released } from './waiting.ts';

/** An address that a request will get. */
export interface Choice extends Source {
  readonly ip: Ip;
}

/**
 * The next address of the first range that has one; when none has, the one that rests longest in any of them,
 * before its cooldown ends: an address too early is better than a pod that does not start. One in quarantine is
 * none: it would be two hosts that do not work.
 *
 * @throws Problem RANGE_EXHAUSTED
 */
export function chooseNext(sources: readonly Source[], now: number, node: string, family: Family): Choice {
  for (const { network, pool } of sources) {
    const ip = pool.next(now, network);
    if (ip !== undefined) {
      return { network, pool, ip };
    }
  }
  let best: (Source & { readonly entry: Released }) | undefined;
  for (const { network, pool } of sources) {
    const entry = pool.oldest;
    if (entry !== null && (best === undefined || entry.record.sequence < best.entry.record.sequence)) {
      best = { network, pool, entry };
    }
  }
  if (best === undefined) {
    throw new Problem('RANGE_EXHAUSTED', exhaustion(sources, now, node, family), { node, family });
  }
  return { network: best.network, pool: best.pool, ip: best.entry.ip };
}

function exhaustion(sources: readonly Source[], now: number, node: string, family: Family): string {
  if (sources.length === 0) {
    return `node ${node} has no enabled range for ${family}, neither its own nor one shared in its zone`;
  }
  const full = sources.slice(0, 5).map(({ network, pool }) => {
    const quarantined = pool.quarantined(now, network);
    const also = quarantined === 0 ? '' : `, ${quarantined} in quarantine`;
    return `${pool.name} (${pool.allocated} of ${pool.total} in use${also})`;
  });
  const more = sources.length > full.length ? ` and ${sources.length - full.length} more` : '';
  return `node ${node} has no free ${family} address: range ${full.join(', ')}${more}`;
}

/**
 * An address that the request names, if this node may give it and it is free.
 *
 * @throws Problem ADDRESS_NOT_GIVEN, ADDRESS_IN_USE, ADDRESS_WARM, ADDRESS_RESERVED, ADDRESS_COOLING,
 *   ADDRESS_QUARANTINED
 */
export function chooseWanted(ledger: Ledger, ip: Ip, node: string, zone: string, now: number): Choice {
  const source = sourceOf(ledger, ip, node, zone);
  const owner = ledger.holders.ofAddress(ip.toString());
  if (owner !== undefined) {
    throw new Problem('ADDRESS_IN_USE', `${ip} belongs to ${describe(owner)}`, { address: ip.toString() });
  }
  checkClaim(ledger, ip, node);
  const quarantine = quarantineOf(ledger, source.network, ip.toString(), now);
  if (quarantine !== null) {
    const detail = `${ip} is in quarantine until ${quarantine.until}: ${quarantine.why}`;
    throw new Problem('ADDRESS_QUARANTINED', detail, { address: ip.toString(), until: quarantine.until });
  }
  const until = (ledger.releasedAt(ip.toString())?.record.at ?? 0) + source.network.cooldown;
  if (until > now) {
    throw new Problem('ADDRESS_COOLING', `${ip} rests until ${new Date(until).toISOString()}`, {
      address: ip.toString(),
      until: new Date(until).toISOString(),
    });
  }
  return { ...source, ip };
}

/** Whoever holds an address in reserve may give it himself; a reserved one is for its own pods. */
function checkClaim(ledger: Ledger, ip: Ip, node: string): void {
  const address = ip.toString();
  const claim = ledger.claims.of(address);
  if (claim === undefined || (claim.by === 'warm' && claim.warm.node === node)) {
    return;
  }
  if (claim.by === 'warm') {
    const holder = claim.warm.node;
    const until = new Date(claim.warm.until).toISOString();
    throw new Problem('ADDRESS_WARM', `${ip} is in the reserve of node ${holder} until ${until}`, {
      address,
      node: holder,
      until,
    });
  }
  const why = claim.by === 'node' ? `node ${claim.node}’s own` : `reservation ${claim.name}’s`;
  throw new Problem('ADDRESS_RESERVED', `${ip} is ${why}`, { address });
}

function sourceOf(ledger: Ledger, ip: Ip, node: string, zone: string): Source {
  const network = ledger.networkOf(ip);
  const pool = network?.poolOf(ip);
  const reason = whyNotGiven();
  if (network === undefined || pool === undefined || reason !== null) {
    throw new Problem(
      'ADDRESS_NOT_GIVEN',
      `${ip} is not for node ${node}: ${reason ?? 'it is in no range'}`,
      {
        address: ip.toString(),
      },
    );
  }
  return { network, pool };

  function whyNotGiven(): string | null {
    if (network === undefined) {
      return 'it is in no subnet';
    }
    if (network.spec.zone !== zone) {
      return `subnet ${network.name} is of zone ${network.spec.zone}, the node of zone ${zone}`;
    }
    const never = network.whyNever(ip);
    if (never !== null || pool === undefined) {
      return never;
    }
    if (pool.isDisabled) {
      return `range ${pool.name} is disabled`;
    }
    const { node: owner } = pool.spec;
    return owner === undefined || owner === node ? null : `range ${pool.name} is node ${owner}’s own`;
  }
}
