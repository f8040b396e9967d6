import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { Problem } from '../core/problem/problem.ts';
import about from '../package.json' with { type: 'json' };
import { demand, oneLine } from '../service/demand.ts';
import { isLoopback, type ListenAddress, parseListen } from '../service/listen.ts';
import { logLevels } from '../service/log.ts';
import type { EtcdFlags } from './store/etcd/endpoint.ts';
import { etcdOptions } from './store/etcd/options.ts';

/** The server's flags. */
export interface Flags extends EtcdFlags {
  readonly listen: ListenAddress;
  readonly store: string;
  /** Where other servers of the same etcd reach this one. */
  readonly advertiseUrl?: string;
  readonly tokens?: string;
  readonly kube?: boolean;
  readonly kubeNodes: 'keep' | 'off';
  readonly tokenAudience: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecureHttp?: boolean;
  readonly metricsListen?: ListenAddress;
  readonly metricsRanges: number;
  readonly maxConnections: number;
  /** Milliseconds; absent: never. */
  readonly fenceSilentAfter?: number;
  /** Milliseconds that events are kept. */
  readonly retention: number;
  readonly logLevel: string;
}

function command(): Command {
  const program = new Command('realip-ipam-server')
    .description('The ledger of real addresses for Kubernetes pods.')
    .option('--listen <host:port>', 'where to answer calls', parseListen, parseListen('127.0.0.1:8080'))
    .version(`realip-ipam-server ${about.version}`, '--version', 'print the version')
    .option('--store <store>', 'sqlite:FILE, etcd:URL[,URL…], or memory: (forgets all at its end)')
    .option(
      '--advertise-url <url>',
      'with etcd: where the other servers reach this one; default: where it listens',
      parseUrl,
    )
    .option(
      '--tokens <file>',
      'who may call (YAML); may be absent with --kube, or on loopback: every caller is then admin',
    )
    .option('--kube', 'know service accounts and pods, by KUBECONFIG or from inside the cluster')
    .addOption(
      new Option(
        '--kube-nodes <what>',
        'with --kube: keep labels, taint and capacity of the cluster’s nodes as the ledger has them, or write nothing',
      )
        .choices(['keep', 'off'])
        .default('keep'),
    )
    .option('--token-audience <name>', 'what tokens of service accounts must be made for', 'realip')
    .option('--tls-cert <file>', 'certificate chain in PEM')
    .option('--tls-key <file>', 'its private key in PEM')
    .option('--insecure-http', 'beyond loopback without TLS: tokens and addresses travel in the clear')
    .option('--metrics-listen <host:port>', 'a plain port for /metrics alone, without token', parseListen)
    .option(
      '--metrics-ranges <n>',
      'so many ranges have metrics of their own, the rest are told in sum; 0: none',
      parseCount,
      1_000,
    )
    .option(
      '--max-connections <n>',
      'so many connections at a time; the file limit (ulimit -n) must allow them',
      parseCount,
      10_000,
    )
    .option(
      '--fence-silent-after <duration>',
      'fence a node whose agent has not synced for so long, such as 10m or 2h; default: never',
      parseDuration,
    )
    .option(
      '--retention <duration>',
      'how long events are kept for history and audit, such as 90d, 12h, 30m',
      parseDuration,
      parseDuration('90d'),
    )
    .addOption(
      new Option('--log-level <level>', 'least important level logged to stderr')
        .choices([...logLevels])
        .default('info'),
    )
    .exitOverride();
  for (const option of etcdOptions()) {
    program.addOption(option);
  }
  return program;
}

/** `http://HOST:PORT` or `https://HOST:PORT`. */
function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || `${url.pathname}${url.search}` !== '/') {
    throw new InvalidArgumentError(`"${text}" is not http://HOST:PORT or https://HOST:PORT.`);
  }
  return url.origin;
}

function parseCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) {
    throw new InvalidArgumentError(`"${text}" is no number between 0 and 999999.`);
  }
  return Number(text);
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A duration in milliseconds, at least a minute: agents sync each ten seconds, and a few may be lost.
 */
function parseDuration(text: string): number {
  const [, number, unit = ''] = /^([1-9][0-9]{0,5})([smhd])$/.exec(text) ?? [];
  const milliseconds = Number(number) * (units[unit] ?? Number.NaN);
  if (!(milliseconds >= 60_000)) {
    throw new InvalidArgumentError(
      `"${text}" is no duration of at least a minute, such as 90s, 10m, 2h, 1d.`,
    );
  }
  return milliseconds;
}

/**
 * @param args the command line after the program's name
 * @throws Problem FLAG_INVALID
 * @throws CommanderError with exit code 0 after --help
 */
export function parseFlags(args: readonly string[]): Flags {
  const program = command().configureOutput({ writeErr: () => {} });
  try {
    demand(program.parse(args, { from: 'user' }), '--store');
    const flags = program.opts<Flags>();
    checkTogether(flags);
    return flags;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0) {
      throw new Problem('FLAG_INVALID', oneLine(error), {}, error);
    }
    throw error;
  }
}

function checkTogether(flags: Flags): void {
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined)) {
    throw new Problem('FLAG_INVALID', '--tls-cert and --tls-key go together');
  }
  const { advertiseUrl } = flags;
  if (advertiseUrl !== undefined && advertiseUrl.startsWith('https:') !== (flags.tlsCert !== undefined)) {
    throw new Problem(
      'FLAG_INVALID',
      `--advertise-url is ${advertiseUrl}, and this server answers otherwise`,
    );
  }
  if (isLoopback(flags.listen)) {
    return;
  }
  const where = `--listen ${flags.listen.host}:${flags.listen.port} is reachable from other machines`;
  if (flags.tokens === undefined && flags.kube !== true) {
    throw new Problem('FLAG_INVALID', `${where}: give --tokens or --kube, so that not everybody is admin`);
  }
  if (flags.tlsCert === undefined && flags.insecureHttp !== true) {
    throw new Problem('FLAG_INVALID', `${where}: give --tls-cert and --tls-key, or --insecure-http`);
  }
}
