import { ownersTold } from '../server/model/told.ts';
import type { BedServer } from './bed-server.ts';
import type { Load } from './load.ts';

/** Who has which address by a server's own list. */
async function allocations(server: BedServer): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { containerId, ips } of await all(server, '/v1/allocations')) {
    found.set(containerId, ips[0].address);
  }
  return found;
}

/** Every page of a list. */
// biome-ignore lint/suspicious/noExplicitAny: items of any list
async function all(server: BedServer, path: string): Promise<any[]> {
  const items = [];
  for (let cursor = ''; ; ) {
    const { status, body, text } = await server.call('GET', `${path}?limit=1000${cursor}`);
    if (status !== 200) {
      throw new Error(`GET ${path}: ${status} ${text}`);
    }
    items.push(...body.items);
    if (body.cursor === undefined) {
      return items;
    }
    cursor = `&cursor=${encodeURIComponent(body.cursor)}`;
  }
}

/**
 * What is promised whatever fails: all that was acknowledged is there, what was released is not, no address has two
 * owners, and the events tell the same, each once and in the order of their ids.
 */
export async function expectKept(server: BedServer, loads: readonly Load[]): Promise<void> {
  const found = await allocations(server);
  const held = new Map(loads.flatMap((load) => [...load.held]));
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(held));
  expect(new Set(found.values()).size).toBe(found.size);
  expect(loads.flatMap((load) => [...load.released].filter((id) => found.has(id)))).toEqual([]);
  const events = (await all(server, '/v1/events')).map((event) => ({
    id: event.id,
    time: Date.parse(event.time),
    addresses: event.addresses,
    text: JSON.stringify(event),
  }));
  const told = [...ownersTold(events)].map(([address, owner]) => [owner.split('/')[1], address]);
  const known = [...found].map(([id, address]) => [id, address.replace(/\/.*/, '')]);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(known));
}
