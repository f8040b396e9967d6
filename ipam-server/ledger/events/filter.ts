import type { LedgerEvent } from '../../../schema/event.ts';

/** Which events are meant; several parts narrow each other. */
export interface EventFilter {
  readonly type?: string;
  readonly node?: string;
  /** In canonical form. */
  readonly address?: string;
}

/** Reports whether nothing but the address narrows the filter: the store finds an address by itself. */
export function isByAddress({ type, node }: EventFilter): boolean {
  return type === undefined && node === undefined;
}

export function isMeant(event: LedgerEvent, { type, node, address }: EventFilter): boolean {
  return (
    (type === undefined || event.type === type) &&
    (node === undefined || event.node === node) &&
    (address === undefined || event.addresses.includes(address))
  );
}
