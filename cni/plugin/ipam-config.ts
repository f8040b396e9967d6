import type { Family } from '../../core/address/ip.ts';
import type { Fields } from '../../core/cni/fields.ts';
import { present } from '../../core/cni/present.ts';
import { Problem } from '../../core/problem/problem.ts';
import { longestSocketPath } from '../http/place.ts';

/** The `ipam` section of the configuration; under another plugin's type nothing but that. */
export interface IpamConfig {
  readonly type: string;
  /** Path of the socket of the node's agent, which is asked before the servers. */
  readonly agent?: string;
  /** How long an ADD waits for an address that the agent is just making sure of. */
  readonly reserveWaitMs: number;
  /** URLs of the server without a slash at the end, in the order in which they are tried. */
  readonly servers: readonly string[];
  readonly tokenFile?: string;
  readonly caFile?: string;
  /** How long a call may wait for the servers, all of them together. */
  readonly timeoutMs: number;
  /** This node's name at the server; absent: NODE_NAME, else the host's name. */
  readonly node?: string;
  readonly families?: readonly Family[];
  readonly subnet?: string;
  readonly stateDir: string;
}

const defaultTimeoutMs = 3_000;
/** Of several servers one may hold a call until it leads in place of a dead one, which takes it some 4 s. */
const defaultTimeoutOfSeveralMs = 8_000;
const defaultReserveWaitMs = 8_000;
const defaultStateDir = '/var/lib/realip';

export const ipamKeys = [
  'type',
  'agent',
  'server',
  'tokenFile',
  'caFile',
  'timeoutMs',
  'reserveWaitMs',
  'node',
  'families',
  'subnet',
  'stateDir',
];

/** Reports whether a type means another plugin than ours. */
export function isDelegatedTo(type: string): boolean {
  return type !== '' && type !== 'realip-ipam';
}

/** The name of the reference plugin that leases and lets go of an address by the pod's own interface. */
const dhcp = 'dhcp';

/** Reports whether an IPAM plugin speaks by the pod's interface, which so has its MAC before its address. */
export function speaksByInterface(plugin: string): boolean {
  return plugin === dhcp;
}

export function readIpamConfig(fields: Fields): IpamConfig {
  const type = fields.text('type') ?? '';
  if (isDelegatedTo(type)) {
    const [timeoutMs, reserveWaitMs] = [defaultTimeoutMs, defaultReserveWaitMs];
    return { type, servers: [], timeoutMs, reserveWaitMs, stateDir: defaultStateDir };
  }
  const servers = readServers(fields);
  const usualMs = servers.length > 1 ? defaultTimeoutOfSeveralMs : defaultTimeoutMs;
  const families = fields.raw('families') === undefined ? undefined : fields.listOf('families', readFamily);
  return {
    type,
    servers,
    timeoutMs: fields.integer('timeoutMs', 1, 600_000) ?? usualMs,
    reserveWaitMs: fields.integer('reserveWaitMs', 1, 600_000) ?? defaultReserveWaitMs,
    stateDir: fields.text('stateDir') ?? defaultStateDir,
    ...present({
      agent: fields.parsed('agent', readSocketPath),
      tokenFile: fields.text('tokenFile'),
      caFile: fields.text('caFile'),
      node: fields.text('node'),
      families,
      subnet: fields.text('subnet'),
    }),
  };
}

/** Reports whether there is anybody who could be asked for addresses. */
export function hasSource({ type, agent, servers }: IpamConfig): boolean {
  return isDelegatedTo(type) || agent !== undefined || servers.length > 0;
}

function readSocketPath(text: string): string {
  if (
    !text.startsWith('/') ||
    text.includes('\0') ||
    new TextEncoder().encode(text).length > longestSocketPath
  ) {
    const words = `"${text}" is no path of a socket: it begins with "/" and has ${longestSocketPath} octets at most`;
    throw new Problem('INVALID_NETWORK_CONFIG', words);
  }
  return text;
}

/** `server` is one URL or a list of them. */
function readServers(fields: Fields): string[] {
  if (Array.isArray(fields.raw('server'))) {
    return fields.listOf('server', readUrl);
  }
  const url = fields.parsed('server', readUrl);
  return url === undefined ? [] : [url];
}

function readUrl(text: string): string {
  // new URL() would take `localhost:8080` for a scheme; a path is refused rather than silently dropped.
  const bare = text.endsWith('/') ? text.slice(0, -1) : text;
  const scheme = ['http://', 'https://'].find((each) => bare.startsWith(each)) ?? '';
  if (scheme === '' || !isAuthority(bare.slice(scheme.length))) {
    throw new Problem('INVALID_NETWORK_CONFIG', `"${text}" is no URL such as https://10.9.0.5:8443`);
  }
  return bare;
}

/** Host and port, as far as a look tells: nothing before them, nothing behind. */
function isAuthority(text: string): boolean {
  for (const sign of text) {
    if ('/?#@'.includes(sign) || sign.trim() === '') {
      return false;
    }
  }
  return text !== '';
}

function readFamily(text: string): Family {
  if (text !== 'ipv4' && text !== 'ipv6') {
    throw new Problem('INVALID_NETWORK_CONFIG', `"${text}" is no family; write "ipv4" or "ipv6"`);
  }
  return text;
}
