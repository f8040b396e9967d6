import { join } from 'node:path';
import { attachment, nodes } from '../large-ledger.ts';
import { LedgerServer } from './ledger-server.ts';
import { Members } from './members.ts';
import { patiently } from './patiently.ts';

/** Items of a request that fills a ledger, and how many such are on their way. */
const [batch, inFlight] = [1_000, 2];

/**
 * Transactions that etcd has in memory for members that lag. With its default of some 10,000, what is told of leases
 * would be told of the large transactions that filled the ledger.
 */
const kept = '500';
export const shortJournal = ['--snapshot-count', kept, '--snapshot-catchup-entries', kept] as const;

/** Two servers on one etcd: one leads, the other follows. */
export class Pair {
  readonly members: Members;
  readonly servers: readonly [LedgerServer, LedgerServer];

  private constructor(members: Members, servers: readonly [LedgerServer, LedgerServer]) {
    this.members = members;
    this.servers = servers;
  }

  static async start(dist: string, folder: string): Promise<Pair> {
    const members = await Members.start(folder, 1, shortJournal);
    const start = (name: string) => LedgerServer.start(dist, members.store, join(folder, name));
    const pair = new Pair(members, [await start('one'), await start('other')]);
    await pair.servers[0].declare(nodes);
    return pair;
  }

  /** Who leads, once somebody does; @throws Error after some seconds */
  roles(): Promise<{ readonly leader: LedgerServer; readonly follower: LedgerServer }> {
    return patiently(() => this.#rolesNow());
  }

  async #rolesNow() {
    const [one, other] = this.servers;
    if ((await one.role()) === 'leader') {
      return { leader: one, follower: other };
    }
    if ((await other.role()) === 'leader') {
      return { leader: other, follower: one };
    }
    throw new Error('none of the two servers leads');
  }

  /** Allocates for so many attachments, the first of them this one. */
  async fill(first: number, count: number): Promise<void> {
    await this.#batches(first, count, (serials) => ({ allocate: serials.map(attachment) }));
  }

  async release(first: number, count: number): Promise<void> {
    await this.#batches(first, count, (serials) => ({ release: serials.map(keyOf) }));
  }

  /** Releases attachments, and allocates for as many others. */
  async replace(first: number, by: number, count: number): Promise<void> {
    await this.#batches(first, count, (serials) => ({
      release: serials.map(keyOf),
      allocate: serials.map((serial) => attachment(serial - first + by)),
    }));
  }

  async #batches(
    first: number,
    count: number,
    bodyOf: (serials: readonly number[]) => object,
  ): Promise<void> {
    const { leader } = await this.roles();
    let next = first;
    const end = first + count;
    const work = async () => {
      while (next < end) {
        const size = Math.min(batch, end - next);
        const serials = Array.from({ length: size }, (_, i) => next + i);
        next += size;
        await patiently(() => leader.call('POST', '/v1/allocations:batch', bodyOf(serials)));
      }
    };
    await Promise.all(Array.from({ length: inFlight }, work));
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    await this.members.stop();
  }
}

/** What releases an attachment. */
export function keyOf(serial: number): object {
  const { network, containerId, ifname } = attachment(serial);
  return { network, containerId, ifname };
}
