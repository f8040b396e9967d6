import { setTimeout as sleep } from 'node:timers/promises';
import type { Resident } from '../resident.ts';
import { median } from '../statistics.ts';
import type { Figure } from '../table.ts';
import { type Pair, shortJournal } from './pair.ts';

/** What a ledger of some size takes. */
export interface Footprint {
  readonly leases: number;
  readonly etcd: Resident;
  /** MiB of etcd's database, and of them in use. */
  readonly size: number;
  readonly used: number;
  readonly leader: Resident;
  readonly follower: Resident;
}

const mebi = 2 ** 20;

export async function footprintOf(pair: Pair, leases: number): Promise<Footprint> {
  // etcd writes its database every 100 ms.
  await sleep(1_000);
  const { size, used } = await pair.members.gateway.status();
  const { leader, follower } = await pair.roles();
  return {
    leases,
    etcd: pair.members.resident,
    size: size / mebi,
    used: used / mebi,
    leader: leader.resident,
    follower: follower.resident,
  };
}

/** As one row each, growing sizes behind each other. */
export function footprints(all: readonly Footprint[]): Figure[] {
  const conditions = `${all.map(({ leases }) => leases.toLocaleString('en')).join('; ')} leases, filled in batches; etcd with ${shortJournal.join(' ')}`;
  const row = (name: string, of: (each: Footprint) => number, unit = ' MiB'): Figure => ({
    name,
    conditions,
    value: `${all.map((each) => of(each).toFixed(0)).join('; ')}${unit}; ${perHundredThousand(all, of)}`,
  });
  return [
    row('resident memory of etcd (VmRSS)', ({ etcd }) => etcd.now),
    row('of it without its mapped database (RssAnon)', ({ etcd }) => etcd.anonymous),
    row('database of etcd, in use', ({ used }) => used),
    row('database of etcd, its file', ({ size }) => size),
    row('resident memory of the leading server (VmRSS)', ({ leader }) => leader.now),
    row('resident memory of the following server (VmRSS)', ({ follower }) => follower.now),
  ];
}

/** By how much it grows from the first to the last. */
export function perHundredThousand<Each extends { readonly leases: number }>(
  all: readonly Each[],
  of: (each: Each) => number,
): string {
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined || first.leases === last.leases) {
    return 'no growth seen';
  }
  const growth = ((of(last) - of(first)) * 100_000) / (last.leases - first.leases);
  return `${growth.toFixed(0)} MiB per 100,000`;
}

/** Starts of the only server on a ledger. */
export interface Starts {
  readonly leases: number;
  /** Until each ready line. */
  readonly seconds: readonly number[];
  /** Memory after each. */
  readonly resident: readonly Resident[];
}

/** Starts one server on the ledger while no other runs; both run in the end, the other one warm. */
export async function startsOf(pair: Pair, leases: number, count: number): Promise<Starts> {
  const [one, other] = pair.servers;
  await other.stop();
  const seconds: number[] = [];
  const resident: Resident[] = [];
  for (let i = 0; i < count; i++) {
    await one.stop();
    seconds.push(await one.restart());
    resident.push(one.resident);
  }
  await other.restart();
  await sleep(restAfter(seconds));
  return { leases, seconds, resident };
}

/** Milliseconds after which a server that was started has surely read the ledger, by how long starts took. */
export function restAfter(seconds: readonly number[]): number {
  return Math.min(20_000, 2_000 + 2_000 * Math.max(0, ...seconds));
}

export function startTimes(all: readonly Starts[]): Figure[] {
  return all.map(({ leases, seconds, resident }) => ({
    name: 'start of a server, until it leads: median; worst. Its memory then (VmRSS; peak)',
    conditions: `${leases.toLocaleString('en')} leases, no other server runs, ${seconds.length} starts`,
    value: `${median(seconds).toFixed(2)} s; ${Math.max(...seconds).toFixed(2)} s. ${median(resident.map(({ now }) => now)).toFixed(0)} MiB (${Math.max(...resident.map(({ peak }) => peak)).toFixed(0)})`,
  }));
}
