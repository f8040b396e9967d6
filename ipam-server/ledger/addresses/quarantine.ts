import { defaultMacPrefix, Mac } from '../../../core/address/mac.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import type { Contested } from '../state/waiting.ts';

/** Why an address is in quarantine, and until when. */
export interface Quarantine {
  readonly why: string;
  /** ISO 8601 */
  readonly until: string;
}

/** Reports whether the time of a conflict is not over yet. */
export function isQuarantined(network: Network, { record }: Contested, now: number): boolean {
  return record.at + network.quarantine > now;
}

/**
 * The quarantine of an address, or null where there is none or its time is over. An address that has an owner
 * may have one: it begins to count when the owner goes.
 */
export function quarantineOf(
  ledger: Ledger,
  network: Network,
  address: string,
  now: number,
): Quarantine | null {
  const contested = ledger.contestedAt(address);
  if (contested === undefined || !isQuarantined(network, contested, now)) {
    return null;
  }
  return describeQuarantine(ledger, network, contested);
}

/** The quarantine that follows from a conflict. */
export function describeQuarantine(
  ledger: Ledger,
  network: Network,
  { ip, record }: Pick<Contested, 'ip' | 'record'>,
): Quarantine {
  const { at, node, mac } = record;
  const prefix = ledger.zones.get(network.spec.zone)?.spec.macPrefix ?? defaultMacPrefix;
  const isTwin = mac === Mac.derived(prefix, ip).toString();
  const twin = isTwin ? ', which is the address’s own MAC: a pod that had it before seems to live on' : '';
  return {
    why: `node ${node} saw it in use by ${mac}${twin}`,
    until: new Date(at + network.quarantine).toISOString(),
  };
}
