import type { Ip } from '../../../core/address/ip.ts';
import type { AddressFacts } from '../../../schema/address.ts';
import type { Ledger } from '../state/ledger.ts';
import { networkIn } from './address-report.ts';

/** Who may ever be given an address, whatever its state is now; @throws Problem ADDRESS_OUTSIDE_SUBNETS */
export function factsOf(ledger: Ledger, ip: Ip): AddressFacts {
  const network = networkIn(ledger, ip);
  const address = ip.toString();
  const pool = network.poolOf(ip);
  const by = ledger.claims.reservations.ofAddress(address);
  const isNodes = ledger.claims.nodeOf(address) !== undefined;
  const never = network.never(ip) ?? (isNodes ? 'node' : null);
  const { zone } = network.spec;
  return {
    subnet: network.name,
    zone,
    zoneType: ledger.zones.get(zone)?.spec.type ?? 'macvlan',
    ...(pool === undefined ? {} : { range: rangeOf(pool.name, pool.spec.node, pool.isDisabled) }),
    ...(by === undefined ? {} : { reservation: reservationOf(by.name, by.reservation.spec) }),
    ...(never === null ? {} : { never }),
  };
}

function rangeOf(
  name: string,
  node: string | undefined,
  disabled: boolean,
): NonNullable<AddressFacts['range']> {
  return { name, ...(node === undefined ? {} : { node }), disabled };
}

function reservationOf(
  name: string,
  { pod, owner }: Pick<NonNullable<AddressFacts['reservation']>, 'pod' | 'owner'>,
): NonNullable<AddressFacts['reservation']> {
  return { name, ...(pod === undefined ? {} : { pod }), ...(owner === undefined ? {} : { owner }) };
}
