import { Problem } from '../../core/problem/problem.ts';
import { formats } from '../../schema/format.ts';
import { type ListenAddress, parseListen } from '../../service/listen.ts';

/** The flags of `realip agent` as they were typed. */
export interface AgentFlags {
  readonly server?: string;
  readonly node?: string;
  readonly zone?: string;
  readonly socket: string;
  readonly state: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly shareCredentials?: boolean;
  readonly master?: string;
  readonly reserve?: string;
  readonly metricsListen?: string;
  readonly criSocket?: string;
  readonly conf: string;
  readonly logLevel: string;
}

/** What of the installed conf list concerns the agent. */
export interface InstalledConf {
  /** The network's. */
  readonly name: string;
  readonly mtu?: number;
  readonly master?: string;
  readonly ipam: {
    readonly servers: readonly string[];
    readonly tokenFile?: string;
    readonly caFile?: string;
    readonly node?: string;
  };
}

/** A file that is kept the same as another. */
export interface Copy {
  readonly from: string;
  readonly to: string;
  /** Of the copy. */
  readonly mode: number;
}

/** What the agent does, defaults filled in. */
export interface Settings {
  /** URLs without a slash at the end. */
  readonly servers: readonly string[];
  readonly node: string;
  /** In which it registers this node where the server doesn't know it. */
  readonly zone?: string;
  readonly socket: string;
  readonly stateDir: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  /** Its credentials, where the conf list says that the plugin reads them. */
  readonly copies: readonly Copy[];
  /** Absent: the device of the default route. */
  readonly master?: string;
  /** Warm addresses a subnet; absent: adaptive. */
  readonly reserve?: number;
  readonly metricsListen?: ListenAddress;
  /** Of the runtime; absent: the first of the usual ones that is there, if one is. */
  readonly criSocket?: string;
  /** The installed network, and its pods' MTU where that isn't the master's. */
  readonly network?: { readonly name: string; readonly mtu?: number };
  readonly logLevel: string;
}

/** So many addresses the server lets a node hold in all. */
const largestReserve = 4096;

/**
 * @param installed the conf list of this node, where one is installed: it says what flags leave out
 * @param host what the node is called, when neither flag nor conf list says so
 * @throws Problem FLAG_INVALID, AGENT_MASTER_DIFFERS
 */
export function settingsOf(flags: AgentFlags, installed: InstalledConf | undefined, host: string): Settings {
  const { server, zone, socket, state, logLevel, metricsListen } = flags;
  const servers = server === undefined ? (installed?.ipam.servers ?? []) : server.split(',').map(readUrl);
  if (servers.length === 0) {
    throw new Problem('FLAG_INVALID', '--server is missing, and no conf list is installed that names one');
  }
  const master = flags.master ?? installed?.master;
  if (installed?.master !== undefined && master !== installed.master) {
    const detail = `--master ${master}, and ${flags.conf} has "master": "${installed.master}"`;
    throw new Problem('AGENT_MASTER_DIFFERS', detail);
  }
  const tokenFile = flags.tokenFile ?? installed?.ipam.tokenFile;
  const caFile = flags.caFile ?? installed?.ipam.caFile;
  return {
    servers,
    node: checked('--node', 'dns-1123-subdomain', flags.node ?? installed?.ipam.node ?? host),
    socket,
    stateDir: absolute('--state', state),
    logLevel,
    copies: flags.shareCredentials === true ? copiesOf({ tokenFile, caFile }, installed) : [],
    ...(zone === undefined ? {} : { zone: checked('--zone', 'dns-1123-subdomain', zone) }),
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(master === undefined ? {} : { master: checked('--master', 'device-name', master) }),
    ...(flags.reserve === undefined ? {} : { reserve: readReserve(flags.reserve) }),
    ...(flags.criSocket === undefined ? {} : { criSocket: absolute('--cri-socket', flags.criSocket) }),
    ...(installed === undefined ? {} : { network: networkOf(installed) }),
    ...(metricsListen === undefined ? {} : { metricsListen: parseListen(metricsListen) }),
  };
}

/** @throws Problem FLAG_INVALID where the conf list names no file for the plugin's token */
function copiesOf(
  own: Readonly<Record<'tokenFile' | 'caFile', string | undefined>>,
  installed?: InstalledConf,
): Copy[] {
  const { tokenFile, caFile } = installed?.ipam ?? {};
  if (tokenFile === undefined) {
    const words =
      '--share-credentials needs a conf list that says where the plugin reads its token (ipam.tokenFile)';
    throw new Problem('FLAG_INVALID', words);
  }
  return [
    { from: own.tokenFile, to: tokenFile, mode: 0o600 },
    { from: own.caFile, to: caFile, mode: 0o644 },
  ].flatMap(({ from, to, mode }) =>
    from === undefined || to === undefined || from === to ? [] : [{ from, to, mode }],
  );
}

function networkOf({ name, mtu }: InstalledConf): NonNullable<Settings['network']> {
  return { name, ...(mtu === undefined ? {} : { mtu }) };
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isServer = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (
    url === undefined ||
    !isServer ||
    url.pathname !== '/' ||
    `${url.search}${url.hash}${url.username}` !== ''
  ) {
    throw new Problem('FLAG_INVALID', `--server: "${text}" is no URL such as https://10.9.0.5:8443`);
  }
  return text.endsWith('/') ? text.slice(0, -1) : text;
}

function checked(flag: string, format: 'dns-1123-subdomain' | 'device-name', text: string): string {
  try {
    formats[format](text);
    return text;
  } catch (error) {
    throw new Problem('FLAG_INVALID', `${flag}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function absolute(flag: string, path: string): string {
  if (!path.startsWith('/')) {
    throw new Problem('FLAG_INVALID', `${flag}: "${path}" is no absolute path`);
  }
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function readReserve(text: string): number {
  const number = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= largestReserve)) {
    throw new Problem('FLAG_INVALID', `--reserve: "${text}" is no number from 0 to ${largestReserve}`);
  }
  return number;
}
