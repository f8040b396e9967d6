import { randomUUID } from 'node:crypto';
import type { Decide } from '../../ipam-server/ledger/command.ts';
import { putZone } from '../../ipam-server/ledger/edits/zone-edits.ts';
import { byServer } from '../../ipam-server/ledger/events/event.ts';
import { EtcdConnection } from '../../ipam-server/store/etcd/connection.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import type { EtcdStore } from '../../ipam-server/store/etcd/etcd-store.ts';
import { Succession } from '../../ipam-server/store/etcd/succession.ts';
import { Keeper } from '../../ipam-server/store/keeper.ts';

/** A server without its HTTP: a keeper that leads and follows by the word of etcd. */
export class Servant {
  readonly name: string;
  readonly keeper: Keeper;
  readonly connection: EtcdConnection;
  readonly errors: unknown[] = [];
  /** Who leads, as it was last told. */
  leader: string | null = null;
  /** Its store, while it leads. */
  store: EtcdStore | null = null;
  /** How often it took a ledger over without reading it. */
  inherited = 0;
  readonly #succession: Succession;
  readonly #run: Promise<void>;

  /** @param prefix what all keys begin with */
  constructor(
    name: string,
    endpoints: string,
    prefix: string,
    { connection = new EtcdConnection(etcdPlace(endpoints, {})), now = Date.now } = {},
  ) {
    this.name = name;
    this.connection = connection;
    this.keeper = new Keeper({
      now,
      id: randomUUID,
      onCommit: () => {},
      onEvents: () => {},
      onStoreError: (error) => this.errors.push(error),
    });
    this.#succession = new Succession(this.connection, prefix, `etcd ${prefix}`, name, {
      lead: async (store, inherited) => {
        this.inherited += inherited === null ? 0 : 1;
        await this.keeper.lead(store, inherited);
        this.store = store;
      },
      follow: async (reason) => {
        this.store = null;
        this.keeper.follow(reason);
      },
      onLook: (claim) => {
        this.leader = claim;
      },
      onError: (error) => this.errors.push(error),
    });
    this.#run = this.#succession.run();
  }

  /** Decides something, with its events. */
  apply<Answer>(decide: Decide<Answer>): Promise<Answer> {
    return this.keeper.apply(decide, byServer);
  }

  putZone(zone: string): Promise<unknown> {
    return this.apply((ledger) => putZone(ledger, zone, { type: 'macvlan' }, {}));
  }

  zones(): Promise<string[]> {
    return this.keeper.read(({ zones }) => [...zones.keys()]);
  }

  /** Tells the others something else of itself. */
  declare(claim: string): void {
    this.#succession.declare(claim);
  }

  async stop(): Promise<void> {
    this.#succession.stop();
    await this.#run;
    this.connection.close();
  }
}
