import type { ProblemKind } from './kind.ts';

/** What the webhook answers, or says when it does not start. */
export const webhookKinds = {
  // The webhook: why a pod is denied. The answer's status is the API server's own for a denied request.
  POD_ZONE_AMBIGUOUS: {
    status: 403,
    title: 'The pod names two zones.',
    advice: 'Keep either the label or the annotation `realip.io/zone`, or give both the same value.',
  },
  POD_ZONE_UNKNOWN: {
    status: 403,
    title: 'The pod or its namespace names a zone that the policy does not have.',
    advice: 'Name one of the known zones, or `none` to leave the pod alone.',
  },
  POD_ZONE_CONTRADICTION: {
    status: 403,
    title: 'The pod’s own nodeSelector or node affinity contradicts its zone.',
    advice:
      'Remove the key from the pod’s nodeSelector and required node affinity, or choose the other zone with the label `realip.io/zone`.',
  },
  FIXED_ADDRESSES_INVALID: {
    status: 403,
    title: 'The annotation `realip.io/addresses` is not a list of addresses that a pod can have.',
    advice:
      'Write at most one IPv4 and one IPv6 address of a host, separated by a comma, without prefix length, leading zeros or blanks.',
  },
  FIXED_ADDRESSES_DENIED: {
    status: 403,
    title: 'The policy does not allow fixed addresses here.',
    advice:
      'Remove the annotation `realip.io/addresses`, or have `fixedAddresses: allowed` set for the rule or zone.',
  },
  FIXED_ADDRESS_OUTSIDE: {
    status: 403,
    title: 'A fixed address is in no subnet or range that pods are given addresses of.',
    advice: 'Take an address of a range, or have it reserved for the pod; see docs/ipam/reservations.md.',
  },
  FIXED_ADDRESS_UNUSABLE: {
    status: 403,
    title: 'A fixed address is one that nobody is ever given.',
    advice:
      'Take another address: not a subnet’s network or broadcast address, gateway or exclude, and no node’s own.',
  },
  FIXED_ADDRESS_RESERVED: {
    status: 403,
    title: 'A fixed address is reserved for somebody else.',
    advice: 'Take another address, or have the reservation changed to this pod or its workload.',
  },
  FIXED_ADDRESS_WRONG_ZONE: {
    status: 403,
    title: 'A fixed address is in a subnet of another zone than the pod’s.',
    advice: 'Take an address of the pod’s zone, or choose the other zone with the label `realip.io/zone`.',
  },
  POD_ANNOTATION_INVALID: {
    status: 403,
    title: 'An annotation of the pod can’t be understood.',
    advice: 'Mend the annotation that the message names; see docs/zones.md.',
  },

  // The webhook: what it answers to a caller that is no API server, and what keeps it from starting.
  REVIEW_INVALID: {
    status: 400,
    title: 'The body is not an AdmissionReview of admission.k8s.io/v1.',
    advice: 'Only the API server should call here; see docs/zones.md for a review sent by hand.',
  },
  EXPLAIN_REQUEST_INVALID: {
    status: 400,
    title: 'The body of POST /explain is not what it takes.',
    advice: 'Send JSON with either `pod` or `object`, and if need be `namespace` and `namespaceLabels`.',
  },
  OBJECT_UNEXPLAINABLE: {
    status: 400,
    title: 'What is to be explained can’t be read, or is nothing that pods come from.',
    advice: 'Give Pods, workloads with a pod template, Lists of those, or an AdmissionReview.',
  },
  REVIEW_TOO_LARGE: {
    status: 413,
    title: 'The body is larger than 7 MiB.',
    advice: 'No API server sends one: its own limit for an object is lower.',
  },
  REVIEW_TOO_SLOW: {
    status: 408,
    title: 'The body of the AdmissionReview did not come in time.',
    advice: 'Look at the network between the API server and the webhook.',
  },
  WEBHOOK_LISTEN_FAILED: {
    title: 'The webhook can’t listen on its address.',
    advice: 'End what listens there, or give another address and port by --listen.',
  },
  WEBHOOK_BUSY: {
    status: 503,
    title: 'The webhook holds as many bodies as it has memory for, and takes this one not yet.',
    advice:
      'Repeat the call after the time that Retry-After says; if it lasts, see who sends so many or so large pods, or run more replicas.',
  },
  WEBHOOK_PATH_UNKNOWN: {
    status: 404,
    title: 'The webhook has no such path.',
    advice: 'It has /mutate, /validate, /explain, /healthz, /readyz and /metrics.',
  },
  NAMESPACE_UNREADABLE: {
    status: 503,
    title: 'The labels of the pod’s namespace could not be read.',
    advice:
      'See that the API server answers and that the webhook’s service account may get, list and watch namespaces.',
  },
} as const satisfies Record<string, ProblemKind>;
