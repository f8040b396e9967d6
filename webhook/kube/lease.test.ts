import { setTimeout as after } from 'node:timers/promises';
import type { KubeAnswer, KubeCall } from './api-server.ts';
import { Lease } from './lease.ts';

interface Stored {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: { readonly holderIdentity: string; readonly leaseTransitions: number };
}

/** One lease, kept as the API server keeps objects: a writer must have seen the last version. */
class LeaseStore {
  lease: Stored | null = null;
  #version = 0;

  async call({ method, body }: KubeCall): Promise<KubeAnswer> {
    await after(Math.random() * 20);
    if (method === 'GET') {
      return this.#answer(this.lease === null ? 404 : 200);
    }
    const written = body as Stored;
    const isStale =
      method === 'POST'
        ? this.lease !== null
        : written.metadata.resourceVersion !== this.lease?.metadata.resourceVersion;
    if (isStale) {
      return { status: 409, body: {}, date: 0 };
    }
    this.#version += 1;
    this.lease = { ...written, metadata: { ...written.metadata, resourceVersion: `${this.#version}` } };
    return this.#answer(200);
  }

  #answer(status: number): KubeAnswer {
    return { status, body: this.lease ?? {}, date: 0 };
  }
}

test('of many that begin at once one gets the lease; when it lets go, one other does, and each knows', async () => {
  const store = new LeaseStore();
  const acting = new Set<string>();
  const leases = ['a', 'b', 'c', 'd'].map((identity) => {
    const lease = new Lease({
      api: store,
      namespace: 'n',
      name: 'l',
      identity,
      began: () => acting.add(identity),
      ended: () => acting.delete(identity),
      troubled: (reason) => {
        throw new Error(reason);
      },
    });
    return { identity, lease, running: lease.run() };
  });
  for (let round = 0; round < 3; round++) {
    while (acting.size === 0) {
      await after(20);
    }
    const [holder] = acting;
    expect([...acting]).toEqual([store.lease?.spec.holderIdentity]);
    expect(leases.filter(({ lease }) => lease.isHeld).map(({ identity }) => identity)).toEqual([holder]);
    expect(store.lease?.spec.leaseTransitions).toBe(round);
    const held = leases.find(({ identity }) => identity === holder);
    held?.lease.stop();
    await held?.running;
    expect(held?.lease.isHeld).toBe(false);
  }
  for (const { lease, running } of leases) {
    lease.stop();
    await running;
  }
  expect(acting.size).toBe(0);
}, 60_000);
