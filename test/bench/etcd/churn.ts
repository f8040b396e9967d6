import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { attachment } from '../large-ledger.ts';
import type { Figure } from '../table.ts';
import { keyOf, type Pair } from './pair.ts';
import { patiently } from './patiently.ts';
import { post } from './post.ts';

const mebi = 2 ** 20;

/** etcd's database at some time. */
interface Look {
  readonly revision: number;
  readonly size: number;
  readonly used: number;
  /** MiB of memory. */
  readonly resident: number;
}

/**
 * Releases and allocates as many leases anew, three times: twice while etcd keeps all history, and once after it has
 * forgotten it, as it does by itself where it is told to.
 *
 * @param leases as many there are, with the first serials
 */
export async function churn(pair: Pair, leases: number, count: number): Promise<Figure[]> {
  await compact(pair);
  const before = await look(pair);
  await pair.replace(0, leases, count);
  const once = await look(pair);
  await pair.replace(leases, leases + count, count);
  const twice = await look(pair);
  const compaction = await timeOf(() => compact(pair));
  const compacted = await look(pair);
  await pair.replace(leases + count, leases + 2 * count, count);
  const again = await look(pair);
  await compact(pair);
  const last = await look(pair);
  const defragmentation = await timeOf(() => pair.members.gateway.defragment());
  const end = await look(pair);
  const conditions = `${count.toLocaleString('en')} of ${leases.toLocaleString('en')} leases released and allocated anew`;
  const grown = (from: Look, to: Look) => `${(to.used - from.used).toFixed(0)} MiB`;
  return [
    {
      name: 'history kept: etcd’s database grows (in use) by; its revisions by',
      conditions: `${conditions}, once and once more`,
      value: `${grown(before, once)}, ${grown(once, twice)}; ${once.revision - before.revision}, ${twice.revision - once.revision}`,
    },
    {
      name: 'history compacted: of that growth stays, as events',
      conditions: `${conditions}, twice`,
      value: `${grown(before, compacted)}; the compaction took ${compaction.toFixed(1)} s`,
    },
    {
      name: 'the file of etcd’s database after each step',
      conditions:
        'before; after the first and second time; compacted; after a third time; compacted; defragmented',
      value: `${[before, once, twice, compacted, again, last, end].map(({ size }) => size.toFixed(0)).join('; ')} MiB; the defragmentation took ${defragmentation.toFixed(1)} s`,
    },
    {
      name: 'resident memory of etcd after each step (VmRSS)',
      conditions: 'the same steps',
      value: `${[before, once, twice, compacted, again, last, end].map(({ resident }) => resident.toFixed(0)).join('; ')} MiB`,
    },
  ];
}

/**
 * Pods that come and go one after the other, as in a quiet cluster: each of their events is a key of its own.
 *
 * @param first serial that nobody has
 */
export async function oneByOne(pair: Pair, first: number, count: number): Promise<Figure> {
  const { leader } = await pair.roles();
  const agent = new Agent({ keepAlive: true });
  await compact(pair);
  const before = await look(pair);
  for (let serial = first; serial < first + count; serial++) {
    await patiently(() => post(agent, `${leader.url}/v1/allocations`, attachment(serial)));
    const release = { release: [keyOf(serial)] };
    await patiently(() => post(agent, `${leader.url}/v1/allocations:batch`, release));
  }
  agent.destroy();
  await compact(pair);
  const after = await look(pair);
  const octets = ((after.used - before.used) * mebi) / count;
  return {
    name: 'what stays in etcd’s database of a pod that came and went by itself',
    conditions: `${count.toLocaleString('en')} pods one after the other, history compacted`,
    value: `${octets.toFixed(0)} octets: ${((octets * 100_000) / mebi).toFixed(0)} MiB per 100,000 pods`,
  };
}

/** Has etcd forget all history. */
async function compact({ members: { gateway } }: Pair): Promise<void> {
  const { revision } = await gateway.status();
  await gateway.compact(revision);
}

async function look(pair: Pair): Promise<Look> {
  // etcd writes its database every 100 ms, and frees the pages of what it has forgotten after that.
  await sleep(1_000);
  const { revision, size, used } = await pair.members.gateway.status();
  return { revision, size: size / mebi, used: used / mebi, resident: pair.members.resident.now };
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
