import type { ProblemKind } from './kind.ts';

/** What the IPAM server answers, or says when it does not start. */
export const ipamServerKinds = {
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
  INVALID_TABLE: {
    status: 400,
    title: 'The table, or some of its rows, cannot be taken; nothing was written.',
    advice:
      'Correct each line that `errors` lists: it names line, column and what is wrong. `?dryRun=true` tries without writing.',
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
  POD_NOT_ON_NODE: {
    status: 403,
    title: 'The pod has a reservation, and the API server does not have this pod on the caller’s node.',
    advice:
      'A node’s token gets reservations only for pods bound to that node: see `kubectl get pod -o wide`, and that the uid is the pod’s present one.',
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
  EVENTS_GONE: {
    status: 410,
    title:
      'The events after this id are not all there: they are older than --retention, or of another ledger.',
    advice:
      'Read what you need anew, then go on from the newest event; without `since` the list begins with the oldest that is kept.',
  },
  PRECONDITION_FAILED: {
    status: 412,
    title: 'The object is not the one that If-Match or If-None-Match describes.',
    advice: 'Read it again, look at what changed, and repeat the edit with its present ETag.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'The body is larger than the server takes.',
    advice: 'A body may have 1 MiB, that of POST /v1/allocations:batch 8 MiB.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'The body’s content type is not application/json.',
    advice: 'Send `Content-Type: application/json`.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The Idempotency-Key has come before, with another body.',
    advice: 'Take a new key for a new batch; send a batch again with its own key and the very same body.',
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
  OVERLOADED: {
    status: 503,
    title: 'The server has more to do than it can do in time, and takes this call not yet.',
    advice: 'Repeat the call after the time that Retry-After says; allocations and releases go before lists.',
  },
  KUBE_UNAVAILABLE: {
    status: 503,
    title: 'The API server of Kubernetes does not answer what must be known first.',
    advice:
      'Repeat the call; if it lasts, see that the API server is reached and that the server’s service account has the rights of manifests/base/ipam-server.',
  },
  SHUTTING_DOWN: {
    status: 503,
    title: 'The server is stopping and takes no new calls.',
    advice: 'Repeat the call in a moment; it is safe, calls are idempotent.',
  },
  WATCHES_EXHAUSTED: {
    status: 503,
    title: 'As many clients watch as the server bears.',
    advice: 'Repeat the call later, ask for GET /v1/events from time to time instead, or end other watches.',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    title: 'The ledger’s store does not take or give records at the moment, so nothing was changed.',
    advice: 'Repeat the call; if it lasts, see /readyz and the server’s log for the store’s own message.',
  },

  NOT_LEADING: {
    status: 503,
    title: 'This server follows another, which it can’t reach at the moment, or none leads yet.',
    advice:
      'Repeat the call in a second, here or at another of the servers; if it lasts, see /readyz and the log.',
  },

  EPOCH_PENDING: {
    status: 503,
    title: 'The ledger was restored and gives nothing before the nodes have told what lives on them.',
    advice:
      'Wait for the sync of the nodes that the detail names. Fence or delete those that are gone; POST /v1/epoch:waive answers for those without an agent.',
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
  NODE_FENCED: {
    status: 409,
    title: 'The node was fenced, and its agent has not synced since.',
    advice:
      'Start the node’s agent: its next sync ends this. If it has none any more, delete the node and register it again.',
  },
  EPOCH_MISMATCH: {
    status: 409,
    title: 'The request is about another life of the ledger: it was restored from a backup meanwhile.',
    advice: 'Drop the reserve, sync without it, and repeat the request with the present epoch.',
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
    advice:
      'End the users that the detail names first, or let them end by themselves: see docs/ipam/ranges.md.',
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
  ADDRESS_WARM: {
    title: 'Another node holds the wanted address in reserve.',
    advice: 'Ask again in a moment: the node is asked to let it go.',
    status: 409,
  },
  ADDRESS_RESERVED: {
    title: 'The wanted address is reserved for somebody else.',
    advice: 'GET /v1/addresses/{ip} says for whom; ask for another, or change the reservation.',
    status: 409,
  },
  ADDRESS_QUARANTINED: {
    status: 409,
    title: 'Somebody else was seen to use the wanted address, so it is in quarantine.',
    advice:
      'Find the device whose MAC the detail names and take the address from it, or want another address; the quarantine ends at the time that the detail names.',
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
  ADDRESS_NOT_RESERVABLE: {
    status: 409,
    title: 'The address can be reserved for nobody.',
    advice:
      'Reserve host addresses of a known subnet; excluded ones only for hosts that are no pods (without pod and owner).',
  },
  RESERVATION_HELD: {
    status: 409,
    title: 'The pod’s reserved address is still with an earlier sandbox of it.',
    advice:
      'Ask again in a moment: it is free once that one is released. If its node is dead, fence the node.',
  },
  RESERVATION_EXHAUSTED: {
    status: 409,
    title: 'None of the addresses that are reserved for the pod is free.',
    advice: 'Ask again when another pod of the workload has gone, or reserve more addresses for it.',
  },
  RESERVATION_NOT_OF_NODE: {
    status: 409,
    title: 'The pod’s reserved address belongs to another zone than the node.',
    advice: 'Let the pod run on nodes of the address’s zone, or reserve it an address of this one.',
  },
  OWNER_UNKNOWN: {
    status: 409,
    title: 'The pod asks to keep its workload’s addresses, and the workload is not known.',
    advice: 'Name `pod.owner` in the request, or keep the address by the pod’s own name (`sticky: pod`).',
  },
  RESERVATION_OVERLAP: {
    status: 409,
    title: 'The address is in another reservation already.',
    advice: 'An address is in one reservation at most: take it out of the other first, or delete that one.',
  },
  ANNOTATION_INVALID: {
    status: 409,
    cni: 7,
    title: 'An annotation of the pod can’t be understood.',
    advice:
      'Mend the annotation that the detail names, and make the pod again; see docs/ipam/reservations.md and docs/ipam/kubernetes.md.',
  },
  MAC_IN_USE: {
    status: 409,
    title: 'The wanted MAC address belongs to another attachment of the zone.',
    advice: 'Want another MAC, or none: it is then derived from the address.',
  },

  // IPAM server: running.
  TOKEN_FILE_INVALID: {
    title: 'The tokens file cannot be used.',
    advice:
      'Write `tokens: [{token: …, role: admin | viewer | "node:<name>"}]`, one role an entry; see docs/ipam/running.md.',
  },
  STORE_IN_USE: {
    title: 'Another server has the ledger’s file open, or leads on its etcd.',
    advice:
      'Stop that server first, or give this one another file; one file has one server. A copy of the running one’s ledger is GET /v1/backup. On etcd, a server that was killed is believed to lead for some seconds more.',
  },
  STORE_DAMAGED: {
    title: 'The ledger is damaged; what it holds was left as it is.',
    advice:
      'Keep it for inspection and restore the last backup: `realip-ipam-server restore --from BACKUP --to STORE --force`. It puts the damaged one aside.',
  },
  STORE_MISSING: {
    title: 'There is no ledger in the store that is named.',
    advice:
      'Name the store of a ledger, or the file of a backup; only the server itself begins a new one. On etcd, see --etcd-prefix.',
  },
  STORE_EXISTS: {
    title: 'There is a ledger in the store that would be written.',
    advice:
      'Name another file, or another --etcd-prefix; `restore --force` puts the ledger aside that is there.',
  },
  STORE_PUT_BACK: {
    title: 'The ledger’s etcd was put back to an earlier state: what was given since is not known there.',
    advice:
      'The server that leads begins a new epoch, in which nothing is given until every node has told what lives on it: see GET /v1/epoch. If that one was started since, it can’t know: delete its pod, and no other server’s, so that another leads. To go back in time restore a backup of the ledger, never one of etcd.',
  },
  STORE_MOVED: {
    title: 'The ledger was moved to another store, and what is left here does not count any more.',
    advice:
      'Start the server with the store that is named. If `migrate` was interrupted in its last step, run it again. If that store is lost, restore its last backup, or this ledger as one: `restore` begins a new epoch.',
  },
  COPY_DIFFERS: {
    title: 'The copy of the ledger is not the same as the ledger; nothing was put in its place.',
    advice: 'Run the command again; if it lasts, keep both for inspection and report it.',
  },
  BACKUP_IMPOSSIBLE: {
    status: 409,
    title: 'This server’s store is in memory only, and can’t be copied.',
    advice: 'Run the server with --store sqlite:FILE or etcd:URL.',
  },
  BACKUP_RUNNING: {
    status: 409,
    title: 'A copy of the ledger is being made already.',
    advice: 'Repeat the call when that one has ended.',
  },
  BACKUP_FAILED: {
    status: 503,
    title: 'The copy of the ledger could not be written; nothing is left of it, and the ledger is as it was.',
    advice:
      'See that there is room for a second ledger beside the ledger’s file, or on etcd in the server’s TMPDIR, then repeat the call.',
  },
  STORE_TOO_NEW: {
    title: 'The ledger was written by a newer server.',
    advice: 'Start the newer server, or restore a backup of this version.',
  },
  ETCD_UNREACHABLE: {
    title: 'The etcd of the ledger does not answer, or does not let this program in.',
    advice:
      'See that the endpoints of --store are right and that etcd runs (`etcdctl endpoint health`), and that --etcd-ca, --etcd-cert, --etcd-user and --etcd-password-file are what it asks for.',
  },
  ETCD_TOO_OLD: {
    title: 'This etcd is too old to keep a ledger.',
    advice: 'Use etcd 3.4 or newer.',
  },
  STORE_UNOPENED: {
    title: 'The ledger’s file cannot be opened.',
    advice: 'See that the folder exists and that the server may read and write in it.',
  },
} as const satisfies Record<string, ProblemKind>;
