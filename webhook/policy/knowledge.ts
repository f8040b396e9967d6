/** What the place where a policy is used can know. */
export interface Knowledge {
  /** Whether labels of namespaces are known there (`--kube`). */
  readonly namespaceLabels: boolean;
}
