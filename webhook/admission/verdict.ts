import { Buffer } from 'node:buffer';
import { printable } from '../../core/printable.ts';
import type { Problem } from '../../core/problem/problem.ts';
import type { AddOperation } from '../placement/patch.ts';

/** What the webhook says about a request; `reason` is one of few words, for metrics and the log. */
export type Verdict =
  | {
      readonly kind: 'allowed';
      readonly reason: string;
      /** What kubectl shows to the pod's author, each a line of at most 120 characters. */
      readonly warnings?: readonly string[];
    }
  | {
      readonly kind: 'placed';
      readonly reason: string;
      readonly patch: readonly AddOperation[];
      readonly zone: string;
      readonly by: string;
    }
  | { readonly kind: 'denied'; readonly reason: string; readonly problem: Problem };

/** The AdmissionReview that answers the request `uid`, as JSON. */
export function answer(uid: string, verdict: Verdict): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, ...response(verdict) },
  });
}

function response(verdict: Verdict): object {
  switch (verdict.kind) {
    case 'allowed':
      return { allowed: true, ...(verdict.warnings?.length ? { warnings: verdict.warnings } : {}) };
    case 'placed':
      return {
        allowed: true,
        auditAnnotations: { zone: verdict.zone, 'placed-by': verdict.by },
        // The API server takes neither an empty patch nor a patch type without a patch.
        ...(verdict.patch.length === 0
          ? {}
          : {
              patchType: 'JSONPatch',
              patch: Buffer.from(JSON.stringify(verdict.patch)).toString('base64'),
            }),
      };
    case 'denied':
      return { allowed: false, status: status(verdict.problem) };
  }
}

/** A Kubernetes Status; kubectl shows its message after `admission webhook "…" denied the request:`. */
function status(problem: Problem): object {
  return {
    status: 'Failure',
    code: problem.kind.status ?? 403,
    reason: 'Forbidden',
    message: denialMessage(problem),
  };
}

/** So much of a pod that was made to be endless is told. */
const mostOfMessage = 4_000;

/** What the author of a denied pod reads. */
export function denialMessage(problem: Problem): string {
  return `${denialDetail(problem)}. ${problem.kind.advice} (${problem.code})`;
}

/** What happened, for people and the log, whatever was in the pod. */
export function denialDetail({ message }: Problem): string {
  return printable(message, mostOfMessage);
}
