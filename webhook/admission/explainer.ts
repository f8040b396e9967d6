import { type Buffer, isUtf8 } from 'node:buffer';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { nearest } from '../../document/nearest.ts';
import { isMapping } from '../explain/mapping.ts';
import { type Report, reportOn } from '../explain/report.ts';
import { type Subject, type Subjects, subjectsOf } from '../explain/subjects.ts';
import { namespaceCounts } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import type { NamespaceLabels } from './reviewer.ts';

/** So many pods are explained at once: the answer has a line for each rule and pod. */
const mostPods = 100;

const fields = {
  /** A Pod; it may leave out apiVersion and kind. */
  pod: Type.Optional(Type.Unknown()),
  /** Anything that pods come from. */
  object: Type.Optional(Type.Unknown()),
  namespace: Type.Optional(Type.String({ minLength: 1 })),
  namespaceLabels: Type.Optional(Type.Record(Type.String(), Type.String())),
};
const requestShape = Compile(Type.Object(fields));

/** A question's way through the webhook: the bytes of `POST /explain` in, the report out. It changes nothing. */
export class Explainer {
  readonly #policy: () => Policy;
  readonly #namespaces: NamespaceLabels;

  constructor(policy: () => Policy, namespaces: NamespaceLabels) {
    this.#policy = policy;
    this.#namespaces = namespaces;
  }

  /** @throws Problem EXPLAIN_REQUEST_INVALID, OBJECT_UNEXPLAINABLE, REVIEW_INVALID, NAMESPACE_UNREADABLE */
  async explain(bytes: Buffer): Promise<Report> {
    const found = subjectsIn(bytes);
    return reportOn(this.#policy(), { ...found, subjects: await this.#withLabels(found.subjects) });
  }

  /** Looks up what neither the caller nor the objects tell, where `/mutate` would look it up. */
  async #withLabels(subjects: readonly Subject[]): Promise<Subject[]> {
    const wanted = subjects.filter(
      ({ pod, namespace, namespaceLabels }) =>
        pod !== null && namespaceLabels === null && namespaceCounts(pod, namespace),
    );
    const names = [...new Set(wanted.map(({ namespace }) => namespace))];
    const labels = new Map(
      await Promise.all(names.map(async (name) => [name, await this.#namespaces.of(name)] as const)),
    );
    return subjects.map((subject) => ({
      ...subject,
      namespaceLabels: subject.namespaceLabels ?? labels.get(subject.namespace) ?? null,
    }));
  }
}

function subjectsIn(bytes: Buffer): Subjects {
  const { pod, object, namespace, namespaceLabels } = requestOf(bytes);
  if ((pod === undefined) === (object === undefined)) {
    throw new Problem('EXPLAIN_REQUEST_INVALID', 'the body needs either "pod" or "object"');
  }
  const source =
    pod === undefined
      ? { value: object, where: 'object' }
      : { value: isMapping(pod) ? { apiVersion: 'v1', kind: 'Pod', ...pod } : pod, where: 'pod' };
  const found = subjectsOf([source], {
    ...(namespace === undefined ? {} : { namespace }),
    ...(namespaceLabels === undefined ? {} : { namespaceLabels }),
  });
  if (found.subjects.length === 0) {
    throw new Problem(
      'OBJECT_UNEXPLAINABLE',
      `there is no pod in ${found.passedBy.join(', ') || 'the object'}`,
    );
  }
  if (found.subjects.length > mostPods) {
    const detail = `the object has ${found.subjects.length} pods; ${mostPods} at most are explained at once`;
    throw new Problem('OBJECT_UNEXPLAINABLE', detail);
  }
  return found;
}

function requestOf(bytes: Buffer) {
  let value: unknown;
  try {
    if (!isUtf8(bytes)) {
      throw new Error('it is not UTF-8');
    }
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new Problem('EXPLAIN_REQUEST_INVALID', `the body is not JSON: ${reasonOf(error)}`);
  }
  const known = Object.keys(fields);
  for (const name of isMapping(value) ? Object.keys(value) : []) {
    if (!known.includes(name)) {
      const near = nearest(name, known);
      const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
      throw new Problem('EXPLAIN_REQUEST_INVALID', `unknown field "${name}" in the body; ${hint}`);
    }
  }
  if (!requestShape.Check(value)) {
    const [first] = requestShape.Errors(value);
    const place = first === undefined ? '' : first.instancePath.replaceAll('/', '.');
    throw new Problem('EXPLAIN_REQUEST_INVALID', `the body${place} ${first?.message ?? 'has another shape'}`);
  }
  return value;
}
