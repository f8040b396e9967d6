import { Problem } from '../../core/problem/problem.ts';
import { type Finding, inOrder } from '../../document/finding.ts';
import { readDocument, shapeCheck } from '../../document/shape.ts';
import type { DocumentSource } from '../../document/source.ts';
import { type Subject, subjectsOf } from '../explain/subjects.ts';
import { bareKind } from '../policy/arrival.ts';
import { type CasePod, type CasesFile, casesFile, type Expectation } from './schema.ts';

/** A pod and what is expected of it. */
export interface Case {
  readonly name: string;
  /** Of the case in its file. */
  readonly line: number;
  readonly subject: Subject;
  readonly expect: Expectation;
}

export type LoadedCases =
  | { readonly ok: true; readonly cases: readonly Case[] }
  | { readonly ok: false; readonly errors: readonly Finding[] };

type CaseFile = CasesFile['cases'][number];

const checkShape = shapeCheck(casesFile, 'the file', 'at least "cases"');

/** Reads a file of cases: all of them, or everything that is wrong with it. */
export function loadCases(text: string): LoadedCases {
  const read = readDocument(text, checkShape);
  if (!read.ok) {
    return { ok: false, errors: inOrder(read.errors) };
  }
  const { value, source } = read;
  const errors: Finding[] = [];
  const names = new Map<string, number>();
  const cases = value.cases.flatMap((each, index) => {
    const earlier = names.get(each.name);
    if (earlier !== undefined) {
      const reason = `duplicate name "${each.name}": cases[${earlier}] has it already`;
      errors.push(source.at(['cases', index, 'name'], reason));
    }
    names.set(each.name, index);
    errors.push(...faultsOf(each, index, source));
    const subject = subjectOrFinding(each, index, source);
    if ('reason' in subject) {
      errors.push(subject);
      return [];
    }
    const { line } = source.at(['cases', index], '');
    return [{ name: each.name, line, subject, expect: each.expect }];
  });
  if (value.cases.length === 0) {
    errors.push(source.at(['cases'], 'there is no case'));
  }
  return errors.length > 0 ? { ok: false, errors: inOrder(errors) } : { ok: true, cases };
}

function faultsOf(
  { name, pod, object, namespaceLabels, expect }: CaseFile,
  index: number,
  source: DocumentSource,
) {
  const at = (field: string, reason: string) => source.at(['cases', index, field], reason);
  const expected = Object.keys(expect);
  const mixed = pod === undefined ? undefined : mixedField(pod);
  const alone = expected.find((field) => field === 'denied' || field === 'exempt');
  return [
    ...(name.trim() === '' ? [at('name', 'a case needs a name')] : []),
    ...((pod === undefined) === (object === undefined)
      ? [at('name', 'a case has either "pod" or "object"')]
      : []),
    ...(pod !== undefined && namespaceLabels !== undefined
      ? [at('namespaceLabels', 'beside "pod" they stand in it: pod.namespaceLabels')]
      : []),
    ...(mixed === undefined
      ? []
      : [at('pod', `"${mixed}" stands beside "metadata": a whole Pod has it there`)]),
    ...(expected.length === 0 ? [at('expect', 'it expects nothing: name at least a zone')] : []),
    ...(alone !== undefined && expected.length > 1
      ? [at('expect', `"${alone}" stands alone: such a pod has no zone and is not changed`)]
      : []),
  ];
}

/** The pod that the case is about, or why there is none. */
function subjectOrFinding({ pod, object, namespaceLabels }: CaseFile, index: number, source: DocumentSource) {
  const field = object === undefined ? 'pod' : 'object';
  try {
    const labels = pod?.namespaceLabels ?? namespaceLabels;
    const value = object ?? podOf(pod ?? {});
    const given = labels === undefined ? {} : { namespaceLabels: labels };
    const [subject, ...more] = subjectsOf([{ value, where: field }], given).subjects;
    return subject === undefined || more.length > 0
      ? source.at(
          ['cases', index, field],
          `a case is about one pod, not ${more.length === 0 ? 'none' : 'many'}`,
        )
      : subject;
  } catch (error) {
    if (error instanceof Problem) {
      return source.at(['cases', index, field], error.message);
    }
    throw error;
  }
}

const shortFields = ['namespace', 'labels', 'annotations', 'ownerKind', 'serviceAccount'] as const;

/** The first field of the short form beside the `metadata` of a whole Pod: one of both says it. */
function mixedField(pod: CasePod): string | undefined {
  return pod.metadata === undefined ? undefined : shortFields.find((field) => pod[field] !== undefined);
}

function podOf(pod: CasePod): object {
  return pod.metadata === undefined
    ? podInShort(pod)
    : { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata, spec: pod.spec };
}

function podInShort({
  namespace = 'default',
  labels,
  annotations,
  ownerKind,
  serviceAccount,
  spec,
}: CasePod): object {
  const owner = ownerKind === 'Deployment' ? 'ReplicaSet' : ownerKind;
  const ownerReferences =
    owner === undefined || owner === bareKind ? [] : [{ kind: owner, name: 'owner', controller: true }];
  const ofDeployment = ownerKind === 'Deployment' ? { 'pod-template-hash': '0000000000' } : {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      labels: { ...labels, ...ofDeployment },
      annotations: { ...annotations },
      ownerReferences,
    },
    spec: {
      containers: [{ name: 'main' }],
      ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
      ...spec,
    },
  };
}
