import { callSocket } from '../../agent/socket-call.ts';
import { interruptible } from '../../cluster/interruptible.ts';
import { LiveCluster } from '../../cluster/live-cluster.ts';
import { subnetOf } from '../../cluster/node/overlay.ts';
import { OwnCluster } from '../../cluster/own-cluster.ts';
import { until } from '../../server/until.ts';
import type { Report } from '../table.ts';
import { LedgerEnds } from './ledger-ends.ts';
import type { NodeNetwork } from './node-network.ts';
import { type Plane, peersOf, realip } from './planes.ts';
import { ProcessorReader } from './processor.ts';
import { comparisonsOf, figuresOf, phaseTable, type Series } from './report.ts';
import { live, type Round, type Stage } from './round.ts';
import { Stay } from './stay.ts';

/** How many pods come together, and how often. */
interface Plan {
  readonly size: number;
  readonly rounds: number;
}

/** With the agent's pod 110, which is the most that a kubelet takes unless it is told otherwise: a full node. */
const fullNode = 109;

/** `quick` tries whether all of it works; its figures mean nothing. */
export const plans: Readonly<Record<'whole' | 'quick', readonly Plan[]>> = {
  whole: [
    { size: 1, rounds: 9 },
    { size: 30, rounds: 3 },
    { size: fullNode, rounds: 3 },
  ],
  quick: [
    { size: 1, rounds: 2 },
    { size: 30, rounds: 1 },
  ],
};

interface ClusterReport extends Report {
  /** Where the mean pod's time goes, as a Markdown table. */
  readonly phases: string;
}

type Tell = (line: string) => void;

interface Wish {
  readonly plan: readonly Plan[];
  /** After so many no further round begins, except for the first of each size. */
  readonly minutes: number;
}

/**
 * Pods that come and go on one node of a real cluster, by realip and by its peers in turn.
 *
 * The cluster is called `bench` and goes in the end, also on a signal; with REALIP_CLUSTER the one of that name is used
 * where it is up, and stays, with nothing of the bench's.
 *
 * @throws Error where somebody else has a cluster `bench`
 */
export async function benchCluster(wish: Wish, tell: Tell): Promise<ClusterReport> {
  const chosen = process.env['REALIP_CLUSTER'];
  const found = chosen === undefined ? null : LiveCluster.attach(chosen);
  if (found !== null) {
    const stay = new Stay(found);
    return await interruptible(
      () => measure(stay, wish, tell),
      async () => {
        tell('Stopping; giving the node back …');
        await stay.end();
      },
    );
  }
  const own = new OwnCluster('bench', 'bench.js');
  const { name } = own.place;
  if (own.refusal !== undefined) {
    throw new Error(own.refusal);
  }
  if (LiveCluster.attach(name) !== null) {
    const ways = `REALIP_CLUSTER=${name} uses it, npm run cluster -- down --name ${name} removes it`;
    throw new Error(`The cluster ${name} is up already: ${ways}.`);
  }
  return await own.during(async () => measure(new Stay(await LiveCluster.up({ name, tell })), wish, tell), {
    terminal: { freeze: () => {}, say: tell },
  });
}

async function measure(stay: Stay, { plan, minutes }: Wish, tell: Tell): Promise<ClusterReport> {
  const { cluster, namespace } = stay;
  const node = cluster.node('mac-1');
  try {
    const subnet = await subnetOf(node.machine);
    const network = await stay.begin(node.name);
    const stage: Stage = {
      cluster,
      node,
      namespace,
      processor: await ProcessorReader.open(cluster, node.name),
      ends: new LedgerEnds(cluster.ledger),
    };
    const end = performance.now() + minutes * 60_000;
    const crew: Crew = { stage, network, planes: [realip, ...peersOf(subnet ?? '')], end, tell };
    // What is done for the first time takes longer: images are read, programs come into memory.
    await seriesOf(crew, { size: 3, rounds: 1 }, 'warm');
    const all: Series[] = [];
    for (const each of plan) {
      all.push(await seriesOf(crew, each, 'pod'));
    }
    return {
      comparisons: all.flatMap(comparisonsOf),
      figures: all.flatMap(figuresOf),
      phases: phaseTable(all),
    };
  } finally {
    await stay.end();
  }
}

interface Crew {
  readonly stage: Stage;
  readonly network: NodeNetwork;
  readonly planes: readonly [Plane, ...Plane[]];
  /** In milliseconds of this process's clock. */
  readonly end: number;
  readonly tell: Tell;
}

/** All planes in turn, round by round; another one begins each round, so that none has always the same before it. */
async function seriesOf({ stage, network, planes, end, tell }: Crew, { size, rounds }: Plan, title: string) {
  const lived = new Map<Plane, Round[]>(planes.map((plane) => [plane, []]));
  for (let round = 0; round < rounds && (round === 0 || performance.now() < end); round++) {
    const first = round % planes.length;
    for (const plane of [...planes.slice(first), ...planes.slice(0, first)]) {
      await network.use(plane);
      await settled(stage);
      const kind = planes.indexOf(plane);
      const result = await live(stage, plane, `${title}-${size}-${round}-${kind}`, size);
      lived.get(plane)?.push(result);
      const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1);
      const { creation, deletion } = result;
      tell(
        `${size} × ${plane.name}: there after ${seconds(creation.whole)} s, gone after ${seconds(deletion.whole)} s`,
      );
    }
  }
  const of = (plane: Plane) => lived.get(plane) ?? [];
  const [ours, ...theirs] = planes;
  const series: Series = {
    size,
    ours: of(ours),
    theirs: theirs.map((plane) => ({ peer: plane.name, rounds: of(plane) })),
  };
  return series;
}

/** Waits until the node's agent has nothing left to do for pods before: its reserve is full, and asked for. */
async function settled({ node }: Stage): Promise<void> {
  const socket = node.machine.outside('/run/realip/agent.sock');
  await until(
    'the agent’s reserve is ready',
    async () => {
      const { body } = await callSocket(socket, 'GET', '/v1/agent/status');
      const reserve: readonly { readonly state: string }[] = body.reserve;
      return reserve.length > 0 && reserve.every(({ state }) => state === 'ready');
    },
    120_000,
  );
}
