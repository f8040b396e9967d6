import type { Moments } from './moments.ts';
import type { Processor } from './processor.ts';
import type { Work } from './work.ts';

/** What was read before and after. */
export interface Look {
  readonly processor: Processor;
  readonly work: Work;
}

/** A pod of a round: `asked` for (to come, or to go) at that time, in milliseconds. */
export interface Asked extends Moments {
  readonly asked: number;
}

/** Milliseconds that a pod spent, the mean of all of a round; they add up to its whole way. */
export type Phases<Name extends string> = Readonly<Record<Name, number>>;

export const coming = ['api', 'scheduler', 'sandbox', 'network', 'containers', 'rest'] as const;
export const going = ['api', 'containers', 'network', 'sandbox', 'rest'] as const;

interface Half<Name extends string> {
  /** Milliseconds from the first call until the last pod is there, or gone. */
  readonly whole: number;
  readonly phases: Phases<Name>;
  /** Milliseconds of processor time a pod. */
  readonly processor: Processor;
}

export type Creation = Half<(typeof coming)[number]>;

export interface Deletion extends Half<(typeof going)[number]> {
  /** Milliseconds from each pod's call until the ledger had its address back; none of peers. */
  readonly given: readonly number[];
}

/**
 * From what was seen of pods that came together: the watch says when each was made (behind admission), bound and
 * running; how long kubelet and containerd worked for them meanwhile, they count themselves.
 *
 * @throws Error when a moment of a pod is missing
 */
export function creationOf(pods: readonly Asked[], before: Look, after: Look): Creation {
  const work = workFor(pods.length, before, after);
  const kubelet = mean(pods.map((pod) => at(pod, 'running') - at(pod, 'bound')));
  const containers = work.containerMade + work.containerStarted;
  return {
    whole: lengthOf(pods, 'running'),
    phases: {
      api: mean(pods.map((pod) => at(pod, 'made') - pod.asked)),
      scheduler: mean(pods.map((pod) => at(pod, 'bound') - at(pod, 'made'))),
      sandbox: work.sandbox - work.network,
      network: work.network,
      containers,
      rest: kubelet - work.sandbox - containers,
    },
    processor: processorFor(pods.length, before, after),
  };
}

/** The same of pods that went together. */
export function deletionOf(
  pods: readonly (Asked & { readonly given?: number })[],
  before: Look,
  after: Look,
): Deletion {
  const work = workFor(pods.length, before, after);
  const kubelet = mean(pods.map((pod) => at(pod, 'gone') - at(pod, 'ending')));
  return {
    whole: lengthOf(pods, 'gone'),
    phases: {
      api: mean(pods.map((pod) => at(pod, 'ending') - pod.asked)),
      containers: work.containerStopped,
      network: work.networkEnded,
      sandbox: work.sandboxStopped - work.networkEnded,
      rest: kubelet - work.containerStopped - work.sandboxStopped,
    },
    processor: processorFor(pods.length, before, after),
    given: pods.flatMap(({ asked, given }) => (given === undefined ? [] : [given - asked])),
  };
}

type Moment = Exclude<keyof Moments, 'address'>;

function lengthOf(pods: readonly Asked[], end: Moment): number {
  const first = Math.min(...pods.map(({ asked }) => asked));
  return Math.max(...pods.map((pod) => at(pod, end))) - first;
}

function at(pod: Moments, moment: Moment): number {
  const time = pod[moment];
  if (time === undefined) {
    throw new Error(`the watch never told that a pod was ${moment}`);
  }
  return time;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function workFor(count: number, { work: before }: Look, { work: after }: Look): Work {
  return shareOf(count, before, after);
}

function processorFor(count: number, { processor: before }: Look, { processor: after }: Look): Processor {
  return shareOf(count, before, after);
}

/** What each of so many had of what was added. */
function shareOf<Figures extends { readonly [Key in keyof Figures]: number }>(
  count: number,
  before: Figures,
  after: Figures,
): Figures {
  const keys = Object.keys(after) as (keyof Figures)[];
  return Object.fromEntries(keys.map((key) => [key, (after[key] - before[key]) / count])) as Figures;
}
