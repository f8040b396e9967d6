import { Ip } from '../../../core/address/ip.ts';
import type { HeldWarm } from '../../../schema/reserve.ts';
import type { Decision } from '../decision.ts';
import { recalls } from '../edits/recall.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import type { WarmRecord, Write } from '../state/record.ts';
import { nodesIn, type Portion, sharedLimit } from './scarcity.ts';

/** Milliseconds for which the node may give an address, since it was last told so. */
export const keptFor = 24 * 3_600_000;

/** Not at each call, so that a quiet reserve costs the store an address an hour. */
const renewedWithin = keptFor - 3_600_000;

/** The reserve as its node tells of it. */
export interface Told {
  readonly node: string;
  readonly zone: string;
  /** By address in canonical form. */
  readonly hold: ReadonlyMap<string, HeldWarm>;
  /** Milliseconds since 1970: of what was granted later the node does not know yet. */
  readonly asOf: number | undefined;
}

/**
 * Goes through a reserve: what its node does not hold any more is free again, as it was before; what the node may
 * not keep is called back; what it may is prolonged.
 *
 * @returns the addresses that the node is to let go
 */
export function review(
  ledger: Ledger,
  told: Told,
  portions: readonly Portion[],
  now: number,
): Decision<string[]> {
  const { node, hold } = told;
  const letGo: Write[] = [];
  const kept = new Map<string, WarmRecord>();
  for (const name of ledger.claims.warmOf(node)) {
    const warm = ledger.claims.warm(name);
    const isUnseen = told.asOf !== undefined && warm !== undefined && warm.at > told.asOf;
    if (warm !== undefined && (hold.has(name) || isUnseen)) {
      kept.set(name, warm);
    } else {
      letGo.push({ kind: 'warm', name, record: null });
    }
  }
  const unfit = unfitOf(ledger, told, kept, portions, now);
  const strangers = [...hold.keys()].filter(
    (address) => !kept.has(address) && hold.get(address)?.state !== 'conflict',
  );
  const prolonged = [...kept].flatMap(([name, warm]): Write[] =>
    unfit.has(name) || warm.until - now > renewedWithin
      ? []
      : [{ kind: 'warm', name, record: { ...warm, until: now + keptFor } }],
  );
  return {
    writes: [...letGo, ...recalls(ledger, unfit), ...prolonged],
    answer: [...unfit, ...strangers],
  };
}

/** What the node holds and may not keep: called back, no longer its to give, or more than its part. */
function unfitOf(
  ledger: Ledger,
  { zone }: Told,
  kept: ReadonlyMap<string, WarmRecord>,
  portions: readonly Portion[],
  now: number,
): Set<string> {
  const unfit = new Set<string>();
  const shared = new Map<Network, string[]>();
  const byNetwork = new Map(portions.map((portion) => [portion.network, portion]));
  for (const [address, { recalled }] of kept) {
    const ip = Ip.parse(address);
    const network = ledger.networkOf(ip);
    const portion = network && byNetwork.get(network);
    const pool = network?.poolOf(ip);
    const isOwn = portion?.own.some((source) => source.pool === pool) === true;
    const isShared = portion?.shared.some((source) => source.pool === pool) === true;
    const isReserved = ledger.claims.reservations.ofAddress(address) !== undefined;
    if (recalled === true || isReserved || !(isOwn || isShared) || pool?.gives(ip) !== true) {
      unfit.add(address);
    } else if (network !== undefined && isShared) {
      shared.set(network, [...(shared.get(network) ?? []), address]);
    }
  }
  const nodes = shared.size === 0 ? 1 : nodesIn(ledger, zone);
  for (const [network, addresses] of shared) {
    const portion = byNetwork.get(network);
    const limit = portion === undefined ? 0 : sharedLimit(portion, nodes, now);
    // The newest first: they are the least probed.
    const byAge = addresses.sort((a, b) => (kept.get(a)?.at ?? 0) - (kept.get(b)?.at ?? 0));
    for (const address of byAge.slice(limit)) {
      unfit.add(address);
    }
  }
  return unfit;
}
