import { Problem } from '../../core/problem/problem.ts';
import { createdPod, reviewOf } from '../admission/review.ts';
import type { Pod, Texts } from '../policy/pod.ts';
import { isPod, podFault } from '../policy/pod-shape.ts';
import { type KubeObject, kubeObject, objectName } from './kube-object.ts';
import { podMadeBy } from './made-pod.ts';
import { member } from './mapping.ts';

/** A pod to explain, and the object that it comes from. */
export interface Subject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Null for a review of something else than a new pod. */
  readonly pod: Pod | null;
  /** Null where neither the caller nor a Namespace among the objects tells them. */
  readonly namespaceLabels: Texts | null;
}

/** What the objects may leave out. */
export interface Given {
  /** For objects that name none; `default` without. */
  readonly namespace?: string;
  readonly namespaceLabels?: Texts;
}

/** Something to read, and what it is called in messages, such as `pod.yaml:12`. */
export interface Source {
  readonly value: unknown;
  readonly where: string;
}

export interface Subjects {
  readonly subjects: readonly Subject[];
  /** Objects that make no pods, in words. */
  readonly passedBy: readonly string[];
}

/**
 * All pods that the objects are or would make: Pods, workloads with a pod template, AdmissionReviews, and Lists of
 * those; a Namespace among them tells its labels.
 *
 * @throws Problem OBJECT_UNEXPLAINABLE, REVIEW_INVALID
 */
export function subjectsOf(sources: readonly Source[], given: Given): Subjects {
  const found = sources
    .flatMap(itemsOf)
    .map(({ value, where }) => ({ object: kubeObject(value, where), where }));
  const labels = new Map(
    found.flatMap(({ object, where }) => (isNamespace(object) ? [namespaceEntry(object, where)] : [])),
  );
  const subjects: Subject[] = [];
  const passedBy: string[] = [];
  for (const { object, where } of found) {
    const subject = subjectOf(object, where, given);
    if (subject !== null) {
      const known = labels.get(subject.namespace) ?? given.namespaceLabels ?? null;
      subjects.push({ ...subject, namespaceLabels: known && withOwnName(known, subject.namespace) });
    } else if (!isNamespace(object)) {
      passedBy.push(objectName(object));
    }
  }
  return { subjects, passedBy };
}

/** The items of a List, which may leave out what they are (`kubectl get --raw`); everything else is one item. */
function itemsOf({ value, where }: Source): Source[] {
  const [apiVersion, kind, items] = ['apiVersion', 'kind', 'items'].map((key) => member(value, key));
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) {
    return [{ value, where }];
  }
  const own = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.map((item: unknown, index) => ({
    value: typeof item === 'object' && item !== null ? { ...own, ...item } : item,
    where: `${where}: items[${index}]`,
  }));
}

function subjectOf(object: KubeObject, where: string, given: Given): Omit<Subject, 'namespaceLabels'> | null {
  if (object.kind === 'AdmissionReview') {
    return ofReview(object, where);
  }
  const isItself = object.kind === 'Pod' && object.apiVersion === 'v1';
  const pod = isItself ? object.value : podMadeBy(object);
  if (pod === null) {
    return null;
  }
  if (!isPod(pod)) {
    const what = isItself ? 'the pod' : 'the pod of its template';
    throw new Problem('OBJECT_UNEXPLAINABLE', `${where}: ${what}${podFault(pod)}`);
  }
  const { kind, name } = object;
  return { kind, name, namespace: namespaceOf(object, where, given), pod };
}

/** Like kubectl: an object's own namespace and another one asked for can't both be meant. */
function namespaceOf({ namespace }: KubeObject, where: string, given: Given): string {
  if (namespace !== '' && given.namespace !== undefined && namespace !== given.namespace) {
    throw new Problem(
      'OBJECT_UNEXPLAINABLE',
      `${where}: it is in the namespace "${namespace}", but "${given.namespace}" was asked for`,
    );
  }
  return namespace || given.namespace || 'default';
}

function ofReview({ value }: KubeObject, where: string): Omit<Subject, 'namespaceLabels'> {
  const { request, created } = readReview(value, where);
  const name = member(member(request.object, 'metadata'), 'name');
  return {
    kind: request.kind?.kind ?? 'Pod',
    name: typeof name === 'string' ? name : '',
    namespace: created?.namespace ?? request.namespace ?? '',
    pod: created?.pod ?? null,
  };
}

function readReview(value: unknown, where: string) {
  try {
    const request = reviewOf(value);
    return { request, created: createdPod(request) };
  } catch (error) {
    throw error instanceof Problem ? new Problem(error.code, `${where}: ${error.message}`) : error;
  }
}

function isNamespace({ apiVersion, kind }: KubeObject): boolean {
  return apiVersion === 'v1' && kind === 'Namespace';
}

function namespaceEntry({ name, value }: KubeObject, where: string): [string, Texts] {
  const labels = member(member(value, 'metadata'), 'labels') ?? {};
  if (!isTexts(labels)) {
    throw new Problem('OBJECT_UNEXPLAINABLE', `${where}: metadata.labels must map text to text`);
  }
  return [name, labels];
}

function isTexts(value: unknown): value is Texts {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => typeof each === 'string')
  );
}

/** The API server gives every namespace its name as a label. */
function withOwnName(labels: Texts, namespace: string): Texts {
  return { 'kubernetes.io/metadata.name': namespace, ...labels };
}
