import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { allocation } from '../bodies.ts';
import { closedLoop } from '../closed-loop.ts';
import type { Load } from '../load.ts';
import { type Comparison, median } from '../statistics.ts';
import type { Figure, Report } from '../table.ts';
import { churn, oneByOne } from './churn.ts';
import { Pair } from './pair.ts';
import { patiently } from './patiently.ts';
import type { Plan } from './plan.ts';
import { post } from './post.ts';
import {
  type Footprint,
  footprintOf,
  footprints,
  restAfter,
  type Starts,
  startsOf,
  startTimes,
} from './size.ts';
import { type TakeOver, takeOver, ways } from './take-over.ts';
import { inTurn } from './turns.ts';

/** Seconds within which another server must have taken over. */
const aim = 5;

const clients = 64;

/** What a ledger's size does: to rates, starts, take-overs, and the memory of etcd and servers. */
export async function benchGrowth(dist: string, plan: Plan, tell: (line: string) => void): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  const pairs: Pair[] = [];
  try {
    const start = async (name: string) => {
      const pair = await Pair.start(dist, join(folder, name));
      pairs.push(pair);
      return pair;
    };
    const [small, large] = [await start('small'), await start('large')];
    await small.fill(0, plan.small);
    const seen: Footprint[] = [await footprintOf(large, 0)];
    const starts: Starts[] = [await startsOf(small, plan.small, plan.starts)];
    for (const [i, size] of plan.sizes.entries()) {
      const before = plan.sizes[i - 1] ?? 0;
      await large.fill(before, size - before);
      seen.push(await footprintOf(large, size));
      tell(`${size} leases: ${JSON.stringify(seen.at(-1))}`);
    }
    const most = plan.sizes.at(-1) ?? 0;
    starts.push(await startsOf(large, most, plan.starts));
    tell(`starts: ${JSON.stringify(starts)}`);
    const comparisons = await compare(large, small, most, plan, tell);
    const taken = [
      ...(await takeOvers(large, most, plan.takeOvers.large, starts, tell)),
      ...(await takeOvers(small, plan.small, plan.takeOvers.small, starts, tell)),
    ];
    return {
      comparisons,
      figures: [
        ...taken,
        ...startTimes(starts),
        ...footprints(seen),
        ...(await churn(large, most, plan.churn)),
        await oneByOne(small, most, plan.oneByOne),
      ],
    };
  } finally {
    await Promise.all(pairs.map((pair) => pair.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same load on the large ledger and on the small one, in turn; what was allocated is released after each. */
async function compare(
  large: Pair,
  small: Pair,
  most: number,
  { pairs, small: least }: Plan,
  tell: (line: string) => void,
): Promise<Comparison[]> {
  const loads = new Map<Pair, Load[]>([
    [large, []],
    [small, []],
  ]);
  for (let round = -1; round < pairs.count; round++) {
    for (const pair of inTurn([large, small], round + 1)) {
      const load = await loadOf(pair, round, pairs.allocations);
      // The first wakes the programs up.
      if (round >= 0) {
        loads.get(pair)?.push(load);
      }
    }
  }
  const of = (pair: Pair, what: keyof Load) => (loads.get(pair) ?? []).map((load) => load[what]);
  tell(`large: ${of(large, 'perSecond')}; small: ${of(small, 'perSecond')}`);
  const common = {
    conditions: `${clients} clients, ${said(pairs.allocations)} allocations, released after each round; ${said(most)} leases, a second server follows`,
    peer: `the same with ${said(least)} leases`,
  };
  return [
    {
      ...common,
      name: 'allocations on a large ledger',
      unit: 'per second',
      ours: of(large, 'perSecond'),
      theirs: of(small, 'perSecond'),
    },
    {
      ...common,
      name: 'p99 of an allocation on a large ledger',
      unit: 'ms',
      ours: of(large, 'p99'),
      theirs: of(small, 'p99'),
    },
  ];
}

async function loadOf(pair: Pair, round: number, calls: number): Promise<Load> {
  const { leader } = await pair.roles();
  const keyOf = (serial: number) => ({
    network: 'realip',
    containerId: `pair-${round}-${serial}`,
    ifname: 'eth0',
  });
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const load = await closedLoop(
    (serial) =>
      patiently(() =>
        post(agent, `${leader.url}/v1/allocations`, { ...allocation(serial), ...keyOf(serial) }),
      ),
    { inFlight: clients, calls },
  );
  agent.destroy();
  const release = Array.from({ length: calls }, (_, i) => keyOf(i + 1));
  for (let i = 0; i < calls; i += 1_000) {
    const body = { release: release.slice(i, i + 1_000) };
    await patiently(() => leader.call('POST', '/v1/allocations:batch', body));
  }
  return load;
}

async function takeOvers(
  pair: Pair,
  leases: number,
  rounds: number,
  starts: readonly Starts[],
  tell: (line: string) => void,
): Promise<Figure[]> {
  const rest = restAfter(starts.find((each) => each.leases === leases)?.seconds ?? []);
  const figures: Figure[] = [];
  for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
    const seen: TakeOver[] = [];
    for (let round = 0; round < rounds; round++) {
      seen.push(await takeOver(pair, way, figures.length * 100 + round));
      tell(`${leases} leases, leader ${way}: ${JSON.stringify(seen.at(-1))}`);
      await sleep(rest);
    }
    figures.push(takeOverFigure(way, leases, seen));
  }
  return figures;
}

function takeOverFigure(way: string, leases: number, seen: readonly TakeOver[]): Figure {
  const gaps = seen.map(({ gap }) => gap / 1000);
  const worst = Math.max(...gaps);
  const failed = seen.reduce((sum, each) => sum + each.failed, 0);
  const warm = seen.filter(({ isWarm }) => isWarm).length;
  return {
    name: `longest time without an answer from the other server, the leader ${way}: median; worst`,
    conditions: `${said(leases)} leases, 8 clients, ${seen.length} rounds; aim < ${aim} s`,
    value: `${median(gaps).toFixed(2)} s; ${worst.toFixed(2)} s ${worst < aim ? '✔' : '✘'}; ${failed} calls failed; ${warm} of ${seen.length} took over what they had followed`,
  };
}

function said(count: number): string {
  return count.toLocaleString('en');
}
