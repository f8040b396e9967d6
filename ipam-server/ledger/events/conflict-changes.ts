import { Ip } from '../../../core/address/ip.ts';
import { describeQuarantine, isQuarantined } from '../addresses/quarantine.ts';
import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import type { AllocationRecord, ConflictRecord } from '../state/record.ts';
import { holderIn } from './allocation-changes.ts';
import type { Change } from './event.ts';

/**
 * An address that somebody else was seen to use: the sight, and the quarantine that it begins. A quarantine that
 * waited for the owner to go begins without another sight.
 */
export function conflictChanges(
  ledger: Ledger,
  address: string,
  record: ConflictRecord | null,
  { writes }: Decision<unknown>,
  now: number,
): Change[] {
  if (record === null) {
    return [];
  }
  const ip = Ip.parse(address);
  const network = ledger.networkOf(ip);
  if (network === undefined) {
    return [];
  }
  const holder = ledger.holders.ofAddress(address);
  const hasEnded = writes.some(
    (write) =>
      write.kind === 'allocation' &&
      (write.record === null
        ? ledger.holders.ofAttachment(write.name) === holder
        : write.record.ips.every((held) => held.address !== address)),
  );
  const known = ledger.contestedAt(address);
  const { why, until } = describeQuarantine(ledger, network, { ip, record });
  const about = { addresses: [address], ...whoIn(holder, record), mac: record.mac, why };
  const isSeenNow =
    holder === undefined ||
    !hasEnded ||
    known?.record.mac !== record.mac ||
    known.record.node !== record.node;
  const wasQuarantined = holder === undefined && known !== undefined && isQuarantined(network, known, now);
  const isQuarantinedNow = (holder === undefined || hasEnded) && !wasQuarantined;
  return [
    ...(isSeenNow ? [{ type: 'conflict', ...about }] : []),
    ...(isQuarantinedNow ? [{ type: 'quarantined', ...about, until }] : []),
  ];
}

/** The owner whose address it is, or the node that saw the other one. */
function whoIn(holder: AllocationRecord | undefined, { node }: ConflictRecord) {
  return holder === undefined ? { node } : holderIn(holder);
}
