#!/usr/bin/env node

// ipam-server/main.ts
import { randomUUID } from 'node:crypto';
import { readFileSync as readFileSync2 } from 'node:fs';
import { CommanderError as CommanderError2 } from 'commander';

// core/problem/registry.ts
var kinds = {
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
};
var problemKinds = kinds;

// core/problem/problem.ts
class Problem extends Error {
  name = 'Problem';
  code;
  facts;
  constructor(code, detail, facts = {}, cause) {
    super(detail, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
  }
  get kind() {
    return problemKinds[this.code];
  }
}
function reasonOf(thrown) {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

// ipam-server/flags.ts
import { Command, CommanderError, Option } from 'commander';

var hostPort = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):([0-9]{1,5})$/;
function parseListen(text) {
  const [, bracketed, plain, digits] = hostPort.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65535) {
    throw new Problem('SERVER_FLAGS_INVALID', `"${text}" is not host:port, such as 127.0.0.1:8080`);
  }
  return { host: bracketed ?? (plain === undefined || plain === '' ? '::' : plain), port };
}
function isLoopback({ host }) {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
function command() {
  return new Command('realip-ipam-server')
    .description('The ledger of real addresses for Kubernetes pods.')
    .option('--listen <host:port>', 'where to answer calls', parseListen, parseListen('127.0.0.1:8080'))
    .requiredOption('--store <store>', 'sqlite:FILE, or memory: (forgets all at its end)')
    .option(
      '--tokens <file>',
      'who may call (YAML); may be absent on loopback only: every caller is then admin',
    )
    .option('--tls-cert <file>', 'certificate chain in PEM')
    .option('--tls-key <file>', 'its private key in PEM')
    .option('--insecure-http', 'beyond loopback without TLS: tokens and addresses travel in the clear')
    .option('--metrics-listen <host:port>', 'a plain port for /metrics alone, without token', parseListen)
    .addOption(
      new Option('--log-level <level>', 'least important level logged to stderr')
        .choices(['error', 'warn', 'info', 'debug'])
        .default('info'),
    )
    .exitOverride();
}
function parseFlags(args) {
  const program = command().configureOutput({ writeErr: () => {} });
  try {
    const flags = program.parse(args, { from: 'user' }).opts();
    checkTogether(flags);
    return flags;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0) {
      throw new Problem('SERVER_FLAGS_INVALID', error.message.replace(/^error: /, ''), {}, error);
    }
    throw error;
  }
}
function checkTogether(flags) {
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined)) {
    throw new Problem('SERVER_FLAGS_INVALID', '--tls-cert and --tls-key go together');
  }
  if (isLoopback(flags.listen)) {
    return;
  }
  const where = `--listen ${flags.listen.host}:${flags.listen.port} is reachable from other machines`;
  if (flags.tokens === undefined) {
    throw new Problem('SERVER_FLAGS_INVALID', `${where}: give --tokens, so that not everybody is admin`);
  }
  if (flags.tlsCert === undefined && flags.insecureHttp !== true) {
    throw new Problem('SERVER_FLAGS_INVALID', `${where}: give --tls-cert and --tls-key, or --insecure-http`);
  }
}

// ipam-server/http/caller.ts
import { createHash, timingSafeEqual } from 'node:crypto';

function callerOfRole(role) {
  if (role === 'admin' || role === 'viewer') {
    return { role };
  }
  return { role: 'node', node: role.slice('node:'.length) };
}

class TokenTable {
  #bySha256 = new Map();
  constructor(file) {
    for (const entry of file.tokens) {
      const sha256 = 'token' in entry ? sha256Of(entry.token) : Buffer.from(entry.tokenSha256, 'hex');
      this.#bySha256.set(sha256.toString('hex'), { sha256, caller: callerOfRole(entry.role) });
    }
  }
  callerOf(token) {
    const sha256 = sha256Of(token);
    const entry = this.#bySha256.get(sha256.toString('hex'));
    return entry !== undefined && timingSafeEqual(entry.sha256, sha256) ? entry.caller : null;
  }
}
function sha256Of(token) {
  return createHash('sha256').update(token).digest();
}

// ipam-server/http/metrics.ts
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
// schema/address.ts
// schema/allocation.ts
// schema/subnet.ts
// schema/text.ts
import { Type, Type as Type2, Type as Type3, Type as Type4 } from 'typebox';

var ObjectName = Type.String({
  format: 'dns-1123-subdomain',
  description: 'A DNS-1123 subdomain.',
  examples: ['office-lan'],
});
var CniName = Type.String({
  format: 'cni-name',
  description: 'A network name or container id as CNI allows it.',
  examples: ['realip'],
});
var DeviceName = Type.String({
  format: 'device-name',
  description: 'The interface’s name in the container, 1 to 15 octets.',
  examples: ['eth0'],
});
var Address = Type.String({
  format: 'ip',
  description: 'An IP address without prefix length, in RFC 5952 form.',
  examples: ['10.9.1.7'],
});
var Cidr = Type.String({
  format: 'cidr',
  description: 'A network: an IP prefix without host bits.',
  examples: ['10.9.0.0/16'],
});
var MacAddress = Type.String({
  format: 'mac',
  description: 'A unicast MAC address.',
  examples: ['0a:58:0a:09:01:07'],
});
var Family = Type.Union([Type.Literal('ipv4'), Type.Literal('ipv6')]);

// schema/subnet.ts
var Route = Type2.Object(
  { dst: Cidr, gw: Type2.Optional(Address) },
  { additionalProperties: false, examples: [{ dst: '10.20.0.0/16', gw: '10.9.0.2' }] },
);
var servers = Type2.Array(Address, { maxItems: 16 });
var words = Type2.Array(Type2.String({ minLength: 1, maxLength: 253 }), { maxItems: 32 });
var Dns = Type2.Object(
  {
    nameservers: Type2.Optional(servers),
    search: Type2.Optional(words),
    options: Type2.Optional(words),
  },
  { additionalProperties: false },
);
var Subnet = Type2.Object(
  {
    zone: ObjectName,
    cidr: Cidr,
    gateway: Type2.Optional(Address),
    vlan: Type2.Optional(Type2.Integer({ minimum: 1, maximum: 4094 })),
    excludes: Type2.Optional(
      Type2.Array(Type2.String({ format: 'ip-range', examples: ['10.9.0.5', '10.9.0.10-10.9.0.20'] }), {
        maxItems: 1e4,
        description: 'Addresses never given: one, or two with a hyphen between.',
      }),
    ),
    routes: Type2.Optional(Type2.Array(Route, { maxItems: 256 })),
    dns: Type2.Optional(Dns),
    cooldownSeconds: Type2.Optional(
      Type2.Integer({
        minimum: 0,
        maximum: 31536000,
        description: 'How long a released address rests before it is given again. Default 120.',
      }),
    ),
  },
  { additionalProperties: false },
);

// schema/allocation.ts
var word = Type3.String({ minLength: 1, maxLength: 253 });
var labels = Type3.Record(Type3.String(), Type3.String({ maxLength: 4096 }));
var Pod = Type3.Object(
  {
    namespace: word,
    name: word,
    uid: Type3.Optional(word),
    owner: Type3.Optional(
      Type3.Object(
        { kind: word, name: word, namespace: Type3.Optional(word), uid: Type3.Optional(word) },
        { additionalProperties: false },
      ),
    ),
    labels: Type3.Optional(labels),
    namespaceLabels: Type3.Optional(labels),
  },
  { additionalProperties: false },
);
var AttachmentKey = Type3.Object(
  { network: CniName, containerId: CniName, ifname: DeviceName },
  { additionalProperties: false },
);
var AllocationRequest = Type3.Object(
  {
    node: ObjectName,
    network: CniName,
    containerId: CniName,
    ifname: DeviceName,
    pod: Type3.Optional(Pod),
    mac: Type3.Optional(MacAddress),
    addresses: Type3.Optional(
      Type3.Array(Address, { maxItems: 2, description: 'Wanted addresses, at most one a family.' }),
    ),
    subnet: Type3.Optional(ObjectName),
    families: Type3.Optional(
      Type3.Array(Family, {
        minItems: 1,
        maxItems: 2,
        uniqueItems: true,
        description: 'Default: every family for which the node has a range. Several are all or nothing.',
      }),
    ),
  },
  { additionalProperties: false },
);
var AllocatedIp = Type3.Object({
  address: Type3.String({ format: 'ip-with-prefix', examples: ['10.9.1.7/16'] }),
  gateway: Type3.Optional(Address),
  subnet: ObjectName,
  range: ObjectName,
  vlan: Type3.Optional(Type3.Integer()),
});
var Allocation = Type3.Object({
  id: Type3.String(),
  generation: Type3.Integer({
    description: 'Grows with every allocation; give it with DELETE so that a late one frees nothing newer.',
  }),
  mac: MacAddress,
  ips: Type3.Array(AllocatedIp),
  routes: Type3.Array(Route),
  dns: Dns,
});
var ListedAllocation = Type3.Object({
  id: Type3.String(),
  generation: Type3.Integer(),
  node: ObjectName,
  network: CniName,
  containerId: CniName,
  ifname: DeviceName,
  pod: Type3.Optional(Pod),
  mac: MacAddress,
  ips: Type3.Array(AllocatedIp),
});

// schema/address.ts
var addressStates = ['free', 'reserved', 'warm', 'allocated', 'cooling', 'quarantined'];
var AddressState = Type4.Enum([...addressStates]);
var Owner = Type4.Object({
  node: ObjectName,
  network: CniName,
  containerId: CniName,
  ifname: DeviceName,
  pod: Type4.Optional(Pod),
});
var AddressReport = Type4.Object({
  address: Address,
  state: AddressState,
  owner: Type4.Optional(Owner),
  why: Type4.Optional(Type4.String()),
  until: Type4.Optional(Type4.String({ format: 'date-time' })),
});
var MapCell = Type4.Object({ address: Address, state: AddressState });
var count = Type4.Integer({ minimum: 0 });
var Usage = Type4.Object({
  total: count,
  free: count,
  byState: Type4.Object({
    free: count,
    reserved: count,
    warm: count,
    allocated: count,
    cooling: count,
    quarantined: count,
  }),
});

// ipam-server/http/metrics.ts
class Metrics {
  #registry = new Registry();
  allocationSeconds;
  commitSeconds;
  commitRecords;
  storeErrors;
  answers;
  constructor(usage) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: 'realip_ipam_addresses',
      help: 'Usable addresses of the ranges of a subnet, by state.',
      labelNames: ['subnet', 'state'],
      registers,
      collect() {
        this.reset();
        for (const [subnet, { byState }] of usage()) {
          for (const state of addressStates) {
            this.set({ subnet, state }, byState[state]);
          }
        }
      },
    });
    this.allocationSeconds = new Histogram({
      name: 'realip_ipam_allocation_duration_seconds',
      help: 'From a valid request to its durable allocation.',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
      registers,
    });
    this.commitSeconds = new Histogram({
      name: 'realip_ipam_commit_duration_seconds',
      help: 'How long the store takes to make a batch durable.',
      buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
      registers,
    });
    this.commitRecords = new Histogram({
      name: 'realip_ipam_commit_records',
      help: 'How many records a batch holds.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000],
      registers,
    });
    this.storeErrors = new Counter({
      name: 'realip_ipam_store_errors_total',
      help: 'Commits and loads that the store failed.',
      registers,
    });
    this.answers = new Counter({
      name: 'realip_ipam_http_answers_total',
      help: 'Answers by method and status class.',
      labelNames: ['method', 'status'],
      registers,
    });
    for (const [name, help] of notYetCounted) {
      new Counter({ name, help, registers });
    }
  }
  get contentType() {
    return this.#registry.contentType;
  }
  text() {
    return this.#registry.metrics();
  }
}
var notYetCounted = [
  ['realip_ipam_conflicts_total', 'Addresses that a node found in use by somebody else.'],
  ['realip_ipam_quarantined_total', 'Addresses put into quarantine.'],
];

// ipam-server/http/server.ts
import swagger from '@fastify/swagger';
import fastify from 'fastify';

// ipam-server/http/access.ts
var admin = { role: 'admin' };
var bearer = /^bearer +([^\s]+) *$/i;
function guard(app, authenticator) {
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    const access = request.routeOptions.config.access ?? 'admin';
    if (access === 'nobody') {
      return;
    }
    request.caller = authenticator === null ? admin : authenticate(request, authenticator);
    if (!request.is404) {
      checkRole(request.caller, access);
    }
  });
}
function authenticate(request, authenticator) {
  const token = bearer.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) {
    throw new Problem('TOKEN_MISSING', 'there is no bearer token');
  }
  const caller = authenticator.callerOf(token);
  if (caller === null) {
    throw new Problem('TOKEN_MISSING', 'the bearer token is not a known one');
  }
  return caller;
}
function checkRole(caller, access) {
  const isAllowed =
    caller.role === 'admin' ||
    (caller.role === 'viewer' && (access === 'viewer' || access === 'node-or-viewer')) ||
    (caller.role === 'node' && (access === 'node' || access === 'node-or-viewer'));
  if (!isAllowed) {
    throw new Problem('ROLE_INSUFFICIENT', `the call is not for the role ${nameOf(caller)}`);
  }
}
function checkOwnNode(caller, node) {
  if (caller.role === 'node' && typeof node === 'string' && node !== caller.node) {
    throw new Problem(
      'ROLE_INSUFFICIENT',
      `the token is node ${caller.node}’s, the call is about node ${node}`,
    );
  }
}
function nameOf(caller) {
  return caller.role === 'node' ? `node:${caller.node}` : caller.role;
}

