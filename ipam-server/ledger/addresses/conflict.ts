import type { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { AddressReport, ConflictReport } from '../../../schema/address.ts';
import { endOf } from '../allocation/release.ts';
import type { Decision, Moment } from '../decision.ts';
import { nextSequence } from '../edits/edit.ts';
import { zoneOf } from '../nodes/agent.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import { type AllocationRecord, attachmentName, type Write } from '../state/record.ts';
import { networkIn, reportAddress, reportHeld } from './address-report.ts';
import { describeQuarantine } from './quarantine.ts';

/** Who may report what: without a bound, anything. */
export interface ConflictBounds {
  /** Only addresses that this node has or could be given. */
  readonly node?: string;
}

/** What a report came to. */
export interface Conflict {
  /** The address from now on. */
  readonly report: AddressReport;
  /** Whether the report put it into quarantine; one that was there already begins anew. */
  readonly isQuarantinedNow: boolean;
}

/**
 * Takes in that somebody else was seen to use an address. One that nobody has, or that the reporting attachment
 * has, is quarantined from now on; that attachment’s allocation ends, and its next request gets another address.
 * An address that another attachment has stays with it, marked: which of two live holders is right the ledger
 * cannot know, and one node’s word must not take another’s address. It is quarantined when its owner goes.
 * One in a reserve leaves it. Addresses that nobody is ever given, and nodes’ own, stay as they are.
 *
 * @throws Problem ADDRESS_OUTSIDE_SUBNETS, INVALID_REQUEST, NODE_UNKNOWN, ROLE_INSUFFICIENT
 */
export function takeConflict(
  ledger: Ledger,
  ip: Ip,
  report: ConflictReport,
  bounds: ConflictBounds,
  { now }: Pick<Moment, 'now'>,
): Decision<Conflict> {
  const before = reportAddress(ledger, ip, now);
  const address = ip.toString();
  const attachment = attachmentIn(report);
  const network = networkIn(ledger, ip);
  const holder = ledger.holders.ofAddress(address);
  if (bounds.node !== undefined) {
    checkReach(ledger, ip, network, holder, bounds.node);
  }
  if (network.whyNever(ip) !== null || ledger.claims.of(address)?.by === 'node') {
    return { writes: [], answer: { report: before, isQuarantinedNow: false } };
  }
  const isReporters =
    holder !== undefined && holder.node === report.node && attachmentName(holder) === attachment;
  const writes: Write[] = isReporters
    ? endOf(ledger, holder, now).filter(({ name }) => name !== address)
    : [nextSequence(ledger).write];
  if (ledger.releasedAt(address) !== undefined) {
    writes.push({ kind: 'released', name: address, record: null });
  }
  if (ledger.claims.warm(address) !== undefined) {
    writes.push({ kind: 'warm', name: address, record: null });
  }
  const mac = Mac.parse(report.mac).toString();
  const record = { at: now, sequence: ledger.sequence + 1, node: report.node, mac };
  writes.push({ kind: 'conflict', name: address, record });
  const quarantine = describeQuarantine(ledger, network, { ip, record });
  if (holder !== undefined && !isReporters) {
    const answer = { report: reportHeld(address, holder, quarantine), isQuarantinedNow: false };
    return { writes, answer };
  }
  const isQuarantinedNow = before.state !== 'quarantined';
  return { writes, answer: { report: { address, state: 'quarantined', ...quarantine }, isQuarantinedNow } };
}

/** The reporting attachment’s name; @throws Problem INVALID_REQUEST when only a part of it is there */
function attachmentIn({ network, containerId, ifname }: ConflictReport): string | undefined {
  if (network !== undefined && containerId !== undefined && ifname !== undefined) {
    return attachmentName({ network, containerId, ifname });
  }
  if (network !== undefined || containerId !== undefined || ifname !== undefined) {
    const detail = 'body: network, containerId and ifname name an attachment together: give all or none';
    throw new Problem('INVALID_REQUEST', detail);
  }
  return undefined;
}

/** A node’s word counts for what it has or could be given: it could hold those addresses back anyway. */
function checkReach(
  ledger: Ledger,
  ip: Ip,
  network: Network,
  holder: AllocationRecord | undefined,
  node: string,
): void {
  if (holder?.node === node) {
    return;
  }
  const zone = zoneOf(ledger, node);
  const owner = network.poolOf(ip)?.spec.node;
  if (network.spec.zone !== zone) {
    const detail = `${ip} is of zone ${network.spec.zone}, node ${node} of zone ${zone}`;
    throw new Problem('ROLE_INSUFFICIENT', detail);
  }
  if (owner !== undefined && owner !== node) {
    throw new Problem(
      'ROLE_INSUFFICIENT',
      `${ip} is in node ${owner}’s own range; the token is node ${node}’s`,
    );
  }
}
