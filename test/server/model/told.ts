import type { StoredEvent } from '../../../ipam-server/store/store.ts';
import type { LedgerEvent } from '../../../schema/event.ts';

const begins: ReadonlySet<string> = new Set(['allocated', 'adopted']);
const ends: ReadonlySet<string> = new Set(['released', 'revoked']);

/** Who has which address, by nothing but the events; their ids grow by one from the first on. */
export function ownersTold(events: readonly StoredEvent[]): Map<string, string> {
  expect(events.map(({ id }) => id)).toEqual(events.map((_, i) => i + 1));
  const owners = new Map<string, string>();
  for (const { text } of events) {
    const event = JSON.parse(text) as LedgerEvent;
    const owner = `${event.network}/${event.containerId}/${event.ifname}`;
    for (const address of event.addresses) {
      if (begins.has(event.type)) {
        expect([event, owners.get(address)]).toEqual([event, undefined]);
        owners.set(address, owner);
      } else if (ends.has(event.type)) {
        expect([event, owners.get(address)]).toEqual([event, owner]);
        owners.delete(address);
      }
    }
  }
  return owners;
}
