/**
 * Every error that a user of realip can meet, in one place.
 *
 * `status` is the HTTP status where the error is an answer of a server, `cni` the code of the CNI
 * specification where it is an answer of the plugin (1–7 and 11 are the specification's, 50 and 51 belong
 * to STATUS, 100 and above are ours). `title` says what it means, `advice` what to do. What happened in the
 * case at hand is the `detail` of the `Problem`. `docs/errors.md` is tested against this table.
 */
export interface ProblemKind {
  readonly status?: number;
  readonly cni?: number;
  readonly title: string;
  readonly advice: string;
}

const kinds = {
  // Addresses and names, wherever they are typed in.
  INVALID_ADDRESS: {
    status: 400,
    cni: 7,
    title: 'The text is not an IP address.',
    advice:
      'Write IPv4 as four decimal numbers without leading zeros, IPv6 as in RFC 4291, without zone or blanks.',
  },
  INVALID_PREFIX: {
    status: 400,
    cni: 7,
    title: 'The text is not an IP prefix.',
    advice: 'Write an address, a slash and a length, such as 10.9.0.0/16 or fd00:9::/64.',
  },
  INVALID_RANGE: {
    status: 400,
    cni: 7,
    title: 'The range of addresses is not usable.',
    advice:
      'Give a first and a last address of the same family, first not above last, at most 2^32 addresses.',
  },
  INVALID_MAC: {
    status: 400,
    cni: 7,
    title: 'The text is not a MAC address.',
    advice: 'Write six octets in hexadecimal, separated by colons, such as 0a:58:0a:09:01:07.',
  },
  // The CNI plugin: what the runtime asked for.
  INCOMPATIBLE_CNI_VERSION: {
    cni: 1,
    title: 'The network configuration asks for a version of CNI, or a command of it, that is not spoken.',
    advice:
      'Set cniVersion to a version that `CNI_COMMAND=VERSION` lists; CHECK needs 0.4.0, STATUS and GC 1.1.0.',
  },
  INVALID_ENVIRONMENT: {
    cni: 4,
    title: 'The runtime called the plugin with variables that the CNI specification does not allow.',
    advice:
      'Correct the variables named in the message; they come from the container runtime or the calling tool.',
  },
  NETWORK_CONFIG_UNREADABLE: {
    cni: 5,
    title: 'The network configuration could not be read from standard input.',
    advice: 'See that the caller gives the configuration on standard input, and closes it.',
  },
  NETWORK_CONFIG_NO_JSON: {
    cni: 6,
    title: 'The network configuration is not JSON.',
    advice: 'Mend the syntax of the file in /etc/cni/net.d; `jq . FILE` names the place.',
  },
  INVALID_NETWORK_CONFIG: {
    cni: 7,
    title: 'The network configuration says something that cannot be meant.',
    advice: 'Correct the field named in the message; docs/cni.md describes each with an example.',
  },
  NOT_IN_THIS_VERSION: {
    cni: 7,
    title: 'The network configuration asks for something that this version of realip does not do yet.',
    advice: 'Leave the field out or use a supported value; docs/cni.md has the list.',
  },

  // The CNI plugin: what the node is like.
  MASTER_MISSING: {
    cni: 100,
    title: 'The interface that pods shall share is not on this node.',
    advice:
      'Set `master` to a device that `ip link` shows, or see that the device comes up before pods start.',
  },
  MTU_TOO_LARGE: {
    cni: 7,
    title: 'A pod cannot have a larger MTU than the interface it shares.',
    advice: 'Lower `mtu` in the network configuration, or raise the MTU of the master and of the switch.',
  },
  INTERFACE_EXISTS: {
    cni: 101,
    title: 'The container has an interface of this name already; it and its address were left as they are.',
    advice: 'Call DEL for the attachment first, or choose another CNI_IFNAME.',
  },
  KERNEL_REFUSED: {
    cni: 102,
    title: 'The kernel refused a step; all steps before it were taken back.',
    advice: 'The message names the step and the kernel’s reason; `ip -d link` and `dmesg` show more.',
  },
  SHIM_UNUSABLE: {
    cni: 103,
    title: 'The host’s own interface towards its pods (the shim) is not what it should be.',
    advice: 'Remove the device named in the message with `ip link delete`; the next pod makes it anew.',
  },
  CHECK_FAILED: {
    cni: 104,
    title: 'The container’s network is no longer what ADD made.',
    advice: 'Start the pod again, and look for what else changes interfaces on this node.',
  },
  NOT_READY: {
    cni: 50,
    title: 'A pod could not be started with this network now; those that run are not affected.',
    advice: 'The message names what is missing; the runtime asks again.',
  },
  GC_INCOMPLETE: {
    cni: 105,
    title: 'Some addresses of containers that are gone could not be freed.',
    advice: 'The message names each with its reason; the next GC tries again.',
  },

  // The CNI plugin: what the IPAM server answered.
  IPAM_AWAY: {
    cni: 11,
    title: 'No IPAM server answered; the runtime will try again.',
    advice:
      'See that the server runs and that this node reaches the URL in `ipam.server` (curl URL/healthz).',
  },
  IPAM_NONE_FREE: {
    cni: 11,
    title: 'No address is free for this node; the runtime will try again.',
    advice:
      'Add a range, or wait until cooling addresses are free again; `GET /v1/subnets/{subnet}/usage` tells.',
  },
  IPAM_UNAUTHORIZED: {
    cni: 120,
    title: 'The IPAM server does not accept this node’s token.',
    advice: 'Put a token of the role `node:<name>` of this node into the file that `ipam.tokenFile` names.',
  },
  IPAM_REFUSED: {
    cni: 121,
    title: 'The IPAM server refused the request.',
    advice: 'The message holds the server’s own reason and code; docs/errors.md explains the code.',
  },
  IPAM_ANSWER_UNREADABLE: {
    cni: 11,
    title: 'What answered at the IPAM server’s address is not an IPAM server’s answer.',
    advice: 'See that `ipam.server` names the server itself, and no proxy or other service.',
  },

  // IPAM server: requests.
  INVALID_NAME: {
    status: 400,
    title: 'The text is not a name of the kind that is asked for.',
    advice:
      'Objects have DNS-1123 names (a-z, 0-9, "-", "."); networks, containers and interfaces have CNI’s.',
  },
  INVALID_REQUEST: {
    status: 400,
    title: 'The request does not have the shape that the call asks for.',
    advice: 'Correct the field that the detail names; /openapi.json describes every call.',
  },
  INVALID_JSON: {
    status: 400,
    title: 'The body is not JSON in UTF-8.',
    advice: 'Send one JSON document, encoded as UTF-8.',
  },
  INVALID_CURSOR: {
    status: 400,
    title: 'The cursor is none that this list has answered.',
    advice: 'Give the cursor of the page before unchanged, or none to begin again.',
  },
  TOKEN_MISSING: {
    status: 401,
    title: 'The call needs a valid bearer token.',
    advice: 'Send `Authorization: Bearer <token>` with a token of the server’s --tokens file.',
  },
  ROLE_INSUFFICIENT: {
    status: 403,
    title: 'The token’s role does not allow this call.',
    advice:
      'Use a token of the role that the detail names; a node’s token serves only that node’s own calls.',
  },
  ROUTE_UNKNOWN: {
    status: 404,
    title: 'There is no such path.',
    advice: 'See /openapi.json for the calls of this server.',
  },
  OBJECT_UNKNOWN: {
    status: 404,
    title: 'There is no object of this name.',
    advice: 'See the list of its kind, such as GET /v1/subnets.',
  },
  ADDRESS_OUTSIDE_SUBNETS: {
    status: 404,
    title: 'The address belongs to no subnet of the ledger.',
    advice: 'See GET /v1/subnets for the known subnets.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'The path does not know this method.',
    advice: 'Use one of the methods that the `Allow` header names.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'The request did not come whole in time.',
    advice: 'Send headers and body within 30 seconds.',
  },
  PRECONDITION_FAILED: {
    status: 412,
    title: 'The object is not the one that If-Match or If-None-Match describes.',
    advice: 'Read it again, look at what changed, and repeat the edit with its present ETag.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'The body is larger than the server takes.',
    advice: 'A body may have 1 MiB.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'The body’s content type is not application/json.',
    advice: 'Send `Content-Type: application/json`.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'The headers are larger than the server takes.',
    advice: 'Headers may have 16 KiB in all; no call of this server needs more than one.',
  },
  INTERNAL_ERROR: {
    status: 500,
    title: 'The server made a mistake.',
    advice: 'Please report it with the log lines that carry this request’s id.',
  },
  SHUTTING_DOWN: {
    status: 503,
    title: 'The server is stopping and takes no new calls.',
    advice: 'Repeat the call in a moment; it is safe, calls are idempotent.',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    title: 'The ledger’s store does not take or give records at the moment, so nothing was changed.',
    advice: 'Repeat the call; if it lasts, see /readyz and the server’s log for the store’s own message.',
  },

  // IPAM server: the ledger.
  ZONE_UNKNOWN: {
    status: 409,
    title: 'The zone that the request names does not exist.',
    advice: 'Make it with PUT /v1/zones/{zone}, then repeat the request.',
  },
  SUBNET_UNKNOWN: {
    status: 409,
    title: 'The subnet that the request names does not exist.',
    advice: 'Make it with PUT /v1/subnets/{subnet}, then repeat the request.',
  },
  NODE_UNKNOWN: {
    status: 409,
    title: 'The node is not registered, so its zone is not known.',
    advice: 'Register it with PUT /v1/nodes/{node} and the body {"zone": "<zone>"}, then repeat the request.',
  },
  SUBNET_OVERLAP: {
    status: 409,
    title: 'Two subnets would hold the same addresses.',
    advice: 'An address names one thing in all zones: change the prefix of one of the two.',
  },
  RANGE_OVERLAP: {
    status: 409,
    title: 'Two ranges would give the same addresses.',
    advice: 'Change start or end of one of the two, or delete the other.',
  },
  IN_USE: {
    status: 409,
    title: 'What the request would delete, move or shrink is in use.',
    advice: 'End the users that the detail names first, or disable the range and let them end by themselves.',
  },
  RANGE_EXHAUSTED: {
    status: 409,
    title: 'No address is free for this request.',
    advice: 'Add a range or enlarge one; GET /v1/subnets/{subnet}/usage tells what is free.',
  },
  ATTACHMENT_ON_OTHER_NODE: {
    status: 409,
    title: 'The attachment exists already, on another node.',
    advice: 'Release it there first; a container does not move between nodes.',
  },
  ADDRESS_IN_USE: {
    status: 409,
    title: 'The wanted address belongs to another attachment.',
    advice: 'Want another address, or end the owner that the detail names.',
  },
  ADDRESS_COOLING: {
    status: 409,
    title: 'The wanted address was released a moment ago and rests.',
    advice: 'Repeat the request after the time that the detail names; see cooldownSeconds of the subnet.',
  },
  ADDRESS_NOT_GIVEN: {
    status: 409,
    title: 'The wanted address is none that this node may give.',
    advice: 'Want an address of an enabled range that is the node’s own or shared in its zone.',
  },
  SUBNET_NOT_OF_NODE: {
    status: 409,
    title: 'The subnet belongs to another zone than the node.',
    advice: 'Name a subnet of the node’s zone, or none.',
  },
  MAC_IN_USE: {
    status: 409,
    title: 'The wanted MAC address belongs to another attachment of the zone.',
    advice: 'Want another MAC, or none: it is then derived from the address.',
  },

  // IPAM server: running.
  SERVER_FLAGS_INVALID: {
    title: 'The server’s flags cannot be used together, or one has no usable value.',
    advice: 'See `realip-ipam-server --help`.',
  },
  TOKEN_FILE_INVALID: {
    title: 'The tokens file cannot be used.',
    advice: 'Write `tokens: [{token: …, role: admin | viewer | "node:<name>"}]`, one role an entry.',
  },
  STORE_IN_USE: {
    title: 'Another server has the ledger’s file open.',
    advice: 'Stop that server first, or give this one another file; one file has one server.',
  },
  STORE_DAMAGED: {
    title: 'The ledger’s file is damaged; nothing was changed in it.',
    advice: 'Keep the file for inspection and start with a restored backup.',
  },
  STORE_TOO_NEW: {
    title: 'The ledger’s file was written by a newer server.',
    advice: 'Start the newer server, or restore a backup of this version.',
  },
  STORE_UNOPENED: {
    title: 'The ledger’s file cannot be opened.',
    advice: 'See that the folder exists and that the server may read and write in it.',
  },

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
    title: 'The pod’s own nodeSelector contradicts its zone.',
    advice:
      'Remove the key from the pod’s nodeSelector, or choose the other zone with the label `realip.io/zone`.',
  },
  FIXED_ADDRESSES_INVALID: {
    status: 403,
    title: 'The annotation `realip.io/addresses` is not a list of addresses.',
    advice:
      'Write at most one IPv4 and one IPv6 address, separated by a comma, without prefix length, leading zeros or blanks.',
  },

  // The webhook: what it answers to a caller that is no API server, and what keeps it from starting.
  REVIEW_INVALID: {
    status: 400,
    title: 'The body is not an AdmissionReview of admission.k8s.io/v1.',
    advice: 'Only the API server should call here; see docs/webhook.md for a review sent by hand.',
  },
  REVIEW_TOO_LARGE: {
    status: 413,
    title: 'The AdmissionReview is larger than 7 MiB.',
    advice: 'No API server sends one: its own limit for an object is lower.',
  },
  WEBHOOK_PATH_UNKNOWN: {
    status: 404,
    title: 'The webhook has no such path.',
    advice: 'It has /mutate, /validate, /healthz, /readyz and /metrics.',
  },
  NAMESPACE_UNREADABLE: {
    status: 503,
    title: 'The labels of the pod’s namespace could not be read.',
    advice:
      'See that the API server answers and that the webhook’s service account may get, list and watch namespaces.',
  },
  CERTIFICATE_INVALID: {
    title: 'The certificate can’t be used to serve TLS.',
    advice: 'Give a PEM certificate that is valid today, with the private key that belongs to it.',
  },
  WEBHOOK_FLAG_INVALID: {
    title: 'A flag of realip-webhook is not usable.',
    advice: 'See `realip-webhook --help`.',
  },

  // netlink: network namespaces.
  NETNS_NOT_FOUND: {
    cni: 4,
    title: 'There is no network namespace at the path.',
    advice: 'See that the pod’s sandbox is still there and that CNI_NETNS names it as this host sees it.',
  },
  NETNS_INVALID: {
    cni: 4,
    title: 'The path is not a network namespace that can be used.',
    advice: 'Give the path of a mounted namespace (`ip netns add`), or /proc/PID/ns/net, and run as root.',
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof kinds;

/** The registry, by code. */
export const problemKinds: Readonly<Record<ProblemCode, ProblemKind>> = kinds;
