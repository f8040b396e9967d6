import type { Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Pod } from '../../../schema/allocation.ts';
import { quarantineOf } from '../addresses/quarantine.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import type { AllocationRecord } from '../state/record.ts';
import type { NamedReservation } from '../state/reservations.ts';
import type { Asking } from './asking.ts';
import { describe, podName } from './attachment.ts';

/** An address that is reserved for the pod of a request. */
export interface Reserved {
  readonly ip: Ip;
  readonly network: Network;
  readonly by: NamedReservation;
}

/** Why a reserved address cannot be given to its own pod now. */
export interface Obstacle {
  readonly by: NamedReservation;
  /** Who has it. */
  readonly holder?: AllocationRecord;
  readonly words: string;
  /** What a pod is told for which this is the only reserved address. */
  readonly problem: () => Problem;
}

/**
 * What stands between a reserved address and its own pod; null when nothing does.
 *
 * @param warmOf the node that may give what its own reserve holds, because it names the address itself
 */
export function obstacleOf(
  ledger: Ledger,
  { ip, network, by }: Reserved,
  { pod }: Pick<Asking, 'pod'>,
  now: number,
  warmOf?: string,
): Obstacle | null {
  const address = ip.toString();
  const holder = ledger.holders.ofAddress(address);
  if (holder !== undefined) {
    return heldBy(address, by, holder, pod);
  }
  const node = ledger.claims.nodeOf(address);
  if (node !== undefined) {
    return simple('ADDRESS_RESERVED', `${address} is node ${node}’s own`, { node });
  }
  const warm = ledger.claims.warm(address);
  if (warm !== undefined && warm.node !== warmOf) {
    const until = new Date(warm.until).toISOString();
    const words = `${address} is in the reserve of node ${warm.node} until ${until}`;
    return simple('ADDRESS_WARM', words, { node: warm.node, until });
  }
  const quarantine = quarantineOf(ledger, network, address, now);
  if (quarantine !== null) {
    const { until, why } = quarantine;
    return simple('ADDRESS_QUARANTINED', `${address} is in quarantine until ${until}: ${why}`, { until });
  }
  const never = network.whyNever(ip);
  return never === null ? null : simple('ADDRESS_NOT_GIVEN', `${address} is never given: ${never}`, {});

  function simple(
    code: 'ADDRESS_RESERVED' | 'ADDRESS_WARM' | 'ADDRESS_QUARANTINED' | 'ADDRESS_NOT_GIVEN',
    words: string,
    facts: object,
  ): Obstacle {
    return { by, words, problem: () => new Problem(code, words, { address, ...facts }) };
  }
}

function heldBy(
  address: string,
  by: NamedReservation,
  holder: AllocationRecord,
  pod: Pod | undefined,
): Obstacle {
  const { node, network, containerId, ifname } = holder;
  const isFormer = podName(holder) === podName({ pod });
  return {
    by,
    holder,
    words: `${address} is ${describe(holder)}’s`,
    problem: () =>
      new Problem(
        isFormer ? 'RESERVATION_HELD' : 'ADDRESS_IN_USE',
        `${address} of reservation ${by.name} ${isFormer ? 'still ' : ''}belongs to ${describe(holder)}`,
        { address, reservation: by.name, holder: { node, network, containerId, ifname } },
      ),
  };
}
