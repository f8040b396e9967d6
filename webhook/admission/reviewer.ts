import type { Buffer } from 'node:buffer';
import type { Arrival } from '../policy/arrival.ts';
import { namespaceCounts } from '../policy/decide.ts';
import type { Texts } from '../policy/pod.ts';
import type { Policy } from '../policy/policy.ts';
import { denied, type Review } from './judge.ts';
import { createdPod, parseReview } from './review.ts';
import { answer, type Verdict } from './verdict.ts';

/** Knows the labels of namespaces, or answers null where nobody can. */
export interface NamespaceLabels {
  /** @throws Problem NAMESPACE_UNREADABLE */
  of(namespace: string): Promise<Texts | null>;
}

export interface Reviewed {
  readonly body: string;
  readonly verdict: Verdict;
  readonly uid: string;
  readonly namespace: string;
}

/** An AdmissionReview's way through the webhook: bytes in, bytes out. */
export class Reviewer {
  readonly #judge: Review;
  readonly #policy: () => Policy;
  readonly #namespaces: NamespaceLabels;

  constructor(judge: Review, policy: () => Policy, namespaces: NamespaceLabels) {
    this.#judge = judge;
    this.#policy = policy;
    this.#namespaces = namespaces;
  }

  /** @throws Problem REVIEW_INVALID, NAMESPACE_UNREADABLE */
  async review(bytes: Buffer): Promise<Reviewed> {
    const request = parseReview(bytes);
    const created = createdPod(request);
    let verdict: Verdict = { kind: 'allowed', reason: 'not-a-new-pod' };
    if (created !== null) {
      const { pod, namespace } = created;
      const namespaceLabels = namespaceCounts(pod, namespace) ? await this.#namespaces.of(namespace) : null;
      verdict = await this.#verdictOn({ ...created, namespaceLabels });
    }
    const { uid, namespace } = request;
    return { body: answer(uid, verdict), verdict, uid, namespace: namespace ?? '' };
  }

  async #verdictOn(arrival: Arrival): Promise<Verdict> {
    try {
      return await this.#judge(this.#policy(), arrival);
    } catch (error) {
      return denied(error);
    }
  }
}
