import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Load } from '../load.ts';
import type { Comparison } from '../statistics.ts';
import { LedgerServer } from './ledger-server.ts';
import { Members } from './members.ts';
import { conditions, peers, type SideName, type Stage, sides } from './sides.ts';
import { inTurn } from './turns.ts';

/** What was measured of each side, round by round. */
export type Loads = Readonly<Partial<Record<SideName, readonly Load[]>>>;

export interface RatesWish {
  readonly dist: string;
  readonly rounds: number;
  readonly seconds: number;
  /** Members of each etcd cluster. */
  readonly members: number;
  readonly names: readonly SideName[];
  readonly tell: (line: string) => void;
}

/** Every side in turn, round by round, each round on members, servers and ledgers that are new. */
export async function measureRates({ names, rounds, seconds, tell, ...wish }: RatesWish): Promise<Loads> {
  const loads = new Map<SideName, Load[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    await withStage(wish, async (stage) => {
      for (const name of warming.filter((each) => names.includes(each))) {
        await sides[name](stage, 1);
      }
      for (const name of inTurn(names, round)) {
        const load = await sides[name](stage, seconds);
        loads.get(name)?.push(load);
        tell(`${name}: ${load.perSecond.toFixed(0)}/s, p99 ${load.p99.toFixed(1)} ms`);
      }
    });
  }
  return Object.fromEntries(loads);
}

/** Every program has worked before it is measured. */
const warming: readonly SideName[] = [
  'single',
  'batch500',
  'sqliteSingle',
  'sqliteBatch500',
  'gateway',
  'grpc',
];

async function withStage(
  { dist, members }: { dist: string; members: number },
  act: (stage: Stage) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const own = await Members.start(join(folder, 'own'), members);
    ends.unshift(() => own.stop());
    const peer = await Members.start(join(folder, 'peer'), members);
    ends.unshift(() => peer.stop());
    const ledger = await LedgerServer.start(dist, own.store, join(folder, 'ledger'));
    ends.unshift(() => ledger.stop());
    const sqlite = await LedgerServer.start(dist, `sqlite:${folder}/ipam.db`, join(folder, 'sqlite'));
    ends.unshift(() => sqlite.stop());
    await ledger.declare();
    await sqlite.declare();
    await act({ ledger, sqlite, peer });
  } finally {
    for (const end of ends) {
      await end();
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Which are compared; the aim is for a batch of allocations against single puts. */
const compared: readonly {
  readonly name: string;
  readonly under: string;
  readonly of: keyof Load;
  readonly ours: SideName;
  readonly theirs: readonly (readonly [side: SideName, peer: keyof typeof peers])[];
  readonly target?: number;
}[] = [
  {
    name: 'allocations',
    under: conditions.many,
    of: 'perSecond',
    ours: 'single',
    theirs: [
      ['gateway', 'gateway'],
      ['grpc', 'grpc'],
      ['sqliteSingle', 'sqlite'],
    ],
  },
  {
    name: 'p99 of an allocation',
    under: conditions.many,
    of: 'p99',
    ours: 'single',
    theirs: [
      ['gateway', 'gateway'],
      ['grpc', 'grpc'],
      ['sqliteSingle', 'sqlite'],
    ],
  },
  {
    name: 'allocations',
    under: conditions.alone,
    of: 'perSecond',
    ours: 'alone',
    theirs: [
      ['gatewayAlone', 'gateway'],
      ['grpcAlone', 'grpc'],
    ],
  },
  {
    name: 'allocations in batches',
    under: `${conditions.batches} 500`,
    of: 'perSecond',
    ours: 'batch500',
    theirs: [
      ['gateway', 'gateway'],
      ['grpc', 'grpc'],
      ['grpcMany', 'grpcMany'],
    ],
    target: 1,
  },
  {
    name: 'allocations in batches',
    under: `${conditions.batches} 1,000`,
    of: 'perSecond',
    ours: 'batch1000',
    theirs: [['grpcMany', 'grpcMany']],
    target: 1,
  },
  {
    name: 'allocations in batches',
    under: `${conditions.batches} 500`,
    of: 'perSecond',
    ours: 'batch500',
    theirs: [
      ['grpcTransactions', 'grpcTransactions'],
      ['sqliteBatch500', 'sqlite'],
    ],
  },
];

/** @param where said of all of them: how many members, on what */
export function rateComparisons(loads: Loads, where: string): Comparison[] {
  return compared.flatMap(({ name, under, of, ours, theirs, target }) =>
    theirs.flatMap(([side, peer]): Comparison[] => {
      const [us, them] = [loads[ours], loads[side]];
      return us === undefined || them === undefined
        ? []
        : [
            {
              name,
              conditions: `${under}; ${where}`,
              unit: of === 'p99' ? 'ms' : 'per second',
              peer: peers[peer],
              ours: us.map((load) => load[of]),
              theirs: them.map((load) => load[of]),
              ...(target !== undefined && { target }),
            },
          ];
    }),
  );
}
