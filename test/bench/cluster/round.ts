import { partRefs } from '../../cluster/image/part-images.ts';
import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { LiveNode } from '../../cluster/node/node.ts';
import type { LedgerEnds } from './ledger-ends.ts';
import { type Creation, creationOf, type Deletion, deletionOf, type Look } from './phases.ts';
import type { Plane } from './planes.ts';
import { PodWatch } from './pod-watch.ts';
import type { ProcessorReader } from './processor.ts';
import { workOf } from './work.ts';

/** Callers at once, as a controller has them. */
const callers = 10;

/** Where pods come and go, and what is looked at meanwhile. */
export interface Stage {
  readonly cluster: LiveCluster;
  readonly node: LiveNode;
  readonly namespace: string;
  readonly processor: ProcessorReader;
  readonly ends: LedgerEnds;
}

/** Pods of one plane that came and went together. */
export interface Round {
  readonly creation: Creation;
  readonly deletion: Deletion;
}

/** Lets pods come all at once, and go all at once when all are there. @throws Error when one came to another plane */
export async function live(stage: Stage, plane: Plane, title: string, size: number): Promise<Round> {
  const names = Array.from({ length: size }, (_, index) => `${title}-${index}`);
  const watch = await PodWatch.open(stage.cluster, stage.namespace);
  try {
    return {
      creation: await come(stage, plane, watch, names),
      deletion: await go(stage, plane, watch, names),
    };
  } finally {
    watch.close();
  }
}

async function come(
  stage: Stage,
  plane: Plane,
  watch: PodWatch,
  names: readonly string[],
): Promise<Creation> {
  const path = `/api/v1/namespaces/${stage.namespace}/pods`;
  const before = await lookBefore(stage);
  const asked = await eachOf(names, (name) => stage.cluster.must('POST', path, podOf(stage, plane, name)));
  await watch.all(names, 'running');
  const pods = names.map((name) => ({ ...watch.of(name), asked: asked.get(name) ?? 0 }));
  const stray = pods.find(({ address }) => !plane.begins.test(address ?? ''));
  if (stray !== undefined) {
    throw new Error(`a pod of ${plane.name} has the address ${stray.address}`);
  }
  return creationOf(pods, before, await lookAfter(stage));
}

async function go(stage: Stage, plane: Plane, watch: PodWatch, names: readonly string[]): Promise<Deletion> {
  const path = `/api/v1/namespaces/${stage.namespace}/pods`;
  const before = await lookBefore(stage);
  const asked = await eachOf(names, (name) => stage.cluster.must('DELETE', `${path}/${name}`));
  await watch.all(names, 'gone');
  const after = await lookAfter(stage);
  const ends = plane.list === null ? await stage.ends.of(stage.namespace, names) : [];
  const pods = names.map((name, index) => {
    const given = ends[index];
    return { ...watch.of(name), asked: asked.get(name) ?? 0, ...(given !== undefined && { given }) };
  });
  return deletionOf(pods, before, after);
}

/** To read metrics costs time: it lies outside of what is measured. */
async function lookBefore({ cluster, node, processor }: Stage): Promise<Look> {
  return { work: await workOf(cluster, node), processor: processor.read() };
}

async function lookAfter({ cluster, node, processor }: Stage): Promise<Look> {
  return { processor: processor.read(), work: await workOf(cluster, node) };
}

/** Does something for all names, some at a time. @returns when each was begun, in milliseconds of this process's clock */
async function eachOf(names: readonly string[], act: (name: string) => Promise<unknown>) {
  const begun = new Map<string, number>();
  const waiting = names.values();
  const work = async () => {
    for (const name of waiting) {
      begun.set(name, performance.now());
      await act(name);
    }
  };
  await Promise.all(Array.from({ length: callers }, work));
  return begun;
}

/** A pod without probes. Those of the peers say by themselves where they belong; realip's are placed by the webhook. */
function podOf({ node, namespace }: Stage, { list }: Plane, name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, ...(list !== null && { labels: { 'realip.io/inject': 'false' } }) },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node.name },
      ...(list !== null && { tolerations: [{ key: 'realip.io/zone-type', operator: 'Exists' }] }),
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: partRefs.pause, imagePullPolicy: 'Never' }],
    },
  };
}
