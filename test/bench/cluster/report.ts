import { type Comparison, median } from '../statistics.ts';
import type { Figure } from '../table.ts';
import { coming, going, type Phases } from './phases.ts';
import type { Program } from './processor.ts';
import type { Round } from './round.ts';

/** Rounds of so many pods: of realip, and in the same order of each peer. */
export interface Series {
  /** How many pods came together. */
  readonly size: number;
  readonly ours: readonly Round[];
  readonly theirs: readonly { readonly peer: string; readonly rounds: readonly Round[] }[];
}

const conditions = 'no probes, images there';

/** What is compared; that of the processor only where there are pods enough to be seen above an idle cluster. */
const compared: readonly { what: string; of: (round: Round) => number; least?: number }[] = [
  { what: 'from the call until the last is Running', of: ({ creation }) => creation.whole },
  { what: 'a pod’s network made (CNI ADD)', of: ({ creation }) => creation.phases.network },
  {
    what: 'the machine’s processor time, a pod made',
    of: ({ creation }) => creation.processor.machine,
    least: 30,
  },
  { what: 'from the call until the last is gone', of: ({ deletion }) => deletion.whole },
  { what: 'a pod’s network ended (CNI DEL)', of: ({ deletion }) => deletion.phases.network },
  {
    what: 'the machine’s processor time, a pod ended',
    of: ({ deletion }) => deletion.processor.machine,
    least: 30,
  },
];

/** Realip against each peer, round by round. */
export function comparisonsOf({ size, ours, theirs }: Series): readonly Comparison[] {
  return compared
    .filter(({ least = 0 }) => size >= least)
    .flatMap(({ what, of }) =>
      theirs.map(({ peer, rounds }) => ({
        name: `${podsOf(size)}: ${what}`,
        conditions,
        unit: 'ms' as const,
        peer,
        ours: ours.map(of),
        theirs: rounds.map(of),
      })),
    );
}

/** What realip's own parts do for pods. */
export function figuresOf({ size, ours }: Series): readonly Figure[] {
  const given = ours.flatMap(({ deletion }) => deletion.given);
  const back: Figure = {
    name: `${podsOf(size)}: from the call until the ledger has the address back`,
    conditions: 'the median pod; the last',
    value: `${median(given).toFixed(0)} ms; ${Math.max(...given).toFixed(0)} ms`,
  };
  if (size === 1) {
    return [back];
  }
  const used = (half: keyof Round, program: Program) =>
    median(ours.map((round) => round[half].processor[program])).toFixed(1);
  const processor = (['ipam-server', 'agent', 'webhook'] as const).map(
    (program): Figure => ({
      name: `${podsOf(size)}: processor time of realip’s ${program}, a pod`,
      conditions: 'made; ended',
      value: `${used('creation', program)} ms; ${used('deletion', program)} ms`,
    }),
  );
  return [back, ...processor];
}

/** What phases are called, behind the order in which a pod comes and goes through them. */
const titles = {
  creation: {
    api: 'API server: admission, with the webhook',
    scheduler: 'scheduler',
    sandbox: 'sandbox, without its network',
    network: 'network (CNI ADD)',
    containers: 'container made and started',
    rest: 'kubelet: all else, and its waiting',
  },
  deletion: {
    api: 'API server',
    containers: 'container stopped',
    network: 'network (CNI DEL)',
    sandbox: 'sandbox stopped, without its network',
    rest: 'kubelet: all else, and its waiting',
  },
} as const;

/** Where the mean pod's time goes, plane beside plane, as a Markdown table: medians of all rounds, in milliseconds. */
export function phaseTable(all: readonly Series[]): string {
  const peers = (all[0]?.theirs ?? []).map(({ peer }) => peer);
  const rows = all.flatMap(({ size, ours, theirs }) => {
    const planes = [ours, ...theirs.map(({ rounds }) => rounds)];
    return [
      ...coming.map((phase) => ({
        title: `${podsOf(size)}, made: ${titles.creation[phase]}`,
        cells: planes.map((rounds) => cell(rounds.map(({ creation }) => creation.phases[phase]))),
      })),
      {
        title: `**${podsOf(size)}, made: sum**`,
        cells: planes.map((rounds) => cell(rounds.map(({ creation }) => sum(creation.phases)))),
      },
      ...going.map((phase) => ({
        title: `${podsOf(size)}, ended: ${titles.deletion[phase]}`,
        cells: planes.map((rounds) => cell(rounds.map(({ deletion }) => deletion.phases[phase]))),
      })),
      {
        title: `**${podsOf(size)}, ended: sum**`,
        cells: planes.map((rounds) => cell(rounds.map(({ deletion }) => sum(deletion.phases)))),
      },
    ];
  });
  return [
    `| The mean pod’s way, in ms | realip | ${peers.join(' | ')} |`,
    `|---|${'---|'.repeat(1 + peers.length)}`,
    ...rows.map(({ title, cells }) => `| ${title} | ${cells.join(' | ')} |`),
    '',
  ].join('\n');
}

function cell(values: readonly number[]): string {
  return median(values).toFixed(0);
}

function sum(phases: Phases<string>): number {
  return Object.values(phases).reduce((total, each) => total + each, 0);
}

function podsOf(size: number): string {
  return size === 1 ? '1 pod' : `${size} pods`;
}