// ipam-server/http/problem-answer.ts
var problemType = 'application/problem+json; charset=utf-8';
function problemBody(problem) {
  const { status = 500, title, advice } = problem.kind;
  return JSON.stringify({
    ...problem.facts,
    type: `urn:realip:problem:${problem.code}`,
    title,
    status,
    detail: problem.message,
    code: problem.code,
    advice,
  });
}
function sendProblem(reply, problem) {
  const { status = 500 } = problem.kind;
  reply.code(status).header('content-type', problemType);
  if (status === 401) {
    reply.header('www-authenticate', 'Bearer');
  }
  if (status === 503) {
    reply.header('retry-after', '1');
  }
  return reply.send(problemBody(problem));
}

// core/address/ipv6.ts
var group = /^[0-9a-fA-F]{1,4}$/;
var dotted = /^(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!$)|$)){4}$/;
function fail(text) {
  throw new Problem('INVALID_ADDRESS', `"${text}" is not an IP address`);
}
function groupsOf(side, mayEndDotted, text) {
  if (side === '') {
    return [];
  }
  const parts = side.split(':');
  return parts.flatMap((part, index) => {
    if (mayEndDotted && index === parts.length - 1 && dotted.test(part)) {
      const octets = part.split('.').map(Number);
      const [a = 0, b = 0, c = 0, d = 0] = octets;
      return octets.some((octet) => octet > 255) ? fail(text) : [a * 256 + b, c * 256 + d];
    }
    return group.test(part) ? [Number.parseInt(part, 16)] : fail(text);
  });
}
function parseIpv6(text) {
  const sides = text.split('::');
  const [left = '', right] = sides;
  if (sides.length > 2) {
    fail(text);
  }
  const head = groupsOf(left, right === undefined, text);
  const tail = right === undefined ? [] : groupsOf(right, true, text);
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) {
    fail(text);
  }
  const groups = [...head, ...new Array(missing).fill(0), ...tail];
  return groups.reduce((value, next) => (value << 16n) | BigInt(next), 0n);
}
function longestZeros(groups) {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (i < groups.length && groups[i] === 0) {
      continue;
    }
    if (i - start > best.length && i - start > 1) {
      best = { start, length: i - start };
    }
    start = i + 1;
  }
  return best;
}
function formatIpv6(value) {
  if (value >> 32n === 0xffffn) {
    const shifts = [24n, 16n, 8n, 0n];
    return `::ffff:${shifts.map((shift) => (value >> shift) & 0xffn).join('.')}`;
  }
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  const hex = groups.map((each) => each.toString(16));
  const zeros = longestZeros(groups);
  if (zeros.length === 0) {
    return hex.join(':');
  }
  return `${hex.slice(0, zeros.start).join(':')}::${hex.slice(zeros.start + zeros.length).join(':')}`;
}

// core/address/ip.ts
function bitsOf(family) {
  return family === 'ipv4' ? 32 : 128;
}
function highest(family) {
  return (1n << BigInt(bitsOf(family))) - 1n;
}

class Ip {
  family;
  value;
  constructor(family, value) {
    if (value < 0n || value > highest(family)) {
      throw new Problem('INVALID_ADDRESS', `${value} is outside the ${family} addresses`);
    }
    this.family = family;
    this.value = value;
  }
  static parse(text) {
    if (text.includes(':')) {
      return new Ip('ipv6', parseIpv6(text));
    }
    return new Ip('ipv4', parseIpv4(text));
  }
  plus(count) {
    return new Ip(this.family, this.value + count);
  }
  equals(other) {
    return this.family === other.family && this.value === other.value;
  }
  compare(other) {
    if (this.family !== other.family) {
      return this.family === 'ipv4' ? -1 : 1;
    }
    return this.value < other.value ? -1 : this.value > other.value ? 1 : 0;
  }
  toBytes() {
    const bytes = new Uint8Array(bitsOf(this.family) / 8);
    let rest = this.value;
    for (let i = bytes.length - 1; i >= 0; i--) {
      bytes[i] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    return bytes;
  }
  static fromBytes(bytes) {
    if (bytes.length !== 4 && bytes.length !== 16) {
      throw new Problem('INVALID_ADDRESS', `${bytes.length} octets are no address`);
    }
    let value = 0n;
    for (const byte of bytes) {
      value = (value << 8n) | BigInt(byte);
    }
    return new Ip(bytes.length === 4 ? 'ipv4' : 'ipv6', value);
  }
  toString() {
    return this.family === 'ipv4' ? [...this.toBytes()].join('.') : formatIpv6(this.value);
  }
  toJSON() {
    return this.toString();
  }
}
var octet = '(0|[1-9][0-9]{0,2})';
var dottedQuad = new RegExp(`^${octet}\\.${octet}\\.${octet}\\.${octet}$`);
function parseIpv4(text) {
  const match = dottedQuad.exec(text);
  const octets = match?.slice(1).map(Number) ?? [];
  if (match === null || octets.some((value) => value > 255)) {
    throw new Problem('INVALID_ADDRESS', `"${text}" is not an IP address`);
  }
  return octets.reduce((value, next) => (value << 8n) | BigInt(next), 0n);
}

// core/address/mac.ts
var sixOctets = /^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}$/;
var twoOctets = /^[0-9a-fA-F]{2}:[0-9a-fA-F]{2}$/;
var defaultMacPrefix = '0a:58';

