import { type Buffer, isUtf8 } from 'node:buffer';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { Pod } from '../policy/pod.ts';
import { isPod, podFault } from '../policy/pod-shape.ts';

const optionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** The part of an admission.k8s.io/v1 AdmissionReview that the webhook reads. */
const reviewSchema = Type.Object({
  apiVersion: Type.Literal('admission.k8s.io/v1'),
  kind: Type.Literal('AdmissionReview'),
  request: Type.Object({
    uid: Type.String({ minLength: 1 }),
    operation: Type.Enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    kind: Type.Optional(Type.Object({ group: optionalText, kind: Type.String() })),
    resource: Type.Optional(Type.Object({ group: optionalText, resource: Type.String() })),
    subResource: optionalText,
    namespace: optionalText,
    object: Type.Optional(Type.Unknown()),
  }),
});

export type AdmissionRequest = Static<typeof reviewSchema>['request'];

const review = Compile(reviewSchema);

/** @throws Problem REVIEW_INVALID for what is no v1 AdmissionReview with a request. */
export function parseReview(body: Buffer): AdmissionRequest {
  if (!isUtf8(body)) {
    throw new Problem('REVIEW_INVALID', 'the body is not UTF-8');
  }
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Problem('REVIEW_INVALID', `the body is not JSON: ${reasonOf(error)}`);
  }
  return reviewOf(value);
}

/** @throws Problem REVIEW_INVALID for a value that is no v1 AdmissionReview with a request. */
export function reviewOf(value: unknown): AdmissionRequest {
  if (review.Check(value)) {
    return value.request;
  }
  const [first] = review.Errors(value);
  const place = first === undefined ? '' : first.instancePath.replaceAll('/', '.');
  const allowed = first === undefined ? '' : allowedWords(first);
  throw new Problem('REVIEW_INVALID', `the body${place} ${first?.message ?? 'has another shape'}${allowed}`);
}

/** Which values would do, where they are few. */
function allowedWords({ params }: TLocalizedValidationError): string {
  if ('allowedValue' in params) {
    return `, ${JSON.stringify(params.allowedValue)}`;
  }
  return 'allowedValues' in params ? `: ${params.allowedValues.join(', ')}` : '';
}

/**
 * The pod that a request wants to create, or null where the request is about anything else.
 *
 * @throws Problem REVIEW_INVALID when the object is missing or no Pod.
 */
export function createdPod(request: AdmissionRequest): { pod: Pod; namespace: string } | null {
  const { operation, kind, resource, subResource } = request;
  const isOfPods =
    (kind === undefined || (kind.kind === 'Pod' && !kind.group)) &&
    (resource === undefined || (resource.resource === 'pods' && !resource.group));
  if (operation !== 'CREATE' || subResource || !isOfPods) {
    return null;
  }
  const { object } = request;
  if (!isPod(object)) {
    throw new Problem('REVIEW_INVALID', `request.object${podFault(object)}`);
  }
  // A template's pod comes without a namespace of its own; the request always has it.
  return { pod: object, namespace: request.namespace || object.metadata?.namespace || '' };
}
