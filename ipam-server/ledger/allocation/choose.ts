import type { Family, Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { quarantineOf } from '../addresses/quarantine.ts';
import { grow } from '../auto/grow.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import type { Released } from '../state/waiting.ts';
import type { Asking } from './asking.ts';
import { describe } from './attachment.ts';
import type { Choice } from './choice.ts';
import { allOf, type Offer } from './offer.ts';
import { describeMismatch, mismatch } from './pod-match.ts';
import { chooseWantedReserved } from './reserved.ts';
import type { Source } from './source.ts';

/**
 * The next address of the first range that has one, rested and in no quarantine. Once the node's own have none, one
 * more is made where a subnet makes ranges by itself, before shared ones are used.
 */
export function nextOf(ledger: Ledger, offer: Offer, now: number): Choice | undefined {
  return (
    nextIn(offer.sources, now) ??
    firstOf(offer.growing, (network) => grow(ledger, network, offer.node, now)) ??
    nextIn(offer.shared, now)
  );
}

function nextIn(sources: readonly Source[], now: number): Choice | undefined {
  return firstOf(sources, ({ network, pool }) => {
    const ip = pool.next(now, network);
    return ip && { network, range: pool.name, ip };
  });
}

function firstOf<Thing>(things: readonly Thing[], find: (thing: Thing) => Choice | undefined) {
  for (const thing of things) {
    const found = find(thing);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/**
 * The address that rests longest in any of the ranges, before its cooldown ends: an address too early is better
 * than a pod that does not start. One in quarantine is none: it would be two hosts that do not work.
 */
export function oldestOf(offer: Offer): Choice | undefined {
  let best: (Source & { readonly entry: Released }) | undefined;
  for (const { network, pool } of allOf(offer)) {
    const entry = pool.oldest;
    if (entry !== null && (best === undefined || entry.record.sequence < best.entry.record.sequence)) {
      best = { network, pool, entry };
    }
  }
  return best && { network: best.network, range: best.pool.name, ip: best.entry.ip };
}

/**
 * Why there is nothing to give.
 *
 * @param family the one without a free address; undefined when the node has no range of either
 */
export function exhausted(
  node: string,
  zone: string,
  family: Family | undefined,
  offer: Offer | undefined,
  now: number,
): Problem {
  const facts = { node, ...(family === undefined ? {} : { family }) };
  return new Problem('RANGE_EXHAUSTED', exhaustion(node, zone, family, offer, now), facts);
}

function exhaustion(
  node: string,
  zone: string,
  family: Family | undefined,
  offer: Offer | undefined,
  now: number,
): string {
  const sources = offer === undefined ? [] : allOf(offer);
  const besides = `${full(offer?.growing ?? [])}${forOthers(offer?.others ?? 0)}`;
  if (sources.length === 0) {
    const of = family === undefined ? '' : ` for ${family}`;
    return `node ${node} has no enabled range${of}, neither its own nor one shared in zone ${zone}${besides}`;
  }
  const told = sources.slice(0, 5).map(({ network, pool }) => {
    const quarantined = pool.quarantined(now, network);
    const also = quarantined === 0 ? '' : `, ${quarantined} in quarantine`;
    return `${pool.name} (${pool.allocated} of ${pool.total} in use${also})`;
  });
  const more = sources.length > told.length ? ` and ${sources.length - told.length} more` : '';
  return `node ${node} has no free ${family} address: range ${told.join(', ')}${more}${besides}`;
}

function full(growing: readonly Network[]): string {
  return growing.map(({ name }) => `; subnet ${name} has no block left to make a range of`).join('');
}

function forOthers(count: number): string {
  return count === 0 ? '' : `; ${count} of its ranges serve other pods only (their \`match\`)`;
}

/**
 * An address that the request names, if this node may give it and it is free.
 *
 * @throws Problem ADDRESS_NOT_GIVEN, ADDRESS_IN_USE, ADDRESS_WARM, ADDRESS_RESERVED, ADDRESS_COOLING,
 *   ADDRESS_QUARANTINED
 */
export function chooseWanted(ledger: Ledger, ip: Ip, asker: Asking, zone: string, now: number): Choice {
  const own = chooseWantedReserved(ledger, ip, asker, zone, now);
  if (own !== undefined) {
    return own;
  }
  checkReserved(ledger, ip);
  const source = sourceOf(ledger, ip, asker, zone);
  const owner = ledger.holders.ofAddress(ip.toString());
  if (owner !== undefined) {
    throw new Problem('ADDRESS_IN_USE', `${ip} belongs to ${describe(owner)}`, { address: ip.toString() });
  }
  checkClaim(ledger, ip, asker.node);
  const quarantine = quarantineOf(ledger, source.network, ip.toString(), now);
  if (quarantine !== null) {
    const detail = `${ip} is in quarantine until ${quarantine.until}: ${quarantine.why}`;
    throw new Problem('ADDRESS_QUARANTINED', detail, { address: ip.toString(), until: quarantine.until });
  }
  const { at = 0, attachment } = ledger.releasedAt(ip.toString())?.record ?? {};
  const until = at + source.network.cooldown;
  if (until > now) {
    throw new Problem('ADDRESS_COOLING', `${ip} rests until ${new Date(until).toISOString()}`, {
      address: ip.toString(),
      until: new Date(until).toISOString(),
      ...(attachment === undefined ? {} : { attachment }),
    });
  }
  return { network: source.network, range: source.pool.name, ip };
}

/** A reserved address is for its own pods; @throws Problem ADDRESS_RESERVED */
function checkReserved(ledger: Ledger, ip: Ip): void {
  const address = ip.toString();
  const by = ledger.claims.reservations.ofAddress(address);
  if (by !== undefined && ledger.holders.ofAddress(address) === undefined) {
    throw new Problem('ADDRESS_RESERVED', `${ip} is reservation ${by.name}’s`, { address });
  }
}

/** Whoever holds an address in reserve may give it himself; a node's own is nobody else's. */
function checkClaim(ledger: Ledger, ip: Ip, node: string): void {
  const address = ip.toString();
  const claim = ledger.claims.of(address);
  if (
    claim === undefined ||
    claim.by === 'reservation' ||
    (claim.by === 'warm' && claim.warm.node === node)
  ) {
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
  throw new Problem('ADDRESS_RESERVED', `${ip} is node ${claim.node}’s own`, { address });
}

function sourceOf(ledger: Ledger, ip: Ip, { node, pod }: Asking, zone: string): Source {
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
    if (owner !== undefined && owner !== node) {
      return `range ${pool.name} is node ${owner}’s own`;
    }
    const missed = pool.spec.match && mismatch(pool.spec.match, pod);
    return missed ? `range ${pool.name} is for other pods: ${describeMismatch(missed)}` : null;
  }
}
