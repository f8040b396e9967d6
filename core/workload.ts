/**
 * The Deployment that a ReplicaSet is of; undefined where it is of none. A Deployment makes a new ReplicaSet with every
 * roll-out, named after itself and the hash of its template, which the pods have as label `pod-template-hash`.
 *
 * @example deploymentOf('web-5f7d', '5f7d') === 'web'
 */
export function deploymentOf(replicaSet: string, templateHash: string | undefined): string | undefined {
  const suffix = `-${templateHash}`;
  return templateHash !== undefined && replicaSet.endsWith(suffix)
    ? replicaSet.slice(0, -suffix.length)
    : undefined;
}
