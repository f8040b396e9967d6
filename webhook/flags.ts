import { Command } from 'commander';
import { Problem } from '../core/problem/problem.ts';
import about from '../package.json' with { type: 'json' };
import { demand } from '../service/demand.ts';
import { type ListenAddress, parseListen } from '../service/listen.ts';
import { logLevels } from '../service/log.ts';
import { configMapNamed } from './kube/policy-config-map.ts';
import type { LedgerSettings } from './ledger/ledger-client.ts';
import { type LedgerFlags, ledgerSettings } from './ledger/settings.ts';
import { addOwnCaOptions, type OwnCaOptions, ownCaFlagsOf, ownCaSettings } from './own-ca/flags.ts';
import type { OwnCaSettings } from './own-ca/settings.ts';

export interface Flags {
  readonly listen: ListenAddress;
  readonly policy: string;
  /** Where the certificate comes from: two files, or the Secret that the webhook keeps itself. */
  readonly certificate:
    | { readonly files: readonly [cert: string, key: string] }
    | { readonly ownCa: OwnCaSettings };
  readonly kube: boolean;
  readonly repair: boolean;
  /** The IPAM servers that /validate asks, or null. */
  readonly ledger: LedgerSettings | null;
  readonly logLevel: string;
}

interface Options extends OwnCaOptions, LedgerFlags {
  readonly listen: string;
  readonly policy: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly kube: boolean;
  readonly repair: boolean;
  readonly logLevel: string;
}

const commandsHelp = `
Commands, each with its own --help:
  serve      answer reviews; what it does without a command's name, too
  explain    say which zone pods would be placed in, and why
  test       hold a policy against cases: pods, and what must become of them
`;

/**
 * @param args what stands behind the program's name
 * @throws Problem FLAG_INVALID; CommanderError after --help, and for what commander refuses and says
 */
export function parseFlags(args: readonly string[]): Flags {
  const command = addOwnCaOptions(new Command('realip-webhook'))
    .description('Places pods in their zone as they are created: the admission webhook of realip.')
    .version(`realip-webhook ${about.version}`, '--version', 'print the version')
    .option('--listen <host:port>', 'address to serve HTTPS on', '0.0.0.0:9443')
    .option(
      '--policy <file>',
      'the zones and rules, as YAML; read again when it changes; or configmap:NAMESPACE/NAME[/KEY], with --kube',
    )
    .option('--tls-cert <file>', 'certificate (chain), PEM; read again when it changes')
    .option('--tls-key <file>', 'private key of the certificate, PEM')
    .option('--kube', 'know the labels of namespaces, by KUBECONFIG or from inside the cluster', false)
    .option(
      '--repair',
      'tell of pods that slipped through, and evict them as the policy says; needs --kube',
      false,
    )
    .option('--ipam-server <url[,url]>', 'ask the IPAM server about addresses that pods want')
    .option('--ipam-token-file <file>', 'the token to ask with; read at each question')
    .option('--ipam-ca-file <file>', 'who may sign the IPAM server’s certificate, PEM')
    .option('--log-level <level>', 'error, warn, info or debug', 'info')
    .addHelpText('after', commandsHelp)
    .allowExcessArguments(false)
    .exitOverride()
    .parse([...args], { from: 'user' });
  demand(command, '--policy');
  const options = command.opts<Options>();
  if (!logLevels.some((level) => level === options.logLevel)) {
    const known = logLevels.join(', ');
    throw new Problem('FLAG_INVALID', `--log-level is "${options.logLevel}"; known are ${known}`);
  }
  if (options.repair && !options.kube) {
    throw new Problem('FLAG_INVALID', '--repair needs --kube');
  }
  const alone = options.ownCa ? [] : ownCaFlagsOf(command);
  if (alone.length > 0) {
    throw new Problem('FLAG_INVALID', `${alone.join(', ')}: of no use without --own-ca`);
  }
  if (configMapNamed(options.policy) !== null && !options.kube) {
    throw new Problem('FLAG_INVALID', `--policy ${options.policy} needs --kube`);
  }
  return {
    listen: parseListen(options.listen),
    policy: options.policy,
    certificate: certificateOf(options),
    kube: options.kube,
    repair: options.repair,
    ledger: ledgerSettings(options),
    logLevel: options.logLevel,
  };
}

function certificateOf(options: Options): Flags['certificate'] {
  const { tlsCert, tlsKey, ownCa } = options;
  if (ownCa) {
    if (tlsCert !== undefined || tlsKey !== undefined) {
      throw new Problem(
        'FLAG_INVALID',
        '--own-ca makes the certificate: --tls-cert and --tls-key go without it',
      );
    }
    return { ownCa: ownCaSettings(options) };
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new Problem('FLAG_INVALID', 'give --tls-cert and --tls-key, or --own-ca');
  }
  return { files: [tlsCert, tlsKey] };
}
