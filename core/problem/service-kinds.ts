import type { ProblemKind } from './kind.ts';

/** What keeps either server from starting. */
export const serviceKinds = {
  FLAG_INVALID: {
    title: 'A flag has no usable value, or the flags cannot be used together.',
    advice: 'Run the program with --help to see its flags.',
  },
  CLUSTER_UNKNOWN: {
    title: 'With `--kube` there is no cluster to go to.',
    advice:
      'Set KUBECONFIG to a kubeconfig whose current context names a cluster with its URL, or run in a pod with a service account.',
  },
  CERTIFICATE_INVALID: {
    title: 'The certificate can’t be used to serve TLS.',
    advice: 'Give a PEM certificate that is valid today, with the private key that belongs to it.',
  },
} as const satisfies Record<string, ProblemKind>;