class Mac {
  #octets;
  constructor(octets) {
    this.#octets = octets;
  }
  static parse(text) {
    if (!sixOctets.test(text)) {
      throw new Problem('INVALID_MAC', `"${text}" is not a MAC address`);
    }
    return new Mac(text.split(':').map((octet) => Number.parseInt(octet, 16)));
  }
  static fromBytes(bytes) {
    if (bytes.length !== 6) {
      throw new Problem('INVALID_MAC', `${bytes.length} octets are no MAC address`);
    }
    return new Mac([...bytes]);
  }
  static derived(prefix, ip) {
    return new Mac([...octetsOfPrefix(prefix), ...ip.toBytes().slice(-4)]);
  }
  get isUnicast() {
    return ((this.#octets[0] ?? 0) & 1) === 0 && this.#octets.some((octet) => octet !== 0);
  }
  get isLocallyAdministered() {
    return ((this.#octets[0] ?? 0) & 2) !== 0;
  }
  equals(other) {
    return this.toString() === other.toString();
  }
  toBytes() {
    return Uint8Array.from(this.#octets);
  }
  toString() {
    return this.#octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
  }
  toJSON() {
    return this.toString();
  }
}
function checkMacPrefix(text) {
  const [first = 0] = octetsOfPrefix(text);
  if ((first & 3) !== 2) {
    throw new Problem('INVALID_MAC', `the MAC prefix "${text}" is not unicast and locally administered`);
  }
  return text.toLowerCase();
}
function octetsOfPrefix(text) {
  if (!twoOctets.test(text)) {
    throw new Problem('INVALID_MAC', `"${text}" is not a MAC prefix of two octets`);
  }
  return text.split(':').map((octet) => Number.parseInt(octet, 16));
}

// core/address/range.ts
class Range {
  first;
  last;
  constructor(first, last) {
    if (first.family !== last.family) {
      throw new Problem('INVALID_RANGE', `${first} and ${last} are of two families`);
    }
    if (first.value > last.value) {
      throw new Problem('INVALID_RANGE', `the first address ${first} is above the last, ${last}`);
    }
    this.first = first;
    this.last = last;
  }
  static parse(text) {
    const [first = '', last = first, ...rest] = text.split('-');
    if (rest.length > 0) {
      throw new Problem('INVALID_RANGE', `"${text}" is neither an address nor two with a hyphen between`);
    }
    return new Range(Ip.parse(first), Ip.parse(last));
  }
  get size() {
    return this.last.value - this.first.value + 1n;
  }
  contains(ip) {
    return ip.family === this.first.family && ip.value >= this.first.value && ip.value <= this.last.value;
  }
  covers(other) {
    return this.contains(other.first) && this.contains(other.last);
  }
  overlaps(other) {
    return this.contains(other.first) || other.contains(this.first);
  }
  minus(others) {
    const holes = others.filter((hole) => this.overlaps(hole)).sort((a, b) => a.first.compare(b.first));
    const left = [];
    let next = this.first.value;
    for (const hole of holes) {
      if (hole.first.value > next) {
        left.push(this.#part(next, hole.first.value - 1n));
      }
      if (hole.last.value >= next) {
        next = hole.last.value + 1n;
      }
    }
    if (next <= this.last.value) {
      left.push(this.#part(next, this.last.value));
    }
    return left;
  }
  #part(first, last) {
    return new Range(new Ip(this.first.family, first), new Ip(this.first.family, last));
  }
  toString() {
    return this.first.equals(this.last) ? `${this.first}` : `${this.first}-${this.last}`;
  }
}

// core/address/prefix.ts
var length = /^(0|[1-9][0-9]{0,2})$/;

class Prefix {
  address;
  bits;
  constructor(address, bits) {
    if (!Number.isInteger(bits) || bits < 0 || bits > bitsOf(address.family)) {
      throw new Problem('INVALID_PREFIX', `/${bits} is no prefix length of ${address.family}`);
    }
    this.address = address;
    this.bits = bits;
  }
  static parse(text) {
    const slash = text.indexOf('/');
    const bits = text.slice(slash + 1);
    if (slash < 0 || !length.test(bits)) {
      throw new Problem('INVALID_PREFIX', `"${text}" is not an IP prefix`);
    }
    try {
      return new Prefix(Ip.parse(text.slice(0, slash)), Number(bits));
    } catch (error) {
      throw new Problem('INVALID_PREFIX', `"${text}" is not an IP prefix`, {}, error);
    }
  }
  static parseNetwork(text) {
    const prefix = Prefix.parse(text);
    const network = prefix.network;
    if (!network.address.equals(prefix.address)) {
      throw new Problem('INVALID_PREFIX', `"${text}" has host bits set; the prefix is ${network}`);
    }
    return network;
  }
  get family() {
    return this.address.family;
  }
  get hostBits() {
    return BigInt(bitsOf(this.family) - this.bits);
  }
  get network() {
    return new Prefix(new Ip(this.family, (this.address.value >> this.hostBits) << this.hostBits), this.bits);
  }
  get range() {
    const first = this.network.address;
    return new Range(first, first.plus((1n << this.hostBits) - 1n));
  }
  contains(ip) {
    return ip.family === this.family && ip.value >> this.hostBits === this.address.value >> this.hostBits;
  }
  overlaps(other) {
    return this.contains(other.network.address) || other.contains(this.network.address);
  }
  get unusable() {
    if (this.hostBits < 2n) {
      return [];
    }
    const { first, last } = this.range;
    return this.family === 'ipv4' ? [first, last] : [first];
  }
  toString() {
    return `${this.address}/${this.bits}`;
  }
  toJSON() {
    return this.toString();
  }
}

// core/cni/names.ts
var name = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
function isContainerId(text) {
  return name.test(text);
}
var maxIfname = 15;
function faultOfIfname(text) {
  if (text === '') {
    return 'is empty';
  }
  const bytes = [...text].reduce((sum, each) => sum + bytesOf(each.codePointAt(0) ?? 0), 0);
  if (bytes > maxIfname) {
    return `is longer than ${maxIfname} bytes`;
  }
  if (text === '.' || text === '..') {
    return 'is a folder';
  }
  return /[/:\s\0]/.test(text) ? 'holds "/", ":" or white space' : undefined;
}
function bytesOf(codePoint) {
  return codePoint < 128 ? 1 : codePoint < 2048 ? 2 : codePoint < 65536 ? 3 : 4;
}

// schema/format.ts
var subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
var longestCniName = 256;
function checkObjectName(text) {
  if (text.length > 253 || !subdomain.test(text)) {
    throw new Problem('INVALID_NAME', `"${text}" is not a DNS-1123 subdomain`);
  }
}
function checkCniName(text) {
  if (text.length > longestCniName || !isContainerId(text)) {
    throw new Problem('INVALID_NAME', `"${text}" is not a name as CNI allows it`);
  }
}
function checkDeviceName(text) {
  const fault = faultOfIfname(text);
  if (fault !== undefined) {
    throw new Problem('INVALID_NAME', `the interface name "${text}" ${fault}`);
  }
}
function checkInterfaceMac(text) {
  if (!Mac.parse(text).isUnicast) {
    throw new Problem('INVALID_MAC', `"${text}" is not a unicast address`);
  }
}
var formats = {
  ip: (text) => void Ip.parse(text),
  cidr: (text) => void Prefix.parseNetwork(text),
  'ip-with-prefix': (text) => void Prefix.parse(text),
  'ip-range': (text) => void Range.parse(text),
  mac: checkInterfaceMac,
  'mac-prefix': (text) => void checkMacPrefix(text),
  'dns-1123-subdomain': checkObjectName,
  'cni-name': checkCniName,
  'device-name': checkDeviceName,
};
function matches(format, text) {
  return whyNot(format, text) === null;
}
function whyNot(format, text) {
  try {
    formats[format](text);
    return null;
  } catch (error) {
    if (error instanceof Problem) {
      return error;
    }
    throw error;
  }
}

// ipam-server/http/validation.ts
function isFormat(name) {
  return typeof name === 'string' && name in formats;
}
var ajvOptions = {
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  allErrors: false,
  verbose: true,
  formats: Object.fromEntries(
    Object.keys(formats)
      .filter(isFormat)
      .map((name) => [name, (text) => matches(name, text)]),
  ),
};
function invalidRequest(where, found) {
  const field = fieldOf(found);
  const facts = field === '' ? {} : { field };
  const format = found.params['format'];
  if (found.keyword === 'format' && isFormat(format)) {
    const reason = whyNot(format, String(found.data));
    if (reason !== null) {
      return new Problem(reason.code, `${field}: ${reason.message}`, facts);
    }
  }
  return new Problem('INVALID_REQUEST', `${where}: ${complaint(field, found)}`, facts);
}
function complaint(field, found) {
  switch (found.keyword) {
    case 'additionalProperties':
      return `unknown field "${field}"`;
    case 'required':
      return `the field "${field}" is missing`;
    default:
      return `${field === '' ? 'it' : `"${field}"`} ${found.message ?? 'is not valid'}`;
  }
}
function fieldOf(found) {
  const at = found.instancePath.split('/').slice(1).map(unescapePointer);
  const extra = found.params['additionalProperty'] ?? found.params['missingProperty'];
  return [...at, ...(typeof extra === 'string' ? [extra] : [])].join('.');
}
function unescapePointer(part) {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

// ipam-server/http/errors.ts
var codes = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
};
function problemOf(error) {
  if (error instanceof Problem) {
    return error.kind.status === undefined ? mistake(error) : error;
  }
  const { code, statusCode, validation, validationContext, message } = error;
  const [first] = validation ?? [];
  if (first !== undefined) {
    return invalidRequest(validationContext ?? 'request', first);
  }
  const known = codes[code ?? ''];
  if (known !== undefined) {
    return new Problem(known, message ?? known);
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Problem('INVALID_REQUEST', message ?? 'the request cannot be read');
  }
  return mistake(error);
}
function mistake(error) {
  return new Problem('INTERNAL_ERROR', 'the request failed inside the server', {}, error);
}
function errorHandler(log) {
  return (error, request, reply) => {
    const problem = problemOf(error);
    const { status = 500 } = problem.kind;
    if (status >= 500) {
      log.log(status === 500 ? 'error' : 'warn', problem.message, {
        request: request.id,
        method: request.method,
        url: request.url,
        code: problem.code,
        ...(problem.cause instanceof Error ? { stack: problem.cause.stack } : {}),
      });
    }
    return sendProblem(reply, problem);
  };
}

// ipam-server/http/json-body.ts
var utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
function parseBody(octets) {
  if (octets.length === 0) {
    return;
  }
  try {
    return JSON.parse(utf8.decode(octets));
  } catch (error) {
    throw new Problem('INVALID_JSON', `the body is not JSON in UTF-8: ${reasonOf(error)}`, {}, error);
  }
}
function readJsonBodies(app) {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_, octets) => parseBody(octets));
}

// ipam-server/http/methods.ts
function answerUnknownRoutes(app) {
  const paths = new Map();
  app.addHook('onRoute', ({ url, method }) => {
    const known = paths.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    paths.set(url, known);
    for (const each of [method].flat()) {
      known.methods.add(each);
    }
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    const methods = [...paths.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((known) => [...known.methods]);
    if (methods.length === 0) {
      return sendProblem(reply, new Problem('ROUTE_UNKNOWN', `there is no ${path}`));
    }
    const allowed = [...new Set(methods)].sort().join(', ');
    reply.header('allow', allowed);
    const detail = `${path} does not know ${request.method}; it knows ${allowed}`;
    return sendProblem(reply, new Problem('METHOD_NOT_ALLOWED', detail));
  });
}
function patternOf(url) {
  const parts = url.split(/(::|:[a-zA-Z]+)/).map((part) => {
    if (part === '::') {
      return ':';
    }
    return part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

// ipam-server/http/openapi.ts
var description = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'realip IPAM server',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'The ledger of real addresses: zones, subnets, ranges, nodes and allocations. Every write is durable ' +
        'before it is answered; errors are application/problem+json with a stable code.',
    },
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    security: [{ bearer: [] }],
    tags: [
      { name: 'zones' },
      { name: 'subnets' },
      { name: 'ranges' },
      { name: 'nodes' },
      { name: 'allocations' },
      { name: 'addresses' },
      { name: 'probes' },
    ],
  },
};

// ipam-server/http/query.ts
import { parse } from 'node:querystring';

var numbers = new Set(['limit', 'generation']);
var decimal = /^(?:0|[1-9][0-9]{0,15})$/;
function parseQuery(text) {
  const query = { ...parse(text) };
  for (const name of numbers) {
    const value = query[name];
    if (typeof value === 'string' && decimal.test(value)) {
      query[name] = Number(value);
    }
  }
  return query;
}

// ipam-server/http/routes/addresses.ts
// schema/list.ts
import { Type as Type5, Type as Type8 } from 'typebox';

var Page = Type5.Object(
  {
    limit: Type5.Optional(Type5.Integer({ minimum: 1, maximum: 1000, description: 'Default 1000.' })),
    cursor: Type5.Optional(
      Type5.String({ maxLength: 1024, description: 'The `cursor` of the page before; opaque.' }),
    ),
  },
  { additionalProperties: false },
);
function listOf(item) {
  return Type5.Object({ items: Type5.Array(item), cursor: Type5.Optional(Type5.String()) });
}

// ipam-server/ledger/address-report.ts
function reportAddress(ledger, ip, now) {
  const network = ledger.networkOf(ip);
  if (network === undefined) {
    throw new Problem('ADDRESS_OUTSIDE_SUBNETS', `${ip} is in no subnet`);
  }
  const address = ip.toString();
  const holder = ledger.holders.ofAddress(address);
  if (holder !== undefined) {
    return { address, state: 'allocated', owner: ownerOf(holder) };
  }
  const entry = ledger.releasedAt(address);
  if (entry !== undefined && entry.record.at + network.cooldown > now) {
    const until = new Date(entry.record.at + network.cooldown).toISOString();
    return { address, state: 'cooling', why: `released by ${entry.record.by}`, until };
  }
  const never = network.whyNever(ip);
  if (never !== null) {
    return { address, state: 'reserved', why: never };
  }
  const pool = network.poolOf(ip);
  if (pool === undefined) {
    return { address, state: 'free', why: 'it is in no range, so nobody is given it' };
  }
  return { address, state: 'free', ...(pool.isDisabled ? { why: `range ${pool.name} is disabled` } : {}) };
}
function ownerOf({ node, network, containerId, ifname, pod }) {
  return { node, network, containerId, ifname, ...(pod === undefined ? {} : { pod }) };
}
function stateOf(ledger, network, address, now) {
  if (ledger.holders.ofAddress(address) !== undefined) {
    return 'allocated';
  }
  const entry = ledger.releasedAt(address);
  return entry !== undefined && entry.record.at + network.cooldown > now ? 'cooling' : 'free';
}

// ipam-server/ledger/usage.ts
function usageOf(network, now) {
  let total = 0;
  let allocated = 0;
  let cooling = 0;
  for (const pool of network.pools.values()) {
    total += pool.total;
    allocated += pool.allocated;
    cooling += pool.cooling(now, network.cooldown);
  }
  const free = total - allocated - cooling;
  return { total, free, byState: { free, reserved: 0, warm: 0, allocated, cooling, quarantined: 0 } };
}
function mapOf(ledger, network, now, limit, cursor) {
  const from = cursor === undefined ? network.prefix.range.first : after(network, cursor);
  const { last } = network.prefix.range;
  const rest = from === null || from.compare(last) > 0 ? null : new Range(from, last);
  const items = [];
  for (const part of rest === null ? [] : partsWithin(network, rest)) {
    for (let value = part.first.value; value <= part.last.value; value++) {
      if (items.length === limit) {
        return { items, cursor: items[items.length - 1]?.address ?? '' };
      }
      const address = new Ip(network.family, value).toString();
      items.push({ address, state: stateOf(ledger, network, address, now) });
    }
  }
  return { items };
}
function after(network, cursor) {
  const ip = parseCursor(cursor);
  if (!network.prefix.contains(ip)) {
    throw new Problem('INVALID_CURSOR', `"${cursor}" is no cursor of this list`);
  }
  return ip.equals(network.prefix.range.last) ? null : ip.plus(1n);
}
function parseCursor(cursor) {
  try {
    return Ip.parse(cursor);
  } catch (error) {
    throw new Problem('INVALID_CURSOR', `"${cursor}" is no cursor of this list`, {}, error);
  }
}
function partsWithin(network, rest) {
  return [...network.pools.values()]
    .flatMap((pool) => pool.parts)
    .filter((part) => part.overlaps(rest))
    .map((part) => new Range(part.first.compare(rest.first) < 0 ? rest.first : part.first, part.last))
    .sort((a, b) => a.first.compare(b.first));
}

// ipam-server/http/answers.ts
// schema/problem.ts
import { Type as Type6, Type as Type7 } from 'typebox';

var ProblemAnswer = Type6.Object(
  {
    type: Type6.String(),
    title: Type6.String(),
    status: Type6.Integer(),
    detail: Type6.String(),
    code: Type6.String({ examples: ['RANGE_EXHAUSTED'] }),
    advice: Type6.Optional(Type6.String()),
  },
  { additionalProperties: true },
);

// ipam-server/http/answers.ts
var problem = {
  description: 'What went wrong, with a code of docs/errors.md.',
  content: { 'application/problem+json': { schema: ProblemAnswer } },
};
function answers(byStatus) {
  return { ...byStatus, '4xx': problem, '5xx': problem };
}
var NoContent = Type7.Null({ description: 'Done; also when there was nothing to do.' });

// ipam-server/http/page.ts
var largestPage = 1000;
function cursorOf(page) {
  if (page.cursor === undefined) {
    return;
  }
  const text = Buffer.from(page.cursor, 'base64url').toString('utf8');
  if (page.cursor === '' || encode(text) !== page.cursor) {
    throw new Problem('INVALID_CURSOR', `"${page.cursor}" is no cursor of this list`);
  }
  return text;
}
function limitOf(page) {
  return page.limit ?? largestPage;
}
function answerPage({ items, cursor }) {
  return cursor === undefined ? { items } : { items, cursor: encode(cursor) };
}
function encode(text) {
  return Buffer.from(text, 'utf8').toString('base64url');
}
function pageByName(things, page, itemOf) {
  const after = cursorOf(page);
  const limit = limitOf(page);
  const names = [...things.keys()].filter((name) => after === undefined || name > after).sort();
  const items = names.slice(0, limit).flatMap((name) => {
    const thing = things.get(name);
    return thing === undefined ? [] : [itemOf(name, thing)];
  });
  const last = names[limit - 1];
  return answerPage(names.length > limit && last !== undefined ? { items, cursor: last } : { items });
}

// ipam-server/http/routes/addresses.ts
var config = { access: 'viewer' };
var tags = ['addresses'];
var SubnetParams = Type8.Object({ subnet: ObjectName });
function networkIn(ledger, name) {
  const network = ledger.networks.get(name);
  if (network === undefined) {
    throw new Problem('OBJECT_UNKNOWN', `there is no subnet ${name}`);
  }
  return network;
}
function addressRoutes(app, keeper) {
  app.get('/v1/addresses/:ip', {
    config,
    schema: {
      tags,
      summary: 'Look at an address: its state, its owner and why',
      params: Type8.Object({ ip: Address }),
      response: answers({ 200: AddressReport }),
    },
    handler: ({ params }) => {
      const ip = Ip.parse(params.ip);
      return keeper.read((ledger, now) => reportAddress(ledger, ip, now));
    },
  });
  app.get('/v1/subnets/:subnet/usage', {
    config,
    schema: {
      tags,
      summary: 'Count the usable addresses of a subnet’s ranges by state',
      params: SubnetParams,
      response: answers({ 200: Usage }),
    },
    handler: ({ params }) => keeper.read((ledger, now) => usageOf(networkIn(ledger, params.subnet), now)),
  });
  app.get('/v1/subnets/:subnet/map', {
    config,
    schema: {
      tags,
      summary: 'List the usable addresses of a subnet’s ranges with their states',
      params: SubnetParams,
      querystring: Page,
      response: answers({ 200: listOf(MapCell) }),
    },
    handler: ({ params, query }) => {
      const cursor = cursorOf(query);
      return keeper.read((ledger, now) =>
        answerPage(mapOf(ledger, networkIn(ledger, params.subnet), now, limitOf(query), cursor)),
      );
    },
  });
}

// ipam-server/http/routes/allocations.ts
// ipam-server/ledger/record.ts
// schema/node.ts
import { Type as Type9, Type as Type12, Type as Type13 } from 'typebox';

var ClusterNode = Type9.Object({ zone: ObjectName }, { additionalProperties: false });

// schema/range.ts
import { Type as Type10 } from 'typebox';

var AddressRange = Type10.Object(
  {
    subnet: ObjectName,
    start: Address,
    end: Address,
    node: Type10.Optional(ObjectName),
    disabled: Type10.Optional(Type10.Boolean({ description: 'Gives no more; what it gave lives on.' })),
  },
  { additionalProperties: false },
);

// schema/zone.ts
import { Type as Type11 } from 'typebox';

var Zone = Type11.Object(
  {
    type: Type11.Union([Type11.Literal('macvlan'), Type11.Literal('overlay')]),
    macPrefix: Type11.Optional(
      Type11.String({
        format: 'mac-prefix',
        description: 'The first two octets of derived MACs: unicast, locally administered. Default 0a:58.',
        examples: ['0a:58'],
      }),
    ),
    description: Type11.Optional(Type11.String({ maxLength: 1024 })),
  },
  { additionalProperties: false },
);

// ipam-server/ledger/record.ts
var revision = Type12.Integer();
var ZoneRecord = Type12.Object({ revision, spec: Zone });
var SubnetRecord = Type12.Object({ revision, spec: Subnet });
var RangeRecord = Type12.Object({ revision, spec: AddressRange });
var NodeRecord = Type12.Object({ revision, spec: ClusterNode });
var HeldAddress = Type12.Object({
  address: Type12.String(),
  subnet: Type12.String(),
  range: Type12.String(),
});
var AllocationRecord = Type12.Object({
  id: Type12.String(),
  generation: Type12.Integer(),
  at: Type12.Integer(),
  node: Type12.String(),
  ...AttachmentKey.properties,
  pod: Type12.Optional(Pod),
  mac: Type12.String(),
  ips: Type12.Array(HeldAddress),
});
var ReleasedRecord = Type12.Object({
  at: Type12.Integer(),
  sequence: Type12.Integer(),
  by: Type12.String(),
});
var SequenceRecord = Type12.Object({ value: Type12.Integer() });
var recordSchemas = {
  meta: SequenceRecord,
  zone: ZoneRecord,
  subnet: SubnetRecord,
  range: RangeRecord,
  node: NodeRecord,
  allocation: AllocationRecord,
  released: ReleasedRecord,
};
function keyOf(write) {
  return `${write.kind}/${write.name}`;
}
function attachmentName(key) {
  return `${key.network}/${key.containerId}/${key.ifname}`;
}

// ipam-server/ledger/attachment.ts
function podName(record) {
  return record.pod && `${record.pod.namespace}/${record.pod.name}`;
}
function describe(record) {
  const pod = podName(record);
  const attachment = attachmentName(record);
  return `${pod === undefined ? '' : `pod ${pod}, `}attachment ${attachment} on node ${record.node}`;
}
function describeUser(record, held) {
  const pod = podName(record);
  return {
    kind: 'allocation',
    name: attachmentName(record),
    node: record.node,
    ...(pod === undefined ? {} : { pod }),
    addresses: held.map((each) => each.address),
  };
}

// ipam-server/ledger/choose.ts
function chooseNext(sources, now, node, family) {
  for (const { network, pool } of sources) {
    const ip = pool.next(now, network.cooldown);
    if (ip !== undefined) {
      return { network, pool, ip };
    }
  }
  let best;
  for (const { network, pool } of sources) {
    const entry = pool.oldest;
    if (entry !== null && (best === undefined || entry.record.sequence < best.entry.record.sequence)) {
      best = { network, pool, entry };
    }
  }
  if (best === undefined) {
    throw new Problem('RANGE_EXHAUSTED', exhaustion(sources, node, family), { node, family });
  }
  return { network: best.network, pool: best.pool, ip: best.entry.ip };
}
function exhaustion(sources, node, family) {
  if (sources.length === 0) {
    return `node ${node} has no enabled range for ${family}, neither its own nor one shared in its zone`;
  }
  const full = sources
    .slice(0, 5)
    .map(({ pool }) => `${pool.name} (${pool.allocated} of ${pool.total} in use)`);
  const more = sources.length > full.length ? ` and ${sources.length - full.length} more` : '';
  return `node ${node} has no free ${family} address: range ${full.join(', ')}${more}`;
}
function chooseWanted(ledger, ip, node, zone, now) {
  const source = sourceOf(ledger, ip, node, zone);
  const owner = ledger.holders.ofAddress(ip.toString());
  if (owner !== undefined) {
    throw new Problem('ADDRESS_IN_USE', `${ip} belongs to ${describe(owner)}`, { address: ip.toString() });
  }
  const until = (ledger.releasedAt(ip.toString())?.record.at ?? 0) + source.network.cooldown;
  if (until > now) {
    throw new Problem('ADDRESS_COOLING', `${ip} rests until ${new Date(until).toISOString()}`, {
      address: ip.toString(),
      until: new Date(until).toISOString(),
    });
  }
  return { ...source, ip };
}
function sourceOf(ledger, ip, node, zone) {
  const network = ledger.networkOf(ip);
  const pool = network?.poolOf(ip);
  const reason = whyNotGiven();
  if (network === undefined || pool === undefined || reason !== null) {
    throw new Problem(
      'ADDRESS_NOT_GIVEN',
      `${ip} is not for node ${node}: ${reason ?? 'it is in no range'}`,
      {
        address: ip.toString(),
      },
    );
  }
  return { network, pool };
  function whyNotGiven() {
    if (network === undefined) {
      return 'it is in no subnet';
    }
    if (network.spec.zone !== zone) {
      return `subnet ${network.name} is of zone ${network.spec.zone}, the node of zone ${zone}`;
    }
    const never = network.whyNever(ip);
    if (never !== null || pool === undefined) {
      return never;
    }
    if (pool.isDisabled) {
      return `range ${pool.name} is disabled`;
    }
    const { node: owner } = pool.spec;
    return owner === undefined || owner === node ? null : `range ${pool.name} is node ${owner}’s own`;
  }
}

// ipam-server/ledger/edit.ts
function checkPrecondition(present, asked) {
  const { revisions, absent } = asked;
  if (absent === true && present !== undefined) {
    throw new Problem('PRECONDITION_FAILED', 'the object exists already');
  }
  if (revisions === undefined) {
    return;
  }
  if (present === undefined) {
    throw new Problem('PRECONDITION_FAILED', 'the object does not exist');
  }
  if (revisions !== 'any' && !revisions.includes(present.revision)) {
    throw new Problem('PRECONDITION_FAILED', `the object’s ETag is "${present.revision}" by now`);
  }
}
var named = 5;
var listed = 100;
function refuseWhileUsed(what, users) {
  if (users.length === 0) {
    return;
  }
  const names = users.slice(0, named).map((user) => {
    const addresses = user.addresses === undefined ? '' : ` (${user.addresses.join(', ')})`;
    return `${user.kind} ${user.pod ?? user.name}${addresses}`;
  });
  const more = users.length > named ? ` and ${users.length - named} more` : '';
  throw new Problem('IN_USE', `${what} is used by ${names.join(', ')}${more}`, {
    users: users.slice(0, listed),
    userCount: users.length,
  });
}
function nextSequence(ledger) {
  const value = ledger.sequence + 1;
  return { value, write: { kind: 'meta', name: 'sequence', record: { value } } };
}
var nothingToDelete = { writes: [], answer: undefined };

// ipam-server/ledger/mac.ts
function ownerOf2(ledger, zone, mac) {
  for (const record of ledger.holders.ofMac(mac)) {
    if (ledger.nodes.get(record.node)?.spec.zone === zone) {
      return record;
    }
  }
  return;
}
function wantedMac(ledger, zone, text) {
  const mac = Mac.parse(text).toString();
  const owner = ownerOf2(ledger, zone, mac);
  if (owner !== undefined) {
    throw new Problem('MAC_IN_USE', `${mac} belongs to ${describe(owner)}`);
  }
  return mac;
}
function derivedMac(ledger, zone, ips) {
  const prefix = ledger.zones.get(zone)?.spec.macPrefix ?? defaultMacPrefix;
  let ip = ips.find((each) => each.family === 'ipv4') ?? ips[0];
  for (;;) {
    if (ip === undefined) {
      throw new Error('an allocation without addresses has no MAC');
    }
    const mac = Mac.derived(prefix, ip).toString();
    if (ownerOf2(ledger, zone, mac) === undefined) {
      return mac;
    }
    ip = new Ip('ipv4', (ip.value + 1n) & 0xffffffffn);
  }
}

// ipam-server/ledger/plan.ts
var plans = new WeakMap();
function planOf(ledger, node, zone) {
  let kept = plans.get(ledger);
  if (kept === undefined || kept.edits !== ledger.edits) {
    kept = { edits: ledger.edits, byNode: new Map() };
    plans.set(ledger, kept);
  }
  let plan = kept.byNode.get(node);
  if (plan === undefined) {
    plan = makePlan(ledger, node, zone);
    kept.byNode.set(node, plan);
  }
  return plan;
}
function makePlan(ledger, node, zone) {
  const sources = [];
  for (const network of ledger.networks.values()) {
    if (network.spec.zone === zone) {
      sources.push(...[...network.pools.values()].map((pool) => ({ network, pool })));
    }
  }
  const usable = sources
    .filter(({ pool }) => !pool.isDisabled && (pool.spec.node === undefined || pool.spec.node === node))
    .sort((a, b) => rank(a) - rank(b) || (a.pool.name < b.pool.name ? -1 : 1));
  return {
    ipv4: usable.filter(({ network }) => network.family === 'ipv4'),
    ipv6: usable.filter(({ network }) => network.family === 'ipv6'),
  };
}
function rank({ pool }) {
  return pool.spec.node === undefined ? 1 : 0;
}

// ipam-server/ledger/view.ts
function allocationAnswer(ledger, record) {
  const routes = [];
  const dns = { nameservers: [], search: [], options: [] };
  for (const held of record.ips) {
    const spec = ledger.networks.get(held.subnet)?.spec;
    routes.push(...(spec?.routes ?? []));
    addDns(dns, spec?.dns);
  }
  return {
    id: record.id,
    generation: record.generation,
    mac: record.mac,
    ips: record.ips.map((held) => allocatedIp(ledger, held)),
    routes,
    dns,
  };
}
function listedAllocation(ledger, record) {
  const { at, ips, ...rest } = record;
  return { ...rest, ips: ips.map((held) => allocatedIp(ledger, held)) };
}
function allocatedIp(ledger, held) {
  const network = ledger.networks.get(held.subnet);
  const { gateway, vlan } = network?.spec ?? {};
  return {
    address: `${held.address}/${network?.prefix.bits}`,
    ...(gateway === undefined ? {} : { gateway }),
    subnet: held.subnet,
    range: held.range,
    ...(vlan === undefined ? {} : { vlan }),
  };
}
function addDns(to, from) {
  for (const part of ['nameservers', 'search', 'options']) {
    to[part].push(...(from?.[part] ?? []).filter((each) => !to[part].includes(each)));
  }
}

// ipam-server/ledger/allocate.ts
function allocate(ledger, request, moment) {
  const name = attachmentName(request);
  const present = ledger.holders.ofAttachment(name);
  if (present !== undefined) {
    if (present.node !== request.node) {
      const detail = `${name} is on node ${present.node}, not on ${request.node}`;
      throw new Problem('ATTACHMENT_ON_OTHER_NODE', detail, { node: present.node });
    }
    return { writes: [], answer: { created: false, allocation: allocationAnswer(ledger, present) } };
  }
  const zone = ledger.nodes.get(request.node)?.spec.zone;
  if (zone === undefined) {
    throw new Problem('NODE_UNKNOWN', `node ${request.node} is not registered`, { node: request.node });
  }
  const choices = choose(ledger, request, zone, moment.now);
  const ips = choices.map((choice) => choice.ip);
  const mac =
    request.mac === undefined ? derivedMac(ledger, zone, ips) : wantedMac(ledger, zone, request.mac);
  const { value: generation, write } = nextSequence(ledger);
  const record = recordOf(request, choices, mac, generation, moment);
  const writes = [write, { kind: 'allocation', name, record }];
  for (const { address } of record.ips) {
    if (ledger.releasedAt(address) !== undefined) {
      writes.push({ kind: 'released', name: address, record: null });
    }
  }
  return { writes, answer: { created: true, allocation: allocationAnswer(ledger, record) } };
}
function choose(ledger, request, zone, now) {
  const wanted = new Map((request.addresses ?? []).map(Ip.parse).map((ip) => [ip.family, ip]));
  if (wanted.size < (request.addresses ?? []).length) {
    throw new Problem('INVALID_REQUEST', 'addresses: at most one of a family', { field: 'addresses' });
  }
  const subnet = subnetOf(ledger, request, zone);
  const plan = planIn(planOf(ledger, request.node, zone), subnet);
  const families = request.families ?? defaultFamilies(plan, wanted, subnet);
  for (const [family, ip] of wanted) {
    if (!families.includes(family)) {
      const detail = `addresses: ${ip} is not of the families asked for`;
      throw new Problem('INVALID_REQUEST', detail, { field: 'addresses' });
    }
    if (subnet?.family === family && !subnet.prefix.contains(ip)) {
      throw new Problem('ADDRESS_NOT_GIVEN', `${ip} is not in subnet ${subnet.name}`, { address: `${ip}` });
    }
  }
  if (families.length === 0) {
    const detail = `node ${request.node} has no enabled range, neither its own nor one shared in zone ${zone}`;
    throw new Problem('RANGE_EXHAUSTED', detail, { node: request.node });
  }
  return families.map((family) => {
    const ip = wanted.get(family);
    return ip === undefined
      ? chooseNext(plan[family], now, request.node, family)
      : chooseWanted(ledger, ip, request.node, zone, now);
  });
}
function subnetOf(ledger, request, zone) {
  const { node, subnet } = request;
  if (subnet === undefined) {
    return;
  }
  const network = ledger.networks.get(subnet);
  if (network === undefined) {
    throw new Problem('SUBNET_UNKNOWN', `subnet ${subnet} does not exist`, { subnet });
  }
  if (network.spec.zone !== zone) {
    const detail = `subnet ${subnet} is of zone ${network.spec.zone}, node ${node} of zone ${zone}`;
    throw new Problem('SUBNET_NOT_OF_NODE', detail, { subnet });
  }
  return network;
}
function planIn(plan, subnet) {
  if (subnet === undefined) {
    return plan;
  }
  return { ...plan, [subnet.family]: plan[subnet.family].filter((source) => source.network === subnet) };
}
function defaultFamilies(plan, wanted, subnet) {
  const all = ['ipv4', 'ipv6'];
  return all.filter((family) => {
    const isOffered = subnet === undefined ? plan[family].length > 0 : subnet.family === family;
    return isOffered || wanted.has(family);
  });
}
function recordOf(request, choices, mac, generation, moment) {
  const { node, network, containerId, ifname } = request;
  return {
    id: moment.id,
    generation,
    at: moment.now,
    node,
    network,
    containerId,
    ifname,
    ...(request.pod === undefined ? {} : { pod: withoutLabels(request.pod) }),
    mac,
    ips: choices.map((choice) => ({
      address: choice.ip.toString(),
      subnet: choice.network.name,
      range: choice.pool.name,
    })),
  };
}
function withoutLabels({ labels: _, namespaceLabels: __, ...pod }) {
  return pod;
}

// ipam-server/ledger/release.ts
function release(ledger, key, bounds, moment) {
  const name = attachmentName(key);
  const record = ledger.holders.ofAttachment(name);
  if (record === undefined) {
    return { writes: [], answer: null };
  }
  if (bounds.node !== undefined && bounds.node !== record.node) {
    throw new Problem(
      'ROLE_INSUFFICIENT',
      `${name} is on node ${record.node}; the token is node ${bounds.node}’s`,
    );
  }
  if (bounds.generation !== undefined && bounds.generation !== record.generation) {
    return { writes: [], answer: null };
  }
  const { value: sequence, write } = nextSequence(ledger);
  const by = describe(record);
  const writes = [write, { kind: 'allocation', name, record: null }];
  for (const held of record.ips) {
    writes.push({ kind: 'released', name: held.address, record: { at: moment.now, sequence, by } });
  }
  return { writes, answer: record };
}

// ipam-server/ledger/search.ts
function searchAllocations(ledger, filter, limit, cursor) {
  const after = cursor === undefined ? 0 : generationOf(cursor);
  const items = [];
  let last = after;
  for (const record of narrowest(ledger, filter)) {
    if (record.generation <= after || !isMeant(record, filter)) {
      continue;
    }
    if (items.length === limit) {
      return { items, cursor: String(last) };
    }
    items.push(listedAllocation(ledger, record));
    last = record.generation;
  }
  return { items };
}
function generationOf(cursor) {
  if (!/^[1-9][0-9]{0,15}$/.test(cursor)) {
    throw new Problem('INVALID_CURSOR', `"${cursor}" is no cursor of this list`);
  }
  return Number(cursor);
}
function narrowest(ledger, filter) {
  const { holders } = ledger;
  if (filter.ip !== undefined) {
    const owner = holders.ofAddress(filter.ip);
    return owner === undefined ? [] : [owner];
  }
  if (filter.mac !== undefined) {
    return holders.ofMac(filter.mac);
  }
  if (filter.pod !== undefined) {
    return holders.ofPod(filter.pod);
  }
  return filter.node === undefined ? holders.all() : holders.ofNode(filter.node);
}
function isMeant(record, { node, pod, ip, mac }) {
  return (
    (node === undefined || record.node === node) &&
    (pod === undefined || podName(record) === pod) &&
    (mac === undefined || record.mac === mac) &&
    (ip === undefined || record.ips.some((held) => held.address === ip))
  );
}

// ipam-server/http/routes/allocations.ts
var tags2 = ['allocations'];
var ReleaseQuery = Type13.Object(
  {
    generation: Type13.Optional(
      Type13.Integer({ minimum: 0, description: 'Release only this generation; another is left alone.' }),
    ),
  },
  { additionalProperties: false },
);
var SearchQuery = Type13.Object(
  {
    node: Type13.Optional(ObjectName),
    pod: Type13.Optional(
      Type13.String({ pattern: '^[^/]+/[^/]+$', description: 'namespace/name', examples: ['shop/web-0'] }),
    ),
    ip: Type13.Optional(Address),
    mac: Type13.Optional(MacAddress),
    ...Page.properties,
  },
  { additionalProperties: false },
);
function nodeIn(body) {
  return typeof body === 'object' && body !== null && 'node' in body ? body.node : undefined;
}
function allocationRoutes(app, keeper, metrics) {
  app.post('/v1/allocations', {
    config: { access: 'node' },
    preValidation: async (request) => checkOwnNode(request.caller, nodeIn(request.body)),
    schema: {
      tags: tags2,
      summary: 'Give an attachment its addresses',
      description: 'The same attachment again answers 200 with the addresses that it has.',
      body: AllocationRequest,
      response: answers({ 200: Allocation, 201: Allocation }),
    },
    handler: async (request, reply) => {
      const start = performance.now();
      const { created, allocation } = await keeper.apply((ledger, moment) =>
        allocate(ledger, request.body, moment),
      );
      metrics.allocationSeconds.observe((performance.now() - start) / 1000);
      return reply.code(created ? 201 : 200).send(allocation);
    },
  });
  app.delete('/v1/allocations/:network/:containerId/:ifname', {
    config: { access: 'node' },
    schema: {
      tags: tags2,
      summary: 'Take an attachment’s addresses back',
      description: '204 also when there is none, or one of another generation.',
      params: AttachmentKey,
      querystring: ReleaseQuery,
      response: answers({ 204: NoContent }),
    },
    handler: async (request, reply) => {
      const { caller, params, query } = request;
      const bounds = {
        ...(query.generation === undefined ? {} : { generation: query.generation }),
        ...(caller.role === 'node' ? { node: caller.node } : {}),
      };
      await keeper.apply((ledger, moment) => release(ledger, params, bounds, moment));
      return reply.code(204).send(null);
    },
  });
  app.get('/v1/allocations', {
    config: { access: 'node-or-viewer' },
    preValidation: async (request) => checkOwnNode(request.caller, nodeIn(request.query) ?? ''),
    schema: {
      tags: tags2,
      summary: 'Search allocations',
      querystring: SearchQuery,
      response: answers({ 200: listOf(ListedAllocation) }),
    },
    handler: (request) => {
      const { node, pod, ip, mac } = request.query;
      const filter = {
        ...(node === undefined ? {} : { node }),
        ...(pod === undefined ? {} : { pod }),
        ...(ip === undefined ? {} : { ip: Ip.parse(ip).toString() }),
        ...(mac === undefined ? {} : { mac: Mac.parse(mac).toString() }),
      };
      const cursor = cursorOf(request.query);
      return keeper.read((ledger) =>
        answerPage(searchAllocations(ledger, filter, limitOf(request.query), cursor)),
      );
    },
  });
}

// ipam-server/ledger/node-edits.ts
function putNode(ledger, name, spec, asked) {
  const present = ledger.nodes.get(name);
  checkPrecondition(present, asked);
  if (!ledger.zones.has(spec.zone)) {
    throw new Problem('ZONE_UNKNOWN', `node ${name} cannot be in zone ${spec.zone}, which does not exist`);
  }
  if (present !== undefined && present.spec.zone !== spec.zone) {
    refuseWhileUsed(`node ${name} of zone ${present.spec.zone}`, usersOf(ledger, name));
  }
  const { value: revision, write } = nextSequence(ledger);
  return {
    writes: [write, { kind: 'node', name, record: { revision, spec } }],
    answer: { created: present === undefined, revision },
  };
}
function deleteNode(ledger, name, asked) {
  const present = ledger.nodes.get(name);
  checkPrecondition(present, asked);
  if (present === undefined) {
    return nothingToDelete;
  }
  refuseWhileUsed(`node ${name}`, usersOf(ledger, name));
  return { writes: [{ kind: 'node', name, record: null }], answer: undefined };
}
function usersOf(ledger, node) {
  return Array.from(ledger.holders.ofNode(node), (record) => describeUser(record, record.ips));
}

// ipam-server/ledger/users.ts
function allocationsWith(ledger, isMeant) {
  const users = [];
  for (const record of ledger.holders.all()) {
    const meant = record.ips.filter((held) => isMeant(held, record));
    if (meant.length > 0) {
      users.push(describeUser(record, meant));
    }
  }
  return users;
}

// ipam-server/ledger/range-edits.ts
var largest = 1n << 32n;
function putRange(ledger, name, asIs, asked) {
  const present = ledger.ranges.get(name);
  checkPrecondition(present, asked);
  const range = new Range(Ip.parse(asIs.start), Ip.parse(asIs.end));
  const spec = { ...asIs, start: range.first.toString(), end: range.last.toString() };
  checkPlace(ledger, name, spec, range);
  if (present !== undefined) {
    checkUsers(ledger, name, present, spec, range);
  }
  const { value: revision, write } = nextSequence(ledger);
  return {
    writes: [write, { kind: 'range', name, record: { revision, spec } }],
    answer: { created: present === undefined, revision },
  };
}
function deleteRange(ledger, name, asked) {
  const present = ledger.ranges.get(name);
  checkPrecondition(present, asked);
  if (present === undefined) {
    return nothingToDelete;
  }
  const users = allocationsWith(ledger, (held) => held.range === name);
  refuseWhileUsed(`range ${name}`, users);
  return { writes: [{ kind: 'range', name, record: null }], answer: undefined };
}
function checkPlace(ledger, name, spec, range) {
  const network = ledger.networks.get(spec.subnet);
  if (network === undefined) {
    throw new Problem(
      'SUBNET_UNKNOWN',
      `range ${name} cannot be in subnet ${spec.subnet}, which does not exist`,
    );
  }
  if (!network.prefix.range.covers(range)) {
    throw new Problem('INVALID_RANGE', `${range} is not within subnet ${network.name} (${network.prefix})`);
  }
  if (range.size > largest) {
    throw new Problem('INVALID_RANGE', `${range} holds more than 2^32 addresses`);
  }
  for (const other of network.pools.values()) {
    if (other.name !== name && other.range.overlaps(range)) {
      throw new Problem('RANGE_OVERLAP', `range ${name} (${range}) overlaps ${other.name} (${other.range})`);
    }
  }
}
function checkUsers(ledger, name, present, spec, range) {
  const isMoved = present.spec.subnet !== spec.subnet;
  const users = allocationsWith(ledger, (held, record) => {
    const isForeign = spec.node !== undefined && spec.node !== record.node;
    return held.range === name && (isMoved || isForeign || !range.contains(Ip.parse(held.address)));
  });
  refuseWhileUsed(`what range ${name} would lose`, users);
}

// ipam-server/ledger/interval-map.ts
class IntervalMap {
  #entries;
  constructor(things, rangeOf) {
    this.#entries = [...things]
      .map((thing) => ({ range: rangeOf(thing), thing }))
      .sort((a, b) => a.range.first.compare(b.range.first));
  }
  find(ip) {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && entry.range.first.compare(ip) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const last = this.#entries[low - 1];
    return last?.range.contains(ip) ? last.thing : undefined;
  }
}

// ipam-server/ledger/network.ts
var defaultCooldownSeconds = 120;
function holesOf(spec, prefix) {
  const single = [...prefix.unusable, ...(spec.gateway === undefined ? [] : [Ip.parse(spec.gateway)])];
  return [
    ...single.map((ip) => new Range(ip, ip)),
    ...(spec.excludes ?? []).map((text) => Range.parse(text)),
  ];
}

class Network {
  name;
  record;
  prefix;
  holes;
  cooldown;
  #pools = new Map();
  #byAddress = null;
  constructor(name, record) {
    this.name = name;
    this.record = record;
    this.prefix = Prefix.parseNetwork(record.spec.cidr);
    this.holes = holesOf(record.spec, this.prefix);
    this.cooldown = (record.spec.cooldownSeconds ?? defaultCooldownSeconds) * 1000;
  }
  get spec() {
    return this.record.spec;
  }
  get family() {
    return this.prefix.family;
  }
  get pools() {
    return this.#pools;
  }
  addPool(pool) {
    this.#pools.set(pool.name, pool);
    this.#byAddress = null;
  }
  removePool(name) {
    this.#pools.delete(name);
    this.#byAddress = null;
  }
  poolOf(ip) {
    this.#byAddress ??= new IntervalMap(this.#pools.values(), (pool) => pool.range);
    return this.#byAddress.find(ip);
  }
  whyNever(ip) {
    if (this.prefix.unusable.some((each) => each.equals(ip))) {
      return 'it names the subnet itself (network, broadcast or anycast)';
    }
    if (this.spec.gateway === ip.toString()) {
      return `it is the gateway of subnet ${this.name}`;
    }
    return this.holes.some((hole) => hole.contains(ip)) ? `subnet ${this.name} excludes it` : null;
  }
}

// ipam-server/ledger/subnet-spec.ts
var linkLocal = Prefix.parse('fe80::/10');
function normalSubnet(spec) {
  const prefix = Prefix.parseNetwork(spec.cidr);
  return {
    ...spec,
    cidr: prefix.toString(),
    ...(spec.gateway === undefined ? {} : { gateway: gatewayIn(prefix, spec.gateway) }),
    ...(spec.excludes === undefined
      ? {}
      : { excludes: spec.excludes.map((text) => excludeIn(prefix, text)) }),
    ...(spec.routes === undefined ? {} : { routes: spec.routes.map((route) => routeIn(prefix, route)) }),
    ...(spec.dns === undefined ? {} : { dns: normalDns(spec.dns) }),
  };
}
function gatewayIn(prefix, text) {
  const gateway = Ip.parse(text);
  const isInside = prefix.contains(gateway) && !prefix.unusable.some((each) => each.equals(gateway));
  if (!isInside && !(prefix.family === 'ipv6' && linkLocal.contains(gateway))) {
    throw new Problem('INVALID_ADDRESS', `the gateway ${gateway} is no host’s address in ${prefix}`, {
      field: 'gateway',
    });
  }
  return gateway.toString();
}
function excludeIn(prefix, text) {
  const range = Range.parse(text);
  if (!prefix.range.covers(range)) {
    throw new Problem('INVALID_RANGE', `the exclude ${range} is not within ${prefix}`, { field: 'excludes' });
  }
  return range.toString();
}
function routeIn(prefix, route) {
  const dst = Prefix.parseNetwork(route.dst);
  const gw = route.gw === undefined ? undefined : Ip.parse(route.gw);
  if (dst.family !== prefix.family || (gw !== undefined && gw.family !== prefix.family)) {
    const via = gw === undefined ? '' : ` via ${gw}`;
    throw new Problem('INVALID_PREFIX', `the route to ${dst}${via} is not of the family of ${prefix}`, {
      field: 'routes',
    });
  }
  return { dst: dst.toString(), ...(gw === undefined ? {} : { gw: gw.toString() }) };
}
function normalDns(dns) {
  const { nameservers } = dns;
  if (nameservers === undefined) {
    return dns;
  }
  return { ...dns, nameservers: nameservers.map((text) => Ip.parse(text).toString()) };
}

// ipam-server/ledger/subnet-edits.ts
function putSubnet(ledger, name, asIs, asked) {
  const present = ledger.networks.get(name);
  checkPrecondition(present?.record, asked);
  const spec = normalSubnet(asIs);
  if (!ledger.zones.has(spec.zone)) {
    throw new Problem('ZONE_UNKNOWN', `subnet ${name} cannot be in zone ${spec.zone}, which does not exist`);
  }
  const prefix = Prefix.parseNetwork(spec.cidr);
  for (const other of ledger.networks.values()) {
    if (other.name !== name && other.prefix.overlaps(prefix)) {
      throw new Problem(
        'SUBNET_OVERLAP',
        `subnet ${name} (${prefix}) overlaps ${other.name} (${other.prefix})`,
      );
    }
  }
  if (present !== undefined) {
    checkUsers2(ledger, present, spec, prefix);
  }
  const { value: revision, write } = nextSequence(ledger);
  return {
    writes: [write, { kind: 'subnet', name, record: { revision, spec } }],
    answer: { created: present === undefined, revision },
  };
}
function deleteSubnet(ledger, name, asked) {
  const present = ledger.networks.get(name);
  checkPrecondition(present?.record, asked);
  if (present === undefined) {
    return nothingToDelete;
  }
  refuseWhileUsed(`subnet ${name}`, rangesOf(present));
  return { writes: [{ kind: 'subnet', name, record: null }], answer: undefined };
}
function checkUsers2(ledger, present, spec, prefix) {
  const { name } = present;
  if (present.spec.zone !== spec.zone) {
    const users = allocationsWith(ledger, (held) => held.subnet === name);
    refuseWhileUsed(`subnet ${name} of zone ${present.spec.zone}`, users);
  }
  const left = rangesOf(present, (first, last) => !prefix.contains(first) || !prefix.contains(last));
  refuseWhileUsed(`what subnet ${name} would lose with ${prefix}`, left);
  const holes = holesOf(spec, prefix);
  const lost = allocationsWith(
    ledger,
    (held) => held.subnet === name && holes.some((hole) => hole.contains(Ip.parse(held.address))),
  );
  refuseWhileUsed(`what subnet ${name} would give no more`, lost);
}
function rangesOf(network, isMeant = () => true) {
  return [...network.pools.values()]
    .filter((pool) => isMeant(pool.range.first, pool.range.last))
    .map((pool) => ({ kind: 'range', name: pool.name }));
}

// ipam-server/ledger/zone-edits.ts
function putZone(ledger, name, spec, asked) {
  const present = ledger.zones.get(name);
  checkPrecondition(present, asked);
  const { value: revision, write } = nextSequence(ledger);
  const normal = spec.macPrefix === undefined ? spec : { ...spec, macPrefix: spec.macPrefix.toLowerCase() };
  return {
    writes: [write, { kind: 'zone', name, record: { revision, spec: normal } }],
    answer: { created: present === undefined, revision },
  };
}
function deleteZone(ledger, name, asked) {
  const present = ledger.zones.get(name);
  checkPrecondition(present, asked);
  if (present === undefined) {
    return nothingToDelete;
  }
  const users = [];
  for (const network of ledger.networks.values()) {
    if (network.spec.zone === name) {
      users.push({ kind: 'subnet', name: network.name });
    }
  }
  for (const [node, { spec }] of ledger.nodes) {
    if (spec.zone === name) {
      users.push({ kind: 'node', name: node });
    }
  }
  refuseWhileUsed(`zone ${name}`, users);
  return { writes: [{ kind: 'zone', name, record: null }], answer: undefined };
}

// ipam-server/http/routes/objects.ts
import { Type as Type14 } from 'typebox';

// ipam-server/http/etag.ts
function etagOf(revision) {
  return `"${revision}"`;
}
var strong = /^"([0-9]{1,15})"$/;
function preconditionOf({ headers }) {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new Problem('INVALID_REQUEST', 'If-None-Match: only * is understood');
  }
  return {
    ...(ifMatch === undefined ? {} : { revisions: revisionsOf(ifMatch) }),
    ...(ifNoneMatch === undefined ? {} : { absent: true }),
  };
}
function revisionsOf(ifMatch) {
  if (ifMatch.trim() === '*') {
    return 'any';
  }
  return ifMatch.split(',').map((tag) => Number(strong.exec(tag.trim())?.[1] ?? Number.NaN));
}

// ipam-server/http/routes/objects.ts
function objectRoutes(app, keeper, kind) {
  const { plural, singular, schema } = kind;
  const path = `/v1/${plural}/:${singular}`;
  const params = Type14.Object({ [singular]: ObjectName });
  const named = Type14.Object({ name: ObjectName, ...schema.properties });
  const tags = [plural];
  const own = kind.ownedByNode === true;
  const access = (otherwise, withNode) => ({ access: own ? withNode : otherwise });
  const nameOf = (params) => params[singular] ?? '';
  const preValidation = async (request) => {
    checkOwnNode(request.caller, nameOf(request.params));
  };
  app.put(path, {
    config: access('admin', 'node'),
    preValidation,
    schema: {
      tags,
      summary: `Make or replace a ${singular}`,
      description: kind.description,
      params,
      body: Type14.Object(
        { name: Type14.Optional(ObjectName), ...schema.properties },
        { additionalProperties: false },
      ),
      response: answers({ 200: schema, 201: schema }),
    },
    handler: async (request, reply) => {
      const name = nameOf(request.params);
      const { name: repeated, ...spec } = request.body;
      if (repeated !== undefined && repeated !== name) {
        throw new Problem('INVALID_REQUEST', `body: name is "${repeated}", the path says "${name}"`, {
          field: 'name',
        });
      }
      const asked = preconditionOf(request);
      const answer = await keeper.apply((ledger) => {
        const decision = kind.put(ledger, name, spec, asked);
        return { writes: decision.writes, answer: { ...decision.answer, object: specIn(decision) } };
      });
      return reply
        .code(answer.created ? 201 : 200)
        .header('etag', etagOf(answer.revision))
        .send(answer.object);
    },
  });
  app.get(path, {
    config: access('viewer', 'node-or-viewer'),
    preValidation,
    schema: { tags, summary: `Look at a ${singular}`, params, response: answers({ 200: named }) },
    handler: async (request, reply) => {
      const name = nameOf(request.params);
      const kept = await keeper.read((ledger) => kind.all(ledger).get(name));
      if (kept === undefined) {
        throw new Problem('OBJECT_UNKNOWN', `there is no ${singular} ${name}`);
      }
      return reply.header('etag', etagOf(kept.revision)).send({ name, ...kept.spec });
    },
  });
  app.delete(path, {
    config: { access: 'admin' },
    schema: { tags, summary: `Delete a ${singular}`, params, response: answers({ 204: NoContent }) },
    handler: async (request, reply) => {
      const asked = preconditionOf(request);
      await keeper.apply((ledger) => kind.remove(ledger, nameOf(request.params), asked));
      return reply.code(204).send();
    },
  });
  app.get(`/v1/${plural}`, {
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: `List ${plural}`,
      querystring: Page,
      response: answers({ 200: listOf(named) }),
    },
    handler: (request) =>
      keeper.read((ledger) =>
        pageByName(kind.all(ledger), request.query, (name, { spec }) => ({ name, ...spec })),
      ),
  });
}
function specIn(decision) {
  for (const { record } of decision.writes) {
    if (record !== null && 'spec' in record) {
      return record.spec;
    }
  }
  return;
}

// ipam-server/http/routes/kinds.ts
function kindRoutes(app, keeper) {
  objectRoutes(app, keeper, {
    plural: 'zones',
    singular: 'zone',
    schema: Zone,
    description: 'Subnets and nodes belong to a zone; a node gives only addresses of its own.',
    all: (ledger) => ledger.zones,
    put: putZone,
    remove: deleteZone,
  });
  objectRoutes(app, keeper, {
    plural: 'subnets',
    singular: 'subnet',
    schema: Subnet,
    description: 'Subnets never overlap, in any zone: an address names one thing.',
    all: subnets,
    put: putSubnet,
    remove: deleteSubnet,
  });
  objectRoutes(app, keeper, {
    plural: 'ranges',
    singular: 'range',
    schema: AddressRange,
    description: 'Addresses that may be given: by one node, or without `node` by all of the zone.',
    all: (ledger) => ledger.ranges,
    put: putRange,
    remove: deleteRange,
  });
  objectRoutes(app, keeper, {
    plural: 'nodes',
    singular: 'node',
    schema: ClusterNode,
    description: 'A node must be registered before it can allocate.',
    all: (ledger) => ledger.nodes,
    put: putNode,
    remove: deleteNode,
    ownedByNode: true,
  });
}
function subnets(ledger) {
  return new Map(Array.from(ledger.networks, ([name, network]) => [name, network.record]));
}

// ipam-server/http/routes/pages.ts
var page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>realip IPAM server</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
<h1>realip IPAM server</h1>
<p>The ledger of real addresses for Kubernetes pods. Its calls are described in
<a href="/openapi.json">/openapi.json</a>; its state is at <a href="/readyz">/readyz</a>.</p>
</html>
`;
function pageRoutes(app, metrics) {
  const open = { config: { access: 'nobody' }, schema: { hide: true } };
  let description = null;
  app.get('/', { ...open, handler: async (_, reply) => reply.type('text/html; charset=utf-8').send(page) });
  app.get('/openapi.json', {
    ...open,
    handler: async (_, reply) => {
      description ??= JSON.stringify(app.swagger());
      return reply.type('application/json; charset=utf-8').send(description);
    },
  });
  app.get('/metrics', {
    config: { access: 'viewer' },
    schema: { hide: true },
    handler: async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  });
}

// ipam-server/http/routes/probes.ts
import { Type as Type15 } from 'typebox';

var config2 = { access: 'nobody' };
var tags3 = ['probes'];
var Health = Type15.Object({ ok: Type15.Literal(true) });
var Readiness = Type15.Object({
  ready: Type15.Boolean(),
  notReady: Type15.Array(Type15.Object({ part: Type15.String(), why: Type15.String() })),
});
function probeRoutes(app, keeper, isStopping) {
  app.get('/healthz', {
    config: config2,
    schema: { tags: tags3, summary: 'Does the process run?', security: [], response: { 200: Health } },
    handler: async () => ({ ok: true }),
  });
  app.get('/readyz', {
    config: config2,
    schema: {
      tags: tags3,
      summary: 'Are calls answered? If not, what is missing?',
      security: [],
      response: { 200: Readiness, 503: Readiness },
    },
    handler: async (_, reply) => {
      const notReady = [
        ...(keeper.trouble === null ? [] : [{ part: 'store', why: keeper.trouble }]),
        ...(isStopping() ? [{ part: 'server', why: 'it is stopping' }] : []),
      ];
      const ready = notReady.length === 0;
      return reply.code(ready ? 200 : 503).send({ ready, notReady });
    },
  });
}

// ipam-server/http/server.ts
var bodyLimit = 1024 * 1024;
var options = {
  bodyLimit,
  routerOptions: { maxParamLength: 1024 },
  requestTimeout: 30000,
  keepAliveTimeout: 90000,
  logger: false,
  ajv: { customOptions: ajvOptions },
  querystringParser: parseQuery,
  frameworkErrors: (error, _, reply) => void sendProblem(reply, problemOf(error)),
};
async function httpServer(parts) {
  const { keeper, metrics, log } = parts;
  const https = parts.tls && { cert: parts.tls.cert, key: parts.tls.key };
  const app = fastify({
    ...options,
    ...(https === null ? {} : { https }),
  });
  app.setErrorHandler(errorHandler(log));
  readJsonBodies(app);
  guard(app, parts.authenticator);
  answerUnknownRoutes(app);
  app.addHook('onResponse', async (request, reply) => {
    metrics.answers.inc({ method: request.method, status: `${Math.trunc(reply.statusCode / 100)}xx` });
  });
  await app.register(swagger, description);
  app.after(() => {
    const typed = app.withTypeProvider();
    kindRoutes(app, keeper);
    allocationRoutes(typed, keeper, metrics);
    addressRoutes(typed, keeper);
    probeRoutes(typed, keeper, parts.isStopping);
    pageRoutes(app, metrics);
  });
  await app.ready();
  return app;
}

// ipam-server/log.ts
import { createLogger, format, transports } from 'winston';

function makeLog(level) {
  return createLogger({
    level,
    format: format.combine(format.timestamp(), format.json()),
    transports: [new transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
}

// ipam-server/metrics-port.ts
import { createServer } from 'node:http';

function metricsServer(metrics) {
  return createServer((request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
}

// ipam-server/stop.ts
var patience = 8000;
function stopOnSignal(log, server) {
  let stopping = false;
  const stop = (signal) => {
    if (stopping) {
      return;
    }
    stopping = true;
    log.info('stopping', { signal });
    server.begin();
    setTimeout(() => server.cut(), patience).unref();
    setTimeout(() => process.exit(0), patience + 1500).unref();
    server.drain().then(
      () => process.exit(0),
      (error) => {
        log.error('stopping failed', { reason: String(error) });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

// ipam-server/store/commit-queue.ts
function openBatch() {
  let resolve = () => {};
  let reject = () => {};
  const durable = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  durable.catch(() => {});
  return { records: new Map(), durable, resolve, reject };
}

class CommitQueue {
  #store;
  #onCommit;
  #open = null;
  #busy = null;
  #failure = null;
  constructor(store, onCommit) {
    this.#store = store;
    this.#onCommit = onCommit;
  }
  add(writes) {
    if (this.#failure !== null) {
      return Promise.reject(this.#failure.reason);
    }
    if (this.#open === null) {
      this.#open = openBatch();
      if (this.#busy === null) {
        setImmediate(() => this.#flush());
      }
    }
    for (const write of writes) {
      this.#open.records.set(keyOf(write), write.record && JSON.stringify(write.record));
    }
    return this.#open.durable;
  }
  settled() {
    if (this.#failure !== null) {
      return Promise.reject(this.#failure.reason);
    }
    return this.#open?.durable ?? this.#busy?.durable ?? null;
  }
  #flush() {
    const batch = this.#open;
    if (batch === null || this.#busy !== null) {
      return;
    }
    this.#open = null;
    this.#busy = batch;
    const start = performance.now();
    this.#store.commit(batch.records).then(
      () => {
        this.#onCommit(batch.records.size, (performance.now() - start) / 1000);
        this.#busy = null;
        batch.resolve();
        this.#flush();
      },
      (reason) => this.#fail(batch, reason),
    );
  }
  #fail(batch, reason) {
    this.#failure = { reason };
    batch.reject(reason);
    this.#open?.reject(reason);
  }
}

// ipam-server/ledger/holders.ts
class Index {
  #sets = new Map();
  add(key, record) {
    if (key === undefined) {
      return;
    }
    const set = this.#sets.get(key);
    if (set === undefined) {
      this.#sets.set(key, new Set([record]));
    } else {
      set.add(record);
    }
  }
  remove(key, record) {
    if (key === undefined) {
      return;
    }
    const set = this.#sets.get(key);
    set?.delete(record);
    if (set?.size === 0) {
      this.#sets.delete(key);
    }
  }
  get(key) {
    return this.#sets.get(key) ?? [];
  }
  sizeOf(key) {
    return this.#sets.get(key)?.size ?? 0;
  }
}

class Holders {
  #byAttachment = new Map();
  #byAddress = new Map();
  #byMac = new Index();
  #byNode = new Index();
  #byPod = new Index();
  add(record) {
    this.#byAttachment.set(attachmentName(record), record);
    for (const held of record.ips) {
      this.#byAddress.set(held.address, record);
    }
    this.#byMac.add(record.mac, record);
    this.#byNode.add(record.node, record);
    this.#byPod.add(podName(record), record);
  }
  remove(record) {
    this.#byAttachment.delete(attachmentName(record));
    for (const held of record.ips) {
      this.#byAddress.delete(held.address);
    }
    this.#byMac.remove(record.mac, record);
    this.#byNode.remove(record.node, record);
    this.#byPod.remove(podName(record), record);
  }
  get size() {
    return this.#byAttachment.size;
  }
  all() {
    return this.#byAttachment.values();
  }
  ofAttachment(name) {
    return this.#byAttachment.get(name);
  }
  ofAddress(address) {
    return this.#byAddress.get(address);
  }
  ofMac(mac) {
    return this.#byMac.get(mac);
  }
  ofNode(node) {
    return this.#byNode.get(node);
  }
  ofPod(pod) {
    return this.#byPod.get(pod);
  }
  countOfNode(node) {
    return this.#byNode.sizeOf(node);
  }
}

// ipam-server/ledger/released.ts
function released(ip, record) {
  return { ip, record, before: null, after: null };
}

class ReleasedQueue {
  #first = null;
  #last = null;
  #size = 0;
  get first() {
    return this.#first;
  }
  get size() {
    return this.#size;
  }
  push(entry) {
    entry.before = this.#last;
    entry.after = null;
    if (this.#last === null) {
      this.#first = entry;
    } else {
      this.#last.after = entry;
    }
    this.#last = entry;
    this.#size++;
  }
  remove(entry) {
    if (entry.before === null) {
      this.#first = entry.after;
    } else {
      entry.before.after = entry.after;
    }
    if (entry.after === null) {
      this.#last = entry.before;
    } else {
      entry.after.before = entry.before;
    }
    entry.before = null;
    entry.after = null;
    this.#size--;
  }
  countSince(time) {
    let count = 0;
    for (let entry = this.#last; entry !== null && entry.record.at > time; entry = entry.before) {
      count++;
    }
    return count;
  }
}

// ipam-server/ledger/pool.ts
var restingBound = 65536;

class Pool {
  name;
  spec;
  range;
  total;
  #parts;
  #isKnown;
  #resting = new ReleasedQueue();
  #part = 0;
  #next = null;
  #allocated = 0;
  constructor(name, spec, holes, isKnown) {
    this.name = name;
    this.spec = spec;
    this.range = new Range(Ip.parse(spec.start), Ip.parse(spec.end));
    this.#parts = this.range.minus(holes);
    this.total = Number(this.#parts.reduce((sum, part) => sum + part.size, 0n));
    this.#isKnown = isKnown;
  }
  get parts() {
    return this.#parts;
  }
  get isDisabled() {
    return this.spec.disabled === true;
  }
  get allocated() {
    return this.#allocated;
  }
  get oldest() {
    return this.#resting.first;
  }
  gives(ip) {
    return this.#parts.some((part) => part.contains(ip));
  }
  next(now, cooldown) {
    const oldest = this.#resting.first;
    const rested = oldest !== null && oldest.record.at + cooldown <= now ? oldest.ip : undefined;
    return this.#resting.size > restingBound ? (rested ?? this.#fresh()) : (this.#fresh() ?? rested);
  }
  cooling(now, cooldown) {
    return this.#resting.countSince(now - cooldown);
  }
  occupied() {
    this.#allocated++;
  }
  vacated() {
    this.#allocated--;
  }
  rests(entry) {
    this.#resting.push(entry);
  }
  restsNoMore(entry) {
    this.#resting.remove(entry);
  }
  #fresh() {
    for (;;) {
      const part = this.#parts[this.#part];
      if (part === undefined) {
        return;
      }
      const value = this.#next ?? part.first.value;
      if (value > part.last.value) {
        this.#part++;
        this.#next = null;
        continue;
      }
      const ip = new Ip(part.first.family, value);
      if (!this.#isKnown(ip.toString())) {
        this.#next = value;
        return ip;
      }
      this.#next = value + 1n;
    }
  }
}

// ipam-server/ledger/ledger.ts
class Ledger {
  zones = new Map();
  networks = new Map();
  ranges = new Map();
  nodes = new Map();
  holders = new Holders();
  #released = new Map();
  #byAddress = null;
  #sequence = 0;
  #edits = 0;
  get sequence() {
    return this.#sequence;
  }
  get edits() {
    return this.#edits;
  }
  releasedAt(address) {
    return this.#released.get(address);
  }
  allReleased() {
    return this.#released.values();
  }
  networkOf(ip) {
    this.#byAddress ??= new IntervalMap(this.networks.values(), (network) => network.prefix.range);
    return this.#byAddress.find(ip);
  }
  poolOf(held) {
    return this.networks.get(held.subnet)?.pools.get(held.range);
  }
  apply(write) {
    switch (write.kind) {
      case 'meta':
        this.#sequence = Math.max(this.#sequence, write.record?.value ?? 0);
        return;
      case 'allocation':
        this.#putAllocation(write.name, write.record);
        return;
      case 'released':
        this.#putReleased(write.name, write.record);
        return;
      default:
        this.#edits++;
        this.#putObject(write);
    }
  }
  #putObject(write) {
    switch (write.kind) {
      case 'zone':
        put(this.zones, write.name, write.record);
        return;
      case 'node':
        put(this.nodes, write.name, write.record);
        return;
      case 'subnet':
        this.#putSubnet(write.name, write.record);
        return;
      case 'range':
        this.#putRange(write.name, write.record);
        return;
    }
  }
  #putSubnet(name, record) {
    this.#byAddress = null;
    if (record === null) {
      this.networks.delete(name);
      return;
    }
    const network = new Network(name, record);
    this.networks.set(name, network);
    for (const [range, { spec }] of this.ranges) {
      if (spec.subnet === name) {
        this.#fill(network, new Pool(range, spec, network.holes, this.#isKnown));
      }
    }
  }
  #putRange(name, record) {
    const before = this.ranges.get(name);
    if (before !== undefined) {
      this.networks.get(before.spec.subnet)?.removePool(name);
    }
    put(this.ranges, name, record);
    const network = record && this.networks.get(record.spec.subnet);
    if (record && network) {
      this.#fill(network, new Pool(name, record.spec, network.holes, this.#isKnown));
    }
  }
  #fill(network, pool) {
    network.addPool(pool);
    for (const record of this.holders.all()) {
      for (const held of record.ips) {
        if (held.range === pool.name) {
          pool.occupied();
        }
      }
    }
    for (const entry of this.#released.values()) {
      if (pool.gives(entry.ip)) {
        pool.rests(entry);
      }
    }
  }
  #putAllocation(name, record) {
    const before = this.holders.ofAttachment(name);
    if (before !== undefined) {
      this.holders.remove(before);
      for (const held of before.ips) {
        this.poolOf(held)?.vacated();
      }
    }
    if (record !== null) {
      this.holders.add(record);
      for (const held of record.ips) {
        this.poolOf(held)?.occupied();
      }
    }
  }
  #putReleased(address, record) {
    const before = this.#released.get(address);
    if (before !== undefined) {
      this.#released.delete(address);
      this.#restingPool(before.ip)?.restsNoMore(before);
    }
    if (record !== null) {
      const entry = released(Ip.parse(address), record);
      this.#released.set(address, entry);
      this.#restingPool(entry.ip)?.rests(entry);
    }
  }
  #restingPool(ip) {
    const pool = this.networkOf(ip)?.poolOf(ip);
    return pool?.gives(ip) ? pool : undefined;
  }
  #isKnown = (address) => this.holders.ofAddress(address) !== undefined || this.#released.has(address);
}
function put(map, name, value) {
  if (value === null) {
    map.delete(name);
  } else {
    map.set(name, value);
  }
}

// ipam-server/store/codec.ts
import { Compile } from 'typebox/compile';

var validators = new Map(Object.entries(recordSchemas).map(([kind, schema]) => [kind, Compile(schema)]));
function isKind(text) {
  return text in recordSchemas;
}
function decode([key, value]) {
  const slash = key.indexOf('/');
  const kind = key.slice(0, slash);
  if (!isKind(kind)) {
    throw new Problem('STORE_DAMAGED', `the record "${key}" is of no known kind`);
  }
  const record = parse2(key, value);
  if (validators.get(kind)?.Check(record) !== true) {
    throw new Problem('STORE_DAMAGED', `the record "${key}" does not have the fields of its kind`);
  }
  return { kind, name: key.slice(slash + 1), record };
}
function parse2(key, value) {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new Problem('STORE_DAMAGED', `the record "${key}" is not JSON: ${reasonOf(error)}`, {}, error);
  }
}

// ipam-server/store/load.ts
var order = ['meta', 'zone', 'subnet', 'range', 'node', 'allocation', 'released'];
function ledgerOf(entries, now) {
  const ledger = new Ledger();
  const writes = entries.map(decode).sort((a, b) => rank2(a) - rank2(b) || place(a) - place(b));
  for (const write of writes) {
    try {
      ledger.apply(notLaterThan(write, now));
    } catch (error) {
      const detail = `the record "${write.kind}/${write.name}" does not fit: ${reasonOf(error)}`;
      throw new Problem('STORE_DAMAGED', detail, {}, error);
    }
  }
  return ledger;
}
function rank2(write) {
  return order.indexOf(write.kind);
}
function place(write) {
  if (write.kind === 'allocation') {
    return write.record?.generation ?? 0;
  }
  return write.kind === 'released' ? (write.record?.sequence ?? 0) : 0;
}
function notLaterThan(write, now) {
  if (write.kind !== 'released' || write.record === null || write.record.at <= now) {
    return write;
  }
  return { ...write, record: { ...write.record, at: now } };
}

// ipam-server/store/keeper.ts
var longestPause = 2000;

class Keeper {
  #store;
  #surroundings;
  #ledger = null;
  #queue;
  #latest = 0;
  #trouble = 'the ledger is not loaded yet';
  #closed = false;
  constructor(store, surroundings) {
    this.#store = store;
    this.#surroundings = surroundings;
    this.#queue = new CommitQueue(store, surroundings.onCommit);
  }
  static async start(store, surroundings) {
    const keeper = new Keeper(store, surroundings);
    await keeper.#load();
    return keeper;
  }
  get trouble() {
    return this.#trouble;
  }
  async apply(decide) {
    const ledger = this.#present();
    const queue = this.#queue;
    const { writes, answer } = decide(ledger, { now: this.#now(), id: this.#surroundings.id() });
    for (const write of writes) {
      ledger.apply(write);
    }
    await this.#durable(queue, writes.length > 0 ? queue.add(writes) : queue.settled());
    return answer;
  }
  async read(look) {
    const queue = this.#queue;
    const answer = look(this.#present(), this.#now());
    await this.#durable(queue, queue.settled());
    return answer;
  }
  peek(look) {
    return this.#ledger && look(this.#ledger, this.#now());
  }
  async close() {
    this.#closed = true;
    try {
      await this.#queue.settled();
    } finally {
      await this.#store.close();
    }
  }
  #present() {
    if (this.#ledger === null) {
      throw new Problem('STORE_UNAVAILABLE', this.#trouble ?? 'the ledger is not loaded');
    }
    return this.#ledger;
  }
  #now() {
    this.#latest = Math.max(this.#latest, this.#surroundings.now());
    return this.#latest;
  }
  async #durable(queue, durable) {
    if (durable === null) {
      return;
    }
    try {
      await durable;
    } catch (error) {
      this.#forget(queue, error);
      throw new Problem(
        'STORE_UNAVAILABLE',
        `the store did not take the change: ${reasonOf(error)}`,
        {},
        error,
      );
    }
  }
  #forget(queue, error) {
    if (queue !== this.#queue) {
      return;
    }
    this.#surroundings.onStoreError(error);
    this.#ledger = null;
    this.#trouble = `the store failed (${reasonOf(error)}); its records are being read again`;
    this.#queue = new CommitQueue(this.#store, this.#surroundings.onCommit);
    this.#reload(100);
  }
  async #reload(pause) {
    try {
      await this.#load();
    } catch (error) {
      this.#surroundings.onStoreError(error);
      this.#trouble = `the store cannot be read: ${reasonOf(error)}`;
      if (!this.#closed) {
        setTimeout(() => void this.#reload(Math.min(pause * 2, longestPause)), pause).unref();
      }
    }
  }
  async #load() {
    const entries = await this.#store.load();
    this.#ledger = ledgerOf(entries, this.#now());
    this.#trouble = null;
  }
}

// ipam-server/store/memory.ts
class MemoryStore {
  name = 'memory';
  #records = new Map();
  async load() {
    return [...this.#records];
  }
  async commit(batch) {
    for (const [key, value] of batch) {
      if (value === null) {
        this.#records.delete(key);
      } else {
        this.#records.set(key, value);
      }
    }
  }
  async close() {}
}

// ipam-server/store/sqlite.ts
import { Worker } from 'node:worker_threads';

var meanings = {
  SQLITE_BUSY: 'STORE_IN_USE',
  SQLITE_CORRUPT: 'STORE_DAMAGED',
  SQLITE_NOTADB: 'STORE_DAMAGED',
  NOT_OURS: 'STORE_DAMAGED',
  TOO_NEW: 'STORE_TOO_NEW',
};

class SqliteStore {
  name;
  #worker;
  #waiting = [];
  #end = null;
  constructor(file, worker) {
    this.name = `sqlite ${file}`;
    this.#worker = new Worker(worker);
    this.#worker.on('message', (reply) => this.#waiting.shift()?.resolve(reply));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the SQLite thread has ended')));
  }
  static async open(file, worker) {
    const store = new SqliteStore(file, worker);
    try {
      await store.#ask({ do: 'open', file }, 'STORE_UNOPENED');
      return store;
    } catch (error) {
      await store.#worker.terminate();
      throw error;
    }
  }
  async load() {
    const reply = await this.#ask({ do: 'load' }, 'STORE_UNAVAILABLE');
    return reply.entries ?? [];
  }
  async commit(batch) {
    await this.#ask({ do: 'commit', changes: [...batch] }, 'STORE_UNAVAILABLE');
  }
  async close() {
    try {
      await this.#ask({ do: 'close' }, 'STORE_UNAVAILABLE');
    } finally {
      await this.#worker.terminate();
    }
  }
  async #ask(request, otherwise) {
    const reply = await this.#send(request).catch((error) => {
      throw new Problem(otherwise, `${this.name}: ${reasonOf(error)}`, {}, error);
    });
    if (!reply.ok) {
      throw new Problem(meanings[reply.code] ?? otherwise, `${this.name}: ${reply.message}`);
    }
    return reply;
  }
  #send(request) {
    if (this.#end !== null) {
      return Promise.reject(this.#end);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }
  #fail(error) {
    this.#end ??= error;
    for (const { reject } of this.#waiting.splice(0)) {
      reject(this.#end);
    }
  }
}

// ipam-server/store/open.ts
async function openStore(text, sqliteWorker) {
  const [, kind, place = ''] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  if (kind === 'memory' && place === '') {
    return new MemoryStore();
  }
  if (kind === 'sqlite' && place !== '') {
    return SqliteStore.open(place, sqliteWorker);
  }
  throw new Problem('SERVER_FLAGS_INVALID', `--store "${text}" is neither sqlite:FILE nor memory:`);
}

// ipam-server/tokens.ts
import { readFileSync } from 'node:fs';
// schema/token.ts
import { Type as Type16 } from 'typebox';
import { Compile as Compile2 } from 'typebox/compile';
import { parse as parse3 } from 'yaml';

var role = Type16.String({
  pattern: '^(admin|viewer|node:[a-z0-9]([-a-z0-9.]*[a-z0-9])?)$',
  description: 'admin, viewer or node:<name>',
});
var TokenFile = Type16.Object(
  {
    tokens: Type16.Array(
      Type16.Union([
        Type16.Object(
          { token: Type16.String({ minLength: 1, maxLength: 4096 }), role },
          { additionalProperties: false },
        ),
        Type16.Object(
          { tokenSha256: Type16.String({ pattern: '^[0-9a-fA-F]{64}$' }), role },
          { additionalProperties: false },
        ),
      ]),
    ),
  },
  { additionalProperties: false },
);

// ipam-server/tokens.ts
var validator = Compile2(TokenFile);
function readTokens(file) {
  const content = contentOf(file);
  const entries = isTokenList(content) ? content.tokens : [];
  for (const [index, entry] of entries.entries()) {
    checkEntry(file, index, entry);
  }
  if (!validator.Check(content)) {
    throw new Problem(
      'TOKEN_FILE_INVALID',
      `${file}: it is not a mapping with the one field "tokens", a list`,
    );
  }
  return content;
}
function contentOf(file) {
  try {
    return parse3(readFileSync(file, 'utf8'), { prettyErrors: false });
  } catch (error) {
    throw new Problem('TOKEN_FILE_INVALID', `${file}: ${reasonOf(error)}`, {}, error);
  }
}
function isTokenList(content) {
  return (
    typeof content === 'object' && content !== null && 'tokens' in content && Array.isArray(content.tokens)
  );
}
function checkEntry(file, index, entry) {
  if (validator.Check({ tokens: [entry] })) {
    return;
  }
  const role = typeof entry === 'object' && entry !== null && 'role' in entry ? entry.role : undefined;
  const hasToken = { tokens: [{ token: 'x', role }] };
  const reason = validator.Check(hasToken)
    ? 'it needs either "token" or "tokenSha256" (64 hexadecimal digits), and "role"'
    : `the role ${JSON.stringify(role) ?? '(none)'} is none of admin, viewer, node:<name>`;
  throw new Problem('TOKEN_FILE_INVALID', `${file}: tokens[${index}]: ${reason}`);
}

// ipam-server/main.ts
var sqliteWorker = new URL('sqlite-worker.js', import.meta.url);
function readTls({ tlsCert, tlsKey }) {
  if (tlsCert === undefined || tlsKey === undefined) {
    return null;
  }
  try {
    return { cert: readFileSync2(tlsCert, 'utf8'), key: readFileSync2(tlsKey, 'utf8') };
  } catch (error) {
    throw new Problem('SERVER_FLAGS_INVALID', `the TLS files cannot be read: ${reasonOf(error)}`, {}, error);
  }
}
function urlOf(scheme, { host }, port) {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
async function main() {
  const flags = parseFlags(process.argv.slice(2));
  const log = makeLog(flags.logLevel);
  const authenticator = flags.tokens === undefined ? null : new TokenTable(readTokens(flags.tokens));
  const tls = readTls(flags);
  const store = await openStore(flags.store, sqliteWorker);
  const metrics = new Metrics(
    () =>
      keeper.peek(
        (ledger, now) =>
          new Map(Array.from(ledger.networks, ([name, network]) => [name, usageOf(network, now)])),
      ) ?? new Map(),
  );
  const keeper = await Keeper.start(store, {
    now: Date.now,
    id: randomUUID,
    onCommit: (records, seconds) => {
      metrics.commitSeconds.observe(seconds);
      metrics.commitRecords.observe(records);
    },
    onStoreError: (error) => {
      metrics.storeErrors.inc();
      log.error('the store failed', { store: store.name, reason: reasonOf(error) });
    },
  });
  let stopping = false;
  const app = await httpServer({ keeper, metrics, log, authenticator, tls, isStopping: () => stopping });
  const metricsPort = flags.metricsListen === undefined ? null : metricsServer(metrics);
  stopOnSignal(log, {
    begin: () => {
      stopping = true;
    },
    drain: async () => {
      metricsPort?.close();
      await app.close();
      await keeper.close();
    },
    cut: () => app.server.closeAllConnections(),
  });
  metricsPort?.listen(flags.metricsListen);
  await app.listen({ ...flags.listen });
  const bound = app.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : flags.listen.port;
  log.info('ready', { store: store.name, ...flags.listen, port });
  process.stdout.write(`realip-ipam-server ready on ${urlOf(tls ? 'https' : 'http', flags.listen, port)}
`);
}
main().catch((error) => {
  if (error instanceof CommanderError2 && error.exitCode === 0) {
    process.exit(0);
  }
  const advice = error instanceof Problem ? ` ${error.kind.advice}` : '';
  process.stderr.write(`realip-ipam-server: ${reasonOf(error)}.${advice}
`);
  process.exit(1);
});

//# debugId=5C352FECEA6A8C7264756E2164756E21
//# sourceMappingURL=.ipam-server.js.map
