/** How the webhook makes and keeps its own certificates. Times in milliseconds. */
export interface OwnCaSettings {
  /** Where the Secret and the Service are. */
  readonly namespace: string;
  readonly secret: string;
  /** The name of the MutatingWebhookConfiguration and of the ValidatingWebhookConfiguration. */
  readonly webhook: string;
  readonly service: string;
  /** More host names and addresses for the serving certificate. */
  readonly sans: readonly string[];
  readonly caMs: number;
  readonly servingMs: number;
  /** So long an authority stays trusted after its successor is trusted everywhere. */
  readonly overlapMs: number;
}

/**
 * So long every configuration must have carried an authority before anything serves by it: API servers hear of a
 * changed configuration by a watch.
 */
export const settleMs = 3_000;

/**
 * A replica that has not seen Secret and configurations for so long is not ready: after twice that time another one may
 * have taken out what it serves by.
 */
export function freshMs({ overlapMs }: OwnCaSettings): number {
  return overlapMs / 2;
}

/** What the serving certificate must be good for. */
export function namesOf({ service, namespace, sans }: OwnCaSettings): readonly string[] {
  const name = `${service}.${namespace}`;
  return [...new Set([`${name}.svc`, `${name}.svc.cluster.local`, name, ...sans])];
}
