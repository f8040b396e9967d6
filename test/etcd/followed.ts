import { EtcdConnection } from '../../ipam-server/store/etcd/connection.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import { Follower, type Warm } from '../../ipam-server/store/etcd/follower.ts';
import { History } from '../../ipam-server/store/etcd/history.ts';
import { LargeValues } from '../../ipam-server/store/etcd/large-values.ts';
import { currentKey, layoutOf } from '../../ipam-server/store/etcd/layout.ts';
import type { RangeResponse } from '../../ipam-server/store/etcd/messages.ts';
import { readRecords } from '../../ipam-server/store/etcd/records.ts';
import { Loading } from '../../ipam-server/store/load.ts';
import { expectSame, givenNext } from '../server/model/ledger-view.ts';
import { until } from '../server/until.ts';

/** Milliseconds that a follower may take to hear of all after a fault. */
const patience = 90_000;

/** A follower of the test's own: what it has followed through a fault is held against what is stored. */
export class Followed {
  readonly errors: unknown[] = [];
  readonly #connection: EtcdConnection;
  readonly #prefix: string;
  readonly #follower: Follower;

  constructor(endpoints: string, prefix: string) {
    this.#connection = new EtcdConnection(etcdPlace(endpoints, {}));
    this.#prefix = prefix;
    this.#follower = new Follower(
      this.#connection,
      prefix,
      {
        onLook: () => {},
        onError: (error) => this.errors.push(error),
      },
      new History(),
    );
  }

  /** Reports whether it has read what there is. */
  async isWarm(): Promise<boolean> {
    return (await this.#follower.at('1', 1_000)) !== null;
  }

  /** Nobody writes meanwhile; ends the following. */
  async isWhatIsStored(): Promise<void> {
    const current = await this.#connection.call<RangeResponse>('KV', 'Range', {
      key: currentKey(this.#prefix),
    });
    const large = new LargeValues(() => '');
    const loading = new Loading();
    const layout = layoutOf(this.#prefix, current.kvs[0]?.value ?? '');
    await readRecords(this.#connection, layout, (part) => {
      loading.take(part.map((entry) => large.whole(entry)).filter((entry) => entry !== null));
    });
    const now = Date.now();
    const stored = loading.finish(now);
    const head = await this.#connection.call<RangeResponse>('KV', 'Range', { key: layout.head });
    let warm: Warm | null = null;
    // One that has something to read anew has nothing to show until then.
    await until(
      'the follower has heard of all',
      async () => {
        warm = await this.#follower.at(head.kvs[0]?.mod_revision ?? '0', 1_000);
        return warm !== null;
      },
      patience,
    );
    const { ledger } = warm as unknown as Warm;
    expectSame(ledger, stored, now);
    expect(givenNext(ledger, now, 20)).toEqual(givenNext(stored, now, 20));
    this.stop();
  }

  stop(): void {
    this.#follower.stop();
    this.#connection.close();
  }
}
