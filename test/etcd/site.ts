import { makeLan } from '../server/lan.ts';
import type { Server } from '../server/process.ts';
import { EtcdBed } from './bed.ts';
import { BedServer, turns } from './bed-server.ts';
import { Followed } from './followed.ts';
import { Load } from './load.ts';
import { expectKept } from './promises.ts';

const prefix = '/site/';

/** Three etcd members and two servers with one ledger, and a follower of the test's own beside them. */
export class Site {
  readonly bed: EtcdBed;
  readonly servers: readonly [BedServer, BedServer];
  readonly #loads: Load[] = [];
  #followed: Followed;

  private constructor(bed: EtcdBed) {
    this.bed = bed;
    this.servers = [new BedServer(bed, 's1', 11, prefix), new BedServer(bed, 's2', 12, prefix)];
    this.#followed = new Followed(bed.endpoints, prefix);
  }

  /** @param flags of every etcd member */
  static async start(...flags: string[]): Promise<Site> {
    const site = new Site(await EtcdBed.start(...flags));
    await Promise.all(site.servers.map((server) => server.start()));
    const { leader } = await site.turns();
    await makeLan(leader as unknown as Server, {
      cidr: '10.0.0.0/8',
      start: '10.1.0.0',
      end: '10.200.255.255',
      cooldownSeconds: 0,
      gateway: '10.0.0.1',
    });
    return site;
  }

  turns(): Promise<{ leader: BedServer; other: BedServer }> {
    return turns(this.servers);
  }

  /** Clients that go on whatever happens. */
  load(servers: readonly BedServer[] = this.servers, clients = 8): Load {
    const load = new Load(`l${this.#loads.length}`, servers, clients);
    this.#loads.push(load);
    return load;
  }

  /** Ends the load, and looks at whichever server leads whether all that was promised is so, as it is with who follows. */
  async settle(load: Load): Promise<void> {
    await load.end();
    await Promise.all(this.servers.map((server) => server.ready()));
    const { leader, other } = await this.turns();
    await expectKept(leader, this.#loads);
    await expectKept(other, this.#loads);
    await this.#followed.isWhatIsStored();
    this.#followed = new Followed(this.bed.endpoints, prefix);
  }

  /** After a test that failed: all is up again, and no client is left. */
  async mend(): Promise<void> {
    await this.bed.mend();
    for (const server of this.servers) {
      if (!server.isRunning) {
        await server.start();
      }
      server.freeze(false);
    }
    await Promise.all(this.#loads.map((load) => load.end()));
  }

  async remove(): Promise<void> {
    this.#followed.stop();
    await Promise.all(this.servers.map((server) => server.stop()));
    await this.bed.remove();
  }
}
