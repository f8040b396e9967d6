import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ip } from '../../core/address/ip.ts';
import { SqliteStore } from '../../ipam-server/store/sqlite.ts';

/** Each range has so many addresses; a million of them are sixteen ranges. */
const rangeSize = 65_536;
/** Nodes: n0, n1, … */
export const nodes = 500;
const first = Ip.parse('10.0.0.0');

export interface LedgerSize {
  /** Addresses in ranges. */
  readonly addresses: number;
  /** Of which so many belong to a pod. */
  readonly leases: number;
}

/** Of the length and randomness of a real one. */
function containerId(serial: number): string {
  return createHash('sha256').update(String(serial)).digest('hex');
}

function* objects(addresses: number): Generator<readonly [key: string, record: object]> {
  yield ['zone/real', { revision: 1, spec: { type: 'macvlan' } }];
  yield ['subnet/lan', { revision: 1, spec: { zone: 'real', cidr: '10.0.0.0/8', gateway: '10.255.0.1' } }];
  for (let at = 0; at < addresses; at += rangeSize) {
    const start = first.plus(BigInt(at + 1));
    const end = first.plus(BigInt(Math.min(at + rangeSize, addresses)));
    const spec = { subnet: 'lan', start: start.toString(), end: end.toString() };
    yield [`range/${rangeOf(at + 1)}`, { revision: 1, spec }];
  }
  for (let node = 0; node < nodes; node++) {
    yield [`node/n${node}`, { revision: 1, spec: { zone: 'real' } }];
  }
}

/** Ranges are used in the order of their names. */
function rangeOf(place: number): string {
  return `shared-${String(Math.floor((place - 1) / rangeSize)).padStart(4, '0')}`;
}

/** What a runtime would ask a pod's addresses for. */
export function attachment(serial: number) {
  const id = containerId(serial);
  const uid = `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-8${id.slice(17, 20)}-${id.slice(20, 32)}`;
  return {
    node: `n${serial % nodes}`,
    network: 'realip',
    containerId: id,
    ifname: 'eth0',
    pod: { namespace: `team-${serial % 40}`, name: `shop-${id.slice(0, 9)}-${id.slice(9, 14)}`, uid },
  };
}

function lease(serial: number): readonly [key: string, record: object] {
  const [asked, address] = [attachment(serial), first.plus(BigInt(serial)).toString()];
  const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  const record = {
    id: asked.pod.uid,
    generation: serial,
    at: 1_790_000_000_000 + serial,
    ...asked,
    mac: `0a:58:${octets.join(':')}`,
    ips: [{ address, subnet: 'lan', range: rangeOf(serial) }],
  };
  return [`allocation/realip/${asked.containerId}/eth0`, record];
}

/** Makes the file of a ledger of this size, as a server would have written it. */
export async function makeLargeLedger(dist: string, file: string, size: LedgerSize): Promise<void> {
  const store = await SqliteStore.open(file, pathToFileURL(join(dist, 'sqlite-worker.js')));
  await store.load(() => {});
  const commit = async (entries: Iterable<readonly [key: string, record: object]>) => {
    const records = new Map(Array.from(entries, ([key, record]) => [key, JSON.stringify(record)]));
    await store.commit([{ records, events: [] }]);
  };
  await commit(objects(size.addresses));
  for (let done = 0; done < size.leases; done += 5_000) {
    const count = Math.min(5_000, size.leases - done);
    await commit(Array.from({ length: count }, (_, i) => lease(done + i + 1)));
  }
  await commit([['meta/sequence', { value: size.leases + 1 }]]);
  await store.close();
}
